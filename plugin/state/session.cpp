#include "plugin/state/session.h"

#include "plugin/state/sound_json.h"

#include <algorithm>

namespace raphson::plugin {
namespace {

const std::string name = "the session";
constexpr int largest_window = 16384;

Sound read_slot(const dsp::Field& field, LoadedModelPtr model) {
  Sound sound = read_sound(field, std::move(model));
  if (const auto preset = field.find("preset")) sound.preset = preset->text();
  return sound;
}

int read_count(const dsp::Field& field, double maximum) { return static_cast<int>(field.number(0, maximum)); }

Session read_version_1(const dsp::Json& json, const dsp::Field& file) {
  Session session;
  file.at("model");
  session.slots[0] = session.slots[1] = read_slot(file, read_model(json["model"], name + ": model"));
  return session;
}

Session read_version_2(const dsp::Json& json, const dsp::Field& file) {
  Session session;
  std::vector<LoadedModelPtr> models;
  for (std::size_t i = 0; i < file.at("models").entries().size(); ++i)
    models.push_back(read_model(json["models"][i], name + ": models[" + std::to_string(i) + "]"));
  const std::vector<dsp::Field> slots = file.at("slots").entries();
  if (models.empty() || slots.size() != 2) file.at("slots").fail("two slots with their models are needed");
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const int model = read_count(slots[i].at("model"), static_cast<double>(models.size() - 1));
    session.slots[i] = read_slot(slots[i], models[static_cast<std::size_t>(model)]);
  }
  if (const auto slot = file.find("slot")) session.slot = read_count(*slot, 1);
  if (const auto program = file.find("program")) session.program = read_count(*program, 1000);
  if (const auto bypass = file.find("bypass")) session.bypass = bypass->flag();
  if (const auto delta = file.find("delta")) session.delta = delta->flag();
  if (const auto window = file.find("window")) {
    const std::vector<dsp::Field> size = window->entries();
    if (size.size() != 2) window->fail("width and height are needed");
    session.window_width = read_count(size[0], largest_window);
    session.window_height = read_count(size[1], largest_window);
  }
  return session;
}

} // namespace

std::string session_text(const Session& session) {
  using Json = nlohmann::ordered_json;
  Json json{{"format", "raphson-session"}, {"version", session_version}};
  std::vector<std::string> models;
  Json slots = Json::array();
  json["models"] = Json::array();
  for (const Sound& sound : session.slots) {
    auto found = std::find(models.begin(), models.end(), sound.model->text);
    if (found == models.end()) {
      json["models"].push_back(model_json(*sound.model));
      found = models.insert(models.end(), sound.model->text);
    }
    Json slot{{"model", found - models.begin()}};
    put_sound(slot, sound);
    if (!sound.preset.empty()) slot["preset"] = sound.preset;
    slots.push_back(std::move(slot));
  }
  json["slots"] = std::move(slots);
  json["slot"] = session.slot;
  json["program"] = session.program;
  json["bypass"] = session.bypass;
  json["delta"] = session.delta;
  if (session.window_width > 0) json["window"] = {session.window_width, session.window_height};
  return json.dump();
}

Session parse_session(std::string_view text) {
  check_size(text, name);
  const dsp::Json json = dsp::parse_json(text, name);
  const dsp::Field file(json, name);
  return read_version(file, "raphson-session", session_version) == 1 ? read_version_1(json, file)
                                                                     : read_version_2(json, file);
}

} // namespace raphson::plugin
