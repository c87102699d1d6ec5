// --knob NAME=VALUE and --set NAME=VALUE: a model's chain with its knobs turned and its parameters changed.
#pragma once

#include "dsp/model/model.h"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace raphson::cli {

struct SettingOptions {
  std::vector<std::string> knobs, parameters;
};

void add_setting_options(CLI::App& app, SettingOptions& options);

/// The chain at the knobs' positions (their initial ones unless turned), with the parameters that were set.
/// Throws InputError naming the option for what the model does not have and values out of range.
dsp::ChainSettings apply(const SettingOptions& options, const dsp::Model& model);

/// How a value reads: "70", or a switch's position, "Compress".
std::string position_text(const dsp::Knob& knob, double value);

} // namespace raphson::cli
