// What a host keeps with its project: both slots, what is for listening, and the window.
//
//   {"format": "raphson-session", "version": 2, "models": [a model file's content, ...], "slot": 0,
//   "program": 0,
//    "slots": [{"model": 0, "controls": {...}, "knobs": {...}, "overrides": {...}, "preset": "Vocal"}, ...],
//    "bypass": false, "delta": false, "window": [900, 600]}
//
// Version 1 had one sound, its fields at the top and the model in place of its number; it is read into both
// slots. Fields that a version lacks are initial; a newer version, and all else, is refused.
#pragma once

#include "plugin/state/sound.h"

#include <string>
#include <string_view>

namespace raphson::plugin {

inline constexpr int session_version = 2;

struct Session {
  Sound slots[2];
  int slot = 0;    ///< the one that sounds
  int program = 0; ///< the host's number of the last preset from the factory
  bool bypass = false, delta = false;
  int window_width = 0, window_height = 0; ///< 0: not yet known
};

std::string session_text(const Session& session);

/// Throws InputError, naming the field.
Session parse_session(std::string_view text);

} // namespace raphson::plugin
