#include "plugin/state/presets.h"

#include "dsp/error.h"
#include "dsp/io/atomic_file.h"
#include "dsp/model/model_file.h"
#include "plugin/state/sound_json.h"
#include "raphson_assets.h"

#include <juce_core/juce_core.h>

#include <algorithm>
#include <fstream>

namespace raphson::plugin {
namespace {

namespace fs = std::filesystem;

constexpr int preset_version = 1;
constexpr std::string_view extension = ".json";

std::string text_of(const fs::path& file) {
  std::error_code code;
  const auto bytes = fs::file_size(file, code);
  if (code) throw InputError("cannot read " + file.string() + ": " + code.message());
  if (bytes > dsp::max_model_file_bytes)
    throw InputError("cannot read " + file.string() + ": its " + std::to_string(bytes >> 20)
                     + " MB are no preset, which has 16 MB at most");
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw InputError("cannot read " + file.string() + ": it cannot be opened");
  std::string text(bytes, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(bytes));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

/// The embedded files whose names begin with a number and end in .json: 1-la-2a.json, 2-vocal.json, ...
std::vector<Sound> factory_presets() {
  std::map<std::string, std::string_view> files;
  for (int i = 0; i < raphson_assets::namedResourceListSize; ++i) {
    const char* const resource = raphson_assets::namedResourceList[i];
    const std::string file = raphson_assets::getNamedResourceOriginalFilename(resource);
    int bytes = 0;
    const char* const text = raphson_assets::getNamedResource(resource, bytes);
    if (std::isdigit(static_cast<unsigned char>(file[0])))
      files[file] = std::string_view(text, static_cast<std::size_t>(bytes));
  }
  std::vector<Sound> presets;
  for (const auto& [file, text] : files) presets.push_back(parse_preset(text, file));
  return presets;
}

/// What every file system takes and shows.
void check_name(const std::string& name) {
  if (name.empty()) throw InputError("a preset needs a name");
  if (name.size() > 100) throw InputError("the preset's name is too long; 100 bytes are allowed");
  const auto is_bad = [](char c) {
    return static_cast<unsigned char>(c) < 32
           || std::string_view("/\\:*?\"<>|").find(c) != std::string_view::npos;
  };
  if (name.front() == '.' || name.front() == ' ' || name.back() == ' ' || name.back() == '.'
      || std::any_of(name.begin(), name.end(), is_bad))
    throw InputError("the preset's name " + dsp::in_quotes(name)
                     + " must do as a file's: no / \\ : * ? \" < > |, no blank or dot at its ends");
}

} // namespace

Sound parse_preset(std::string_view text, const std::string& file) {
  check_size(text, file);
  const dsp::Json json = dsp::parse_json(text, file);
  const dsp::Field field(json, file);
  read_version(field, "raphson-preset", preset_version);
  field.only({"format", "version", "name", "model", "controls", "knobs", "overrides"});
  const dsp::Field model = field.at("model");
  LoadedModelPtr loaded;
  if (!json["model"].is_string())
    loaded = read_model(json["model"], file + ": model");
  else if (model.text() == "la2a")
    loaded = built_in_model();
  else
    model.fail("unknown " + dsp::in_quotes(model.text()) + "; known is \"la2a\", or a model file's content");
  Sound sound = read_sound(field, std::move(loaded));
  sound.preset = field.at("name").text();
  if (sound.preset.empty()) field.at("name").fail("it is empty");
  return sound;
}

std::string preset_text(const Sound& sound) {
  nlohmann::ordered_json json{
      {"format", "raphson-preset"}, {"version", preset_version}, {"name", sound.preset}};
  if (sound.model->text == built_in_model()->text)
    json["model"] = "la2a";
  else
    json["model"] = model_json(*sound.model);
  put_sound(json, sound);
  return json.dump(1) + "\n";
}

Presets::Presets(fs::path folder, std::function<Sound()> current, std::function<void(const Sound&)> play)
    : folder_(std::move(folder)), current_(std::move(current)), play_(std::move(play)),
      factory_(factory_presets()) {
  refresh();
}

fs::path Presets::default_folder() {
  const auto settings = juce::File::getSpecialLocation(juce::File::userApplicationDataDirectory);
  return fs::path(settings.getChildFile("Raphson/presets").getFullPathName().toStdString());
}

void Presets::refresh() {
  list_.clear();
  for (const Sound& sound : factory_) list_.push_back({sound.preset, true, {}});
  std::error_code code;
  for (fs::directory_iterator entry(folder_, code), end; !code && entry != end; entry.increment(code))
    if (entry->path().extension() == extension && entry->is_regular_file(code))
      list_.push_back({entry->path().stem().string(), false, entry->path()});
  std::sort(list_.begin() + static_cast<std::ptrdiff_t>(factory_.size()), list_.end(),
            [](const Entry& a, const Entry& b) { return a.name < b.name; });
}

int Presets::find(const std::string& name) const {
  const auto found =
      std::find_if(list_.begin(), list_.end(), [&](const Entry& entry) { return entry.name == name; });
  return found == list_.end() ? -1 : static_cast<int>(found - list_.begin());
}

Sound Presets::read(std::size_t index) const {
  if (index < factory_.size()) return factory_[index];
  const Entry& entry = list_.at(index);
  Sound sound = parse_preset(text_of(entry.file), entry.file.string());
  sound.preset = entry.name; // the file may have been renamed
  return sound;
}

int Presets::current() const { return find(current_().preset); }

bool Presets::is_modified() const {
  const Sound sound = current_();
  const int index = find(sound.preset);
  if (index < 0) return false;
  if (!reference_ || reference_->preset != sound.preset) {
    try {
      reference_ = read(static_cast<std::size_t>(index));
    } catch (const InputError&) {
      return true; // the file is gone or no preset any more
    }
  }
  return !same_sound(sound, *reference_);
}

void Presets::load(std::size_t index) {
  if (index >= list_.size()) throw InputError("there is no preset number " + std::to_string(index + 1));
  Sound sound = read(index);
  reference_ = sound;
  play_(sound);
}

void Presets::step(int by) {
  const int size = static_cast<int>(list_.size()), now = current();
  const int start = now < 0 && by < 0 ? 0 : now;
  load(static_cast<std::size_t>((start + by + size) % size));
}

void Presets::next() { step(1); }
void Presets::previous() { step(-1); }

void Presets::save(const std::string& name) {
  check_name(name);
  const auto is_same = [&](const Sound& preset) { return preset.preset == name; };
  if (std::any_of(factory_.begin(), factory_.end(), is_same))
    throw InputError(dsp::in_quotes(name) + " is a preset of the factory; choose another name");
  std::error_code code;
  fs::create_directories(folder_, code);
  if (code) throw InputError("cannot make the folder " + folder_.string() + ": " + code.message());
  Sound sound = current_();
  sound.preset = name;
  dsp::write_file(folder_ / (name + std::string(extension)), preset_text(sound));
  refresh();
  reference_ = sound;
  play_(sound); // the same, under its name
}

void Presets::remove(const std::string& name) {
  const int index = find(name);
  if (index < 0) throw InputError("there is no preset " + dsp::in_quotes(name));
  const Entry& entry = list_[static_cast<std::size_t>(index)];
  if (entry.is_factory) throw InputError(dsp::in_quotes(name) + " is a preset of the factory and stays");
  std::error_code code;
  fs::remove(entry.file, code);
  if (code) throw InputError("cannot remove " + entry.file.string() + ": " + code.message());
  refresh();
}

} // namespace raphson::plugin
