// Compressors that nobody of this project wrote, as Debian ships them, each at five settings in common use,
// and dry recordings to play through them: what a match has to do with a unit whose inside it does not know.
//
// Make-up, mix, look-ahead and side-chain filters are off everywhere; a stereo plugin gets the same signal on
// both channels. Each target is what the plugin puts out once it has settled on silence.
#pragma once

#include "optim/data/audio_file.h"
#include "tests/host/not_installed.h"

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace raphson::blackbox {

enum class Api { ladspa, lv2 };

using Controls = std::vector<std::pair<std::string, float>>; ///< port by name (LADSPA) or symbol (LV2)

struct Setting {
  std::string name; ///< "levelling", "peaks", "limiting", "glue", "slow"
  Controls controls;
};

struct Plugin {
  std::string name;    ///< "sc4m"
  std::string package; ///< Debian's
  Api api;
  std::string place; ///< the library (LADSPA) or the URI (LV2)
  Controls fixed;    ///< the same at all settings
  std::vector<Setting> settings;
};

const std::vector<Plugin>& plugins();

struct Recording {
  std::string name;
  optim::data::Audio audio; ///< mono, peak at -3 dBFS
};

/// From assets/recordings: an instrumental, a full mix with drums, and 20 s of speech, brought to 48 kHz.
std::vector<Recording> recordings();

/// Throws host::NotInstalled where the plugin is missing, or was a host for it when this was built;
/// std::runtime_error where the plugin lacks a control that the table names.
optim::data::Audio render(const Plugin& plugin, const Setting& setting, const optim::data::Audio& dry);

} // namespace raphson::blackbox
