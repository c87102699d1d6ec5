// The update rules by their settings and by name.
#include "dsp/error.h"
#include "optim/engine/first_order.h"

namespace raphson::optim {
namespace {

template <class... Case> struct Overloaded : Case... { using Case::operator()...; };

const std::vector<std::pair<const char*, RuleSettings>>& named_rules() {
  static const std::vector<std::pair<const char*, RuleSettings>> rules{
      {"sgd", SgdSettings{}},
      {"momentum", SgdSettings{.momentum = 0.9}},
      {"nesterov", SgdSettings{.momentum = 0.9, .nesterov = true}},
      {"adagrad", AdaGradSettings{}},
      {"rmsprop", RmsPropSettings{}},
      {"adam", AdamSettings{}},
      {"adamax", AdaMaxSettings{}},
      {"soap", SoapSettings{}},
      {"shampoo", ShampooSettings{}},
      {"m-fac", MFacSettings{}},
      {"langevin", LangevinSettings{}}};
  return rules;
}

} // namespace

template <class Scalar>
std::unique_ptr<UpdateRule<Scalar>> make_rule(const RuleSettings& settings, const ParameterBlocks& blocks) {
  using Rule = std::unique_ptr<UpdateRule<Scalar>>;
  return std::visit(
      Overloaded{
          [&](const SgdSettings& s) -> Rule { return std::make_unique<SgdRule<Scalar>>(blocks, s); },
          [&](const AdaGradSettings& s) -> Rule {
            return std::make_unique<SquareRootRule<Scalar>>(blocks, s);
          },
          [&](const RmsPropSettings& s) -> Rule {
            return std::make_unique<SquareRootRule<Scalar>>(blocks, s);
          },
          [&](const AdamSettings& s) -> Rule { return std::make_unique<AdamRule<Scalar>>(blocks, s); },
          [&](const AdaMaxSettings& s) -> Rule { return std::make_unique<AdaMaxRule<Scalar>>(blocks, s); },
          [&](const SoapSettings& s) -> Rule { return std::make_unique<SoapRule<Scalar>>(blocks, s); },
          [&](const ShampooSettings& s) -> Rule { return std::make_unique<ShampooRule<Scalar>>(blocks, s); },
          [&](const MFacSettings& s) -> Rule { return std::make_unique<MFacRule<Scalar>>(blocks, s); },
          [&](const LangevinSettings& s) -> Rule {
            return std::make_unique<LangevinRule<Scalar>>(blocks, s);
          }},
      settings);
}
template std::unique_ptr<UpdateRule<float>> make_rule(const RuleSettings&, const ParameterBlocks&);
template std::unique_ptr<UpdateRule<double>> make_rule(const RuleSettings&, const ParameterBlocks&);

const char* name_of(const RuleSettings& settings) {
  if (const auto* sgd = std::get_if<SgdSettings>(&settings))
    return sgd->nesterov ? "nesterov" : sgd->momentum > 0 ? "momentum" : "sgd";
  for (const auto& [name, rule] : named_rules())
    if (rule.index() == settings.index()) return name;
  return "unknown";
}

RuleSettings rule_named(std::string_view name) {
  std::string names;
  for (const auto& [known, rule] : named_rules()) {
    if (name == known) return rule;
    names += (names.empty() ? "" : ", ") + std::string(known);
  }
  throw InputError("optimiser '" + std::string(name) + "' is unknown, there are " + names);
}

double learning_rate_of(const RuleSettings& settings) {
  return std::visit([](const auto& s) { return s.learning_rate; }, settings);
}

RuleSettings with_learning_rate(RuleSettings settings, double learning_rate) {
  std::visit([&](auto& s) { s.learning_rate = learning_rate; }, settings);
  return settings;
}

} // namespace raphson::optim
