#include "plugin/state/played_model.h"

#include <algorithm>

namespace raphson::plugin {

EffectiveValues::EffectiveValues(LoadedModelPtr model, const HostParameters& host)
    : model_(std::move(model)), knobs_(host.knobs()), experts_(host.of_chain(model_->model.chain)) {}

void EffectiveValues::at_knobs(std::span<double> values) const noexcept {
  std::array<double, knob_count> setting{};
  const auto& knobs = model_->model.knobs;
  for (std::size_t k = 0; k < knobs.size(); ++k) setting[k] = knob_position(knobs[k], knobs_[k]->value());
  model_->map.evaluate(std::span(setting).first(knobs.size()), values);
}

void EffectiveValues::compute(std::span<double> values) const noexcept {
  at_knobs(values);
  put_overrides(values);
}

void EffectiveValues::put_overrides(std::span<double> values) const noexcept {
  for (std::size_t i = 0; i < experts_.size(); ++i)
    if (experts_[i]->is_overridden()) values[i] = experts_[i]->value();
}

std::array<float, knob_count> EffectiveValues::knob_values() const noexcept {
  std::array<float, knob_count> values;
  std::transform(knobs_.begin(), knobs_.end(), values.begin(),
                 [](const KnobParameter* knob) { return knob->value(); });
  return values;
}

PlayedModel::PlayedModel(LoadedModelPtr model, const HostParameters& host)
    : SwitchedEngine(model->model.chain), host_(host), number_(host.model_number()),
      effective_(std::move(model), host), at_knobs_(effective_.size()), values_(effective_.size()) {
  knobs_.fill(-1); // nowhere yet
}

void PlayedModel::update() noexcept {
  if (host_.model_number() != number_) return;
  if (const auto knobs = effective_.knob_values(); knobs != knobs_) {
    knobs_ = knobs;
    effective_.at_knobs(at_knobs_);
  }
  std::copy(at_knobs_.begin(), at_knobs_.end(), values_.begin());
  effective_.put_overrides(values_);
  engine.set(host_.controls(), values_);
}

} // namespace raphson::plugin
