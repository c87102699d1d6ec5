#include "plugin/state/played_model.h"

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
  for (std::size_t i = 0; i < experts_.size(); ++i)
    if (experts_[i]->is_overridden()) values[i] = experts_[i]->value();
}

PlayedModel::PlayedModel(LoadedModelPtr model, const HostParameters& host)
    : SwitchedEngine(model->model.chain), host_(host), number_(host.model_number()),
      effective_(std::move(model), host), values_(effective_.size()) {}

void PlayedModel::update() noexcept {
  if (host_.model_number() != number_) return;
  effective_.compute(values_);
  engine.set(host_.controls(), values_);
}

} // namespace raphson::plugin
