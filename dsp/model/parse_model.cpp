// From the text of a model file to a Model, each refusal naming the field.
#include "dsp/error.h"
#include "dsp/model/json_field.h"
#include "dsp/model/knob_map.h"
#include "dsp/model/model_file.h"
#include "dsp/model/read_knobs.h"

#include <algorithm>
#include <cmath>

namespace raphson::dsp {
namespace {

/// Parameters that joined a block later or belong to a feature: files without them mean their initial value,
/// which is "off".
bool may_be_absent(const Parameter& parameter) {
  const std::string_view name = parameter.name;
  if (name == "look_ahead_ms") return true;
  for (const DynamicsFeature& feature : dynamics_features)
    for (std::size_t i = feature.first; i < feature.first + feature.count; ++i)
      if (name == dynamics_parameters[i].name) return true;
  return false;
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

template <class Enum, std::size_t N>
Enum read_word(const Field& field, const std::array<std::string_view, N>& words) {
  const std::string text = field.text();
  std::string known;
  for (std::size_t i = 0; i < N; ++i) {
    if (text == words[i]) return static_cast<Enum>(i);
    known += (i == 0 ? "" : ", ") + in_quotes(std::string(words[i]));
  }
  field.fail("unknown " + in_quotes(text) + "; known are " + known);
}

DynamicsStructure read_structure(const Field& field) {
  field.only({"smoothed", "ballistics", "topology", "rectifier"});
  return {read_word<SmoothedQuantity>(field.at("smoothed"), smoothed_words),
          read_word<Ballistics>(field.at("ballistics"), ballistics_words),
          read_word<Topology>(field.at("topology"), topology_words),
          read_word<Rectifier>(field.at("rectifier"), rectifier_words)};
}

BlockSettings read_gru(const Field& field) {
  field.only({"type", "units", "sample_rate", "weights"});
  GruWeights gru;
  const double units = field.at("units").number(1, GruWeights::maximum_units);
  if (units != std::floor(units)) field.at("units").fail("it must be a whole number");
  gru.units = static_cast<int>(units);
  gru.sample_rate = field.at("sample_rate").number(1, 1e6, "Hz");
  const std::vector<Field> weights = field.at("weights").entries();
  const std::size_t wanted = GruWeights::count(gru.units);
  if (weights.size() != wanted)
    field.at("weights").fail("it holds " + std::to_string(weights.size()) + " weights; "
                             + std::to_string(gru.units) + " units have " + std::to_string(wanted));
  constexpr double largest = GruWeights::largest;
  for (const Field& weight : weights)
    gru.values.push_back(static_cast<float>(weight.number(-largest, largest)));
  return {BlockType::gru_makeup, {}, {}, gru};
}

BlockSettings read_block(const Field& field) {
  const std::string type = field.at("type").text();
  if (type == to_string(BlockType::gru_makeup)) return read_gru(field);
  for (const BlockType known : all_block_types) {
    if (type != to_string(known)) continue;
    BlockSettings block{known, {}};
    if (known == BlockType::dynamics) {
      field.only({"type", "structure", "parameters"});
      block.structure = read_structure(field.at("structure"));
    } else if (known == BlockType::rational) {
      field.only({"type", "sample_rate", "parameters"});
      if (const auto rate = field.find("sample_rate")) block.fitted_rate = rate->number(1, 1e6, "Hz");
    } else {
      field.only({"type", "parameters"});
    }
    std::vector<NamedParameter> wanted;
    for (const Parameter& p : parameters(known)) wanted.push_back({p.name, &p});
    block.values = read_parameters(field.at("parameters"), wanted);
    return block;
  }
  std::string known;
  for (const BlockType block : all_block_types)
    known += (known.empty() ? "" : ", ") + in_quotes(to_string(block));
  field.at("type").fail("unknown block " + in_quotes(type) + "; known are " + known);
}

ChainSettings read_chain(const Field& list) {
  ChainSettings chain;
  for (const Field& entry : list.entries()) {
    chain.blocks.push_back(read_block(entry));
    if (const std::string fault = chain_fault(chain); !fault.empty()) entry.fail("one too many: " + fault);
    try {
      check_corrections(chain);
    } catch (const InputError&) {
      entry.fail("a \"gru\" must directly follow the compressor whose gain it corrects");
    }
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
