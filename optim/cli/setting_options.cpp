#include "optim/cli/setting_options.h"

#include "dsp/error.h"
#include "dsp/model/knob_map.h"
#include "optim/report/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace raphson::cli {
namespace {

using optim::report::format_significant;

std::pair<std::string, std::string> split(const std::string& option, const std::string& text) {
  const std::size_t at = text.find('=');
  if (at == std::string::npos || at == 0)
    throw InputError(option + ": '" + text + "' must be NAME=VALUE, such as "
                     + (option == "--set" ? "threshold_db=-20" : "peak_reduction=70"));
  return {text.substr(0, at), text.substr(at + 1)};
}

double number(const std::string& where, const std::string& text, double minimum, double maximum,
              const std::string& unit) {
  double value = 0;
  const char* begin = text.data() + (text.starts_with("+") ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= minimum && value <= maximum))
    throw InputError(where + ": '" + text + "' must be a number from " + format_significant(minimum, 6)
                     + " to " + format_significant(maximum, 6) + (unit.empty() ? "" : " " + unit));
  return value;
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

double position(const std::string& where, const std::string& text, const dsp::Knob& knob) {
  if (!knob.is_switch()) return number(where, text, knob.minimum, knob.maximum, knob.unit);
  std::string known;
  for (std::size_t i = 0; i < knob.positions.size(); ++i) {
    if (lower(knob.positions[i]) == lower(text)) return static_cast<double>(i);
    known += (known.empty() ? "" : ", ") + knob.positions[i];
  }
  throw InputError(where + ": '" + text + "' must be one of " + known);
}

dsp::KnobSetting setting(const std::vector<std::string>& options, const dsp::Model& model) {
  dsp::KnobSetting setting = model.initial_setting();
  for (const std::string& option : options) {
    const auto [key, value] = split("--knob", option);
    const auto knob = std::find_if(model.knobs.begin(), model.knobs.end(),
                                   [&](const dsp::Knob& k) { return k.key == key || k.name == key; });
    if (knob == model.knobs.end()) {
      std::string known;
      for (const dsp::Knob& k : model.knobs) known += (known.empty() ? "it has " : ", ") + k.key;
      throw InputError("--knob: the model '" + model.name + "' has no knob '" + key + "'; "
                       + (known.empty() ? "it has none" : known));
    }
    setting[static_cast<std::size_t>(knob - model.knobs.begin())] = position("--knob " + key, value, *knob);
  }
  return setting;
}

} // namespace

void add_setting_options(CLI::App& app, SettingOptions& options) {
  app.add_option("--knob", options.knobs, "Turn a knob of the model; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  app.add_option("--set", options.parameters, "Change a parameter of its chain; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
}

dsp::ChainSettings apply(const SettingOptions& options, const dsp::Model& model) {
  dsp::ChainSettings chain = model.chain;
  std::vector<double> values =
      model.knobs.empty() ? chain.values() : dsp::chain_values(model, setting(options.knobs, model));
  if (model.knobs.empty()) setting(options.knobs, model); // refuses --knob
  for (const std::string& option : options.parameters) {
    const auto [name, text] = split("--set", option);
    std::size_t index = 0;
    try {
      index = chain.index(name);
    } catch (const InputError&) {
      std::string known;
      for (std::size_t i = 0; i < chain.size(); ++i) known += (i ? ", " : "") + chain.name(i);
      throw InputError("--set: the model '" + model.name + "' has no parameter '" + name + "'; it has "
                       + known);
    }
    const dsp::Parameter& p = chain.parameter(index);
    values[index] = number("--set " + name, text, p.minimum, p.maximum, p.unit);
  }
  chain.set_values(values);
  return chain;
}

std::string position_text(const dsp::Knob& knob, double value) {
  if (!knob.is_switch()) return format_significant(value, 6);
  const auto index = static_cast<std::size_t>(value);
  return index < knob.positions.size() ? knob.positions[index] : "?";
}

} // namespace raphson::cli
