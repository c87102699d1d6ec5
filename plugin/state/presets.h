// Presets: those of the factory, in the plugin itself, and the user's, a file each in one folder.
//
//   {"format": "raphson-preset", "version": 1, "name": "Vocal", "model": {a model file's content} or "la2a",
//    "controls": {"mix": 80}, "knobs": {"peak_reduction": 60}, "overrides": {"ratio": 3}}
#pragma once

#include "plugin/state/sound.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace raphson::plugin {

/// Throws InputError, naming file and field.
Sound parse_preset(std::string_view text, const std::string& file);
std::string preset_text(const Sound& sound);

/// Message thread.
class Presets {
public:
  struct Entry {
    std::string name;
    bool is_factory;
    std::filesystem::path file; ///< of a user's
  };

  /// current: what sounds; play: makes a sound the one that sounds.
  Presets(std::filesystem::path folder, std::function<Sound()> current,
          std::function<void(const Sound&)> play);

  /// The factory's in their order, then the user's by name.
  const std::vector<Entry>& list() const { return list_; }
  std::size_t factory_count() const { return factory_.size(); }
  /// Index of the one that sounds, -1 where there is none, and whether it has been changed since.
  int current() const;
  bool is_modified() const;

  /// Throw InputError where the file is gone or no preset, the name cannot be a file's or is the factory's;
  /// nothing has changed then.
  void load(std::size_t index);
  void next();
  void previous();
  void save(const std::string& name);
  void remove(const std::string& name);

  /// Looks into the folder again.
  void refresh();
  const std::filesystem::path& folder() const { return folder_; }

  /// ~/.config/Raphson/presets on Linux, the user's folder for it elsewhere.
  static std::filesystem::path default_folder();

private:
  int find(const std::string& name) const;
  void step(int by);
  Sound read(std::size_t index) const;

  std::filesystem::path folder_;
  std::function<Sound()> current_;
  std::function<void(const Sound&)> play_;
  std::vector<Sound> factory_;
  std::vector<Entry> list_;
  mutable std::optional<Sound> reference_; ///< the preset that sounds, as it was loaded
};

} // namespace raphson::plugin
