// From the host parameters to what sounds: the model's values at its knobs, except where overridden.
#pragma once

#include "plugin/engine/engine_switch.h"
#include "plugin/state/host_parameters.h"
#include "plugin/state/loaded_model.h"

namespace raphson::plugin {

class EffectiveValues {
public:
  EffectiveValues(LoadedModelPtr model, const HostParameters& host);

  std::size_t size() const { return experts_.size(); }
  const LoadedModelPtr& model() const { return model_; }
  const std::vector<ExpertParameter*>& experts() const { return experts_; } ///< of the chain's values

  /// Any thread, the audio thread too.
  void at_knobs(std::span<double> values) const noexcept;
  void compute(std::span<double> values) const noexcept;
  /// The second half of compute(): what is overridden put over the values at the knobs.
  void put_overrides(std::span<double> values) const noexcept;
  /// Where the knobs are, 0..1.
  std::array<float, knob_count> knob_values() const noexcept;

private:
  LoadedModelPtr model_;
  std::array<KnobParameter*, knob_count> knobs_;
  std::vector<ExpertParameter*> experts_;
};

/// The engine of a model, which reads the host's parameters before each block for as long as the model is the
/// loaded one; replaced by another it stays as it was while it fades out.
class PlayedModel final : public SwitchedEngine {
public:
  PlayedModel(LoadedModelPtr model, const HostParameters& host);
  void update() noexcept override;

private:
  const HostParameters& host_;
  const unsigned number_;
  EffectiveValues effective_;
  std::array<float, knob_count> knobs_;
  std::vector<double> at_knobs_,
      values_; ///< at_knobs_: of knobs_, worked out again only when they have moved
};

} // namespace raphson::plugin
