#include "dsp/model/model_file.h"

#include "dsp/error.h"
#include "dsp/io/atomic_file.h"
#include "dsp/model/knob_map.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <type_traits>

namespace raphson::dsp {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// The double whose shortest decimal is the float's: 0.1 rather than 0.10000000149011612.
double shortest(float value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  double result = 0;
  std::from_chars(text, end, result);
  return result;
}

Json gru_json(const GruWeights& gru) {
  Json weights = Json::array();
  for (const float w : gru.values) weights.push_back(shortest(w));
  return {{"type", to_string(BlockType::gru_makeup)},
          {"units", gru.units},
          {"sample_rate", gru.sample_rate},
          {"weights", weights}};
}

Json chain_json(const ChainSettings& chain) {
  Json list = Json::array();
  for (const BlockSettings& block : chain.blocks) {
    if (block.type == BlockType::gru_makeup) {
      list.push_back(gru_json(block.gru));
      continue;
    }
    Json values = Json::object();
    const auto names = parameters(block.type);
    for (std::size_t i = 0; i < names.size(); ++i) values[names[i].name] = block.values[i];
    Json entry = {{"type", to_string(block.type)}};
    if (block.type == BlockType::dynamics)
      entry["structure"] = {{"smoothed", to_string(block.structure.smoothed)},
                            {"ballistics", to_string(block.structure.ballistics)},
                            {"topology", to_string(block.structure.topology)},
                            {"rectifier", to_string(block.structure.rectifier)}};
    if (block.fitted_rate > 0) entry["sample_rate"] = block.fitted_rate;
    entry["parameters"] = values;
    list.push_back(entry);
  }
  return list;
}

Json knob_position(const Knob& knob, double value) {
  if (!knob.is_switch()) return value;
  const auto index = static_cast<std::size_t>(value);
  if (!(value >= 0) || index >= knob.positions.size())
    throw InputError("the knob " + knob.key + " has no position " + std::to_string(value));
  return knob.positions[index];
}

Json knob_json(const Knob& knob) {
  Json json = {{"name", knob.name}, {"key", knob.key}};
  if (!knob.unit.empty()) json["unit"] = knob.unit;
  if (knob.is_switch())
    json["positions"] = knob.positions;
  else
    json.update({{"minimum", knob.minimum}, {"maximum", knob.maximum}});
  json["initial"] = knob_position(knob, knob.initial);
  return json;
}

Json source_json(const Provenance& source) {
  Json json = Json::object();
  const auto put = [&](const char* key, const auto& value) {
    if (value) json[key] = *value;
  };
  put("dry", source.dry);
  put("wet", source.wet);
  put("sample_rate", source.sample_rate);
  put("esr", source.esr);
  put("delay_samples", source.delay_samples);
  put("polarity_inverted", source.polarity_inverted);
  put("date", source.date);
  put("program", source.program);
  put("citation", source.citation);
  return json;
}

Json row_json(const Model& model, const TableRow& row) {
  Json knobs = Json::object(), values = Json::object();
  for (std::size_t k = 0; k < model.knobs.size(); ++k)
    knobs[model.knobs[k].key] = knob_position(model.knobs[k], row.knobs[k]);
  for (std::size_t i = 0; i < row.values.size(); ++i) values[model.chain.name(i)] = row.values[i];
  Json json = {{"knobs", knobs}, {"values", values}};
  if (const Json source = source_json(row.source); !source.empty()) json["source"] = source;
  return json;
}

/// One line; a name in an encoding other than UTF-8 keeps the letters that can be read.
std::string line(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// A list with an entry a line: a table stays readable, and a change shows as the lines that changed.
std::string lines(const Json& list) {
  std::string text;
  for (const Json& entry : list) text += (text.empty() ? "\n    " : ",\n    ") + line(entry);
  return "[" + text + "\n  ]";
}

} // namespace

std::string to_json(const Model& model) {
  KnobMap check_sizes(model);
  std::string text =
      "{\n  \"format\": \"raphson-model\",\n  \"version\": " + std::to_string(model_file_version);
  const auto put = [&](const char* key, const std::string& value) {
    text += ",\n  \"" + std::string(key) + "\": " + value;
  };
  put("name", line(model.name));
  put("chain", lines(chain_json(model.chain)));
  Json knobs = Json::array(), table = Json::array();
  for (const Knob& knob : model.knobs) knobs.push_back(knob_json(knob));
  for (const TableRow& row : model.table) table.push_back(row_json(model, row));
  if (!knobs.empty()) put("knobs", lines(knobs));
  if (!table.empty()) put("table", lines(table));
  put("interpolation", line(to_string(model.interpolation)));
  if (const Json source = source_json(model.source); !source.empty()) put("source", line(source));
  return text + "\n}\n";
}

void write_model(const fs::path& path, const Model& model) {
  const std::string text = to_json(model);
  try {
    parse_model(text, path.string());
  } catch (const InputError& error) {
    throw InputError(std::string("not written: ") + error.what());
  }
  write_file(path, text);
}

Model read_model(const fs::path& path) {
  const auto fail = [&](const std::string& why) {
    throw InputError("cannot read " + path.string() + ": " + why);
  };
  std::error_code code;
  const fs::file_status status = fs::status(path, code);
  if (!fs::exists(status)) fail(code ? code.message() : "no such file");
  if (fs::is_directory(status)) fail("it is a folder; a model file (*.raphson.json) is expected");
  if (!fs::is_regular_file(status)) fail("it is not a regular file");
  const auto bytes = fs::file_size(path, code);
  if (code) fail(code.message());
  if (bytes > max_model_file_bytes)
    fail("its " + std::to_string(bytes >> 20) + " MB are no model file, which has 16 MB at most");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(errno ? std::strerror(errno) : "it cannot be opened");
  std::string text(bytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(bytes));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return parse_model(text, path.string());
}

} // namespace raphson::dsp
