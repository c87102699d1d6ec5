// From the text of a model file to a Model, each refusal naming the field.
#include "dsp/error.h"
#include "dsp/model/json_field.h"
#include "dsp/model/knob_map.h"
#include "dsp/model/model_file.h"
#include "dsp/model/read_knobs.h"

#include <algorithm>

namespace raphson::dsp {
namespace {

/// Parameters that joined a block later: files without them mean their initial value, which is "off".
bool may_be_absent(const Parameter& parameter) {
  const std::string_view name = parameter.name;
  return name == "knee_db" || name == "rms_ms" || name == "look_ahead_ms";
}

struct NamedParameter {
  std::string name;
  const Parameter* parameter;
};

std::vector<double> read_parameters(const Field& object, std::span<const NamedParameter> wanted) {
  std::vector<std::string> names;
  for (const NamedParameter& w : wanted) names.push_back(w.name);
  object.only(names, "parameter");
  std::vector<double> values;
  for (const auto& [name, parameter] : wanted) {
    const auto field = may_be_absent(*parameter) ? object.find(name) : object.at(name);
    values.push_back(field ? field->number(parameter->minimum, parameter->maximum, parameter->unit)
                           : parameter->initial);
  }
  return values;
}

BlockSettings read_block(const Field& field) {
  field.only({"type", "parameters"});
  const std::string type = field.at("type").text();
  for (const BlockType known : {BlockType::compressor, BlockType::equaliser}) {
    if (type != to_string(known)) continue;
    std::vector<NamedParameter> wanted;
    for (const Parameter& p : parameters(known)) wanted.push_back({p.name, &p});
    return {known, read_parameters(field.at("parameters"), wanted)};
  }
  field.at("type").fail("unknown block " + in_quotes(type) + "; known are \"compressor\" and \"eq\"");
}

ChainSettings read_chain(const Field& list) {
  ChainSettings chain;
  for (const Field& entry : list.entries()) {
    chain.blocks.push_back(read_block(entry));
    const auto same = [&](const BlockSettings& block) { return block.type == chain.blocks.back().type; };
    if (std::count_if(chain.blocks.begin(), chain.blocks.end(), same) > 1)
      entry.fail("a second block of type " + in_quotes(to_string(chain.blocks.back().type))
                 + "; a chain has one");
  }
  if (chain.blocks.empty()) list.fail("it is empty; a chain has at least one block");
  return chain;
}

/// Fields that are not known are left alone: what a later version notes here changes no sound.
Provenance read_source(const Field& field) {
  Provenance source;
  const auto text = [&](const char* key, std::optional<std::string>& value) {
    if (const auto entry = field.find(key)) value = entry->text();
  };
  const auto number = [&](const char* key, std::optional<double>& value, double minimum) {
    if (const auto entry = field.find(key)) value = entry->number(minimum, 1e300);
  };
  text("dry", source.dry);
  text("wet", source.wet);
  number("sample_rate", source.sample_rate, 1);
  number("esr", source.esr, 0);
  number("delay_samples", source.delay_samples, -1e300);
  if (const auto entry = field.find("polarity_inverted")) source.polarity_inverted = entry->flag();
  text("date", source.date);
  text("program", source.program);
  text("citation", source.citation);
  return source;
}

TableRow read_row(const Field& field, const Model& model, std::span<const NamedParameter> parameters) {
  field.only({"knobs", "values", "source"});
  std::vector<std::string> keys;
  for (const Knob& knob : model.knobs) keys.push_back(knob.key);
  const Field knobs = field.at("knobs");
  knobs.only(keys, "knob");
  TableRow row;
  for (const Knob& knob : model.knobs) row.knobs.push_back(read_position(knobs.at(knob.key), knob));
  row.values = read_parameters(field.at("values"), parameters);
  if (const auto source = field.find("source")) row.source = read_source(*source);
  return row;
}

std::vector<TableRow> read_table(const Field& list, const Model& model) {
  std::vector<NamedParameter> parameters;
  for (std::size_t i = 0; i < model.chain.size(); ++i)
    parameters.push_back({model.chain.name(i), &model.chain.parameter(i)});
  std::vector<TableRow> table;
  for (const Field& entry : list.entries()) table.push_back(read_row(entry, model, parameters));
  return table;
}

void check_format(const Field& file) {
  const Field format = file.at("format");
  if (format.text() != "raphson-model") format.fail(in_quotes(format.text()) + " must be \"raphson-model\"");
  const Field version = file.at("version");
  const double number = version.number(-1e300, 1e300);
  const std::string known = std::to_string(model_file_version);
  if (number > model_file_version)
    version.fail(short_number(number) + " is newer than this program, which reads " + known);
  if (number != model_file_version)
    version.fail(short_number(number) + " is unknown; this program reads " + known);
}

} // namespace

Model parse_model(std::string_view text, const std::string& name_for_errors) {
  const Json json = parse_json(text, name_for_errors);
  const Field file(json, name_for_errors);
  check_format(file);
  file.only({"format", "version", "name", "chain", "knobs", "table", "interpolation", "source"});
  Model model;
  model.name = file.at("name").text();
  if (model.name.empty()) file.at("name").fail("it is empty");
  model.chain = read_chain(file.at("chain"));
  if (const auto field = file.find("knobs")) model.knobs = read_knobs(*field);
  if (const auto field = file.find("table")) model.table = read_table(*field, model);
  if (const auto field = file.find("interpolation")) model.interpolation = read_interpolation(*field);
  if (const auto field = file.find("source")) model.source = read_source(*field);
  try {
    KnobMap map(model);
  } catch (const InputError& error) {
    throw InputError(name_for_errors + ": " + error.what());
  }
  return model;
}

} // namespace raphson::dsp
