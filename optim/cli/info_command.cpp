// raphson info MODEL: what a model file holds, for people.
#include "dsp/model/knob_map.h"
#include "dsp/model/model_file.h"
#include "optim/cli/command.h"
#include "optim/cli/setting_options.h"
#include "optim/report/table.h"
#include "optim/report/text.h"

#include <nlohmann/json.hpp>

#include <iostream>

namespace raphson::cli {
namespace {

using namespace raphson::optim;
using report::format_significant;

struct Options {
  std::filesystem::path model;
  SettingOptions settings;
};

report::Table parameter_table(const dsp::ChainSettings& chain) {
  report::Table table{{{"block"},
                       {"parameter"},
                       {"value", report::Align::right},
                       {"", report::Align::left},
                       {"range"},
                       {"name"}},
                      {}};
  const std::vector<double> values = chain.values();
  std::size_t i = 0;
  for (const dsp::BlockSettings& block : chain.blocks) {
    if (block.type == dsp::BlockType::gru_makeup)
      table.rows.push_back({dsp::to_string(block.type), "units", std::to_string(block.gru.units), "",
                            std::to_string(block.gru.values.size()) + " weights",
                            "trained at " + format_significant(block.gru.sample_rate, 6) + " Hz"});
    for (const dsp::Parameter& p : dsp::parameters(block.type)) {
      table.rows.push_back({dsp::to_string(block.type), p.label, format_significant(values[i], 6), p.unit,
                            format_significant(p.minimum, 6) + " to " + format_significant(p.maximum, 6),
                            chain.name(i)});
      ++i;
    }
  }
  return table;
}

report::Table knob_table(const dsp::Model& model) {
  report::Table table{{{"knob"}, {"positions"}, {"initial"}, {"key"}}, {}};
  for (const dsp::Knob& knob : model.knobs) {
    std::string positions;
    for (const std::string& position : knob.positions)
      positions += (positions.empty() ? "" : ", ") + position;
    if (!knob.is_switch())
      positions = format_significant(knob.minimum, 6) + " to " + format_significant(knob.maximum, 6)
                  + (knob.unit.empty() ? "" : " " + knob.unit);
    table.rows.push_back({knob.name, positions, position_text(knob, knob.initial), knob.key});
  }
  return table;
}

report::Table source_table(const dsp::Provenance& source) {
  report::Table table{{{"", report::Align::left}, {"", report::Align::left}}, {}};
  const auto text = [&](const char* label, const std::optional<std::string>& value) {
    if (value) table.rows.push_back({label, *value});
  };
  const auto number = [&](const char* label, const std::optional<double>& value, const char* unit) {
    if (value) table.rows.push_back({label, format_significant(*value, 6) + unit});
  };
  text("Dry", source.dry);
  text("Wet", source.wet);
  number("Rate", source.sample_rate, " Hz");
  number("ESR", source.esr, "");
  number("Delay", source.delay_samples, " samples");
  if (source.polarity_inverted)
    table.rows.push_back({"Polarity", *source.polarity_inverted ? "inverted" : "kept"});
  text("Date", source.date);
  text("Program", source.program);
  text("Citation", source.citation);
  return table;
}

void run(const Options& options, const Common& common) {
  dsp::Model model = dsp::read_model(options.model);
  if (common.json && options.settings.knobs.empty() && options.settings.parameters.empty()) {
    std::cout << dsp::to_json(model) << std::flush;
    return;
  }
  model.chain = apply(options.settings, model);
  if (common.json) {
    std::cout << dsp::to_json(model) << std::flush;
    return;
  }
  std::cout << model.name << " (" << dsp::to_string(model.chain) << ")\n\n"
            << to_text(parameter_table(model.chain));
  if (!model.knobs.empty())
    std::cout << '\n'
              << to_text(knob_table(model)) << "\nTable of " << model.table.size() << " settings, "
              << dsp::to_string(model.interpolation) << " in between\n";
  if (const report::Table source = source_table(model.source); !source.rows.empty())
    std::cout << '\n' << to_text(source);
  std::cout << std::flush;
}

Action set_up(CLI::App& app, Common& common) {
  auto o = std::make_shared<Options>();
  app.add_option("MODEL", o->model, "A model file, *.raphson.json")->required();
  add_setting_options(app, o->settings);
  return [o, &common] { run(*o, common); };
}

const Registration registration{
    {"Models", "info", "Show what a model file holds", set_up, "assets/models/la2a.raphson.json"}};

} // namespace
} // namespace raphson::cli
