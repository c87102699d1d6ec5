// All parameters that a host sees, in their fixed order: the controls, knob1 .. knob8, and the expert values,
// which are the parameters of every block that a chain may have, whether or not the loaded model has it. A
// dynamics block shares those of the compressor that bear its parameters' names. What came later stands
// behind what there was, so that automation of old sessions finds its parameters.
#pragma once

#include "dsp/chain/chain.h"
#include "plugin/engine/controls.h"
#include "plugin/state/control_parameter.h"
#include "plugin/state/expert_parameter.h"
#include "plugin/state/knob_parameter.h"

namespace raphson::plugin {

inline constexpr std::size_t knob_count = 8;

/// The host parameter of a chain's value: "threshold_db", "eq_low_shelf_hz", "eq2_low_shelf_hz"; and
/// "model_look_ahead_ms", since look_ahead_ms is the control that comes on top of it.
std::string expert_id(const dsp::ChainSettings& chain, std::size_t index);

class HostParameters {
public:
  using Layout = juce::AudioProcessorValueTreeState::ParameterLayout;

  /// Creates them; the layout owns them, these are pointers into it.
  Layout create();

  /// Any thread, the audio thread too.
  Controls controls() const noexcept;

  /// In the control's own unit (mix in percent, oversampling 1, 2 or 4, a toggle 0 or 1).
  double control(std::size_t index) const noexcept;
  void set_control(std::size_t index, double value); ///< tells the host; message thread

  const std::array<KnobParameter*, knob_count>& knobs() const { return knobs_; }
  const std::vector<ExpertParameter*>& experts() const { return experts_; }
  /// Nothing where no expert value has this name.
  ExpertParameter* find_expert(const juce::String& id) const;
  /// One for each of the chain's values, in their order.
  std::vector<ExpertParameter*> of_chain(const dsp::ChainSettings& chain) const;

  /// Counts the models loaded: an engine of an earlier one no longer reads these parameters.
  unsigned model_number() const noexcept { return model_number_.load(std::memory_order_acquire); }
  void next_model() noexcept { model_number_.fetch_add(1, std::memory_order_acq_rel); }

  /// Audio thread: the host bypasses by itself, whatever the parameter says.
  void set_host_bypass(bool on) noexcept { host_bypass_.store(on, std::memory_order_relaxed); }

  juce::AudioParameterBool* bypass() const { return toggles_[control_index("bypass")]; }

private:
  std::unique_ptr<juce::RangedAudioParameter> create(std::size_t index);
  void create_experts(const char* chain, int version, Layout& layout);

  // By the index of the control; of each control one of these is there.
  std::array<ControlParameter*, control_specs.size()> values_{};
  std::array<juce::AudioParameterChoice*, control_specs.size()> choices_{};
  std::array<juce::AudioParameterBool*, control_specs.size()> toggles_{};
  std::array<KnobParameter*, knob_count> knobs_{};
  std::vector<ExpertParameter*> experts_;
  std::atomic<unsigned> model_number_{0};
  std::atomic<bool> host_bypass_{false};
};

} // namespace raphson::plugin
