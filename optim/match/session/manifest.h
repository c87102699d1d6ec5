// A recording session: a unit with its knobs and the takes made at its settings, from a manifest (JSON;
// docs/sessions.md describes it).
//
// Everything here throws InputError, one line with the file and the field: a manifest that contradicts itself
// or leaves a setting out that the map from knobs to parameters would need.
#pragma once

#include "dsp/model/model.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace raphson::optim::match {

/// How a parameter moves while a knob turns from its minimum to its maximum.
enum class Direction { free, falling, rising };
const char* to_string(Direction direction);

struct MonotoneRule {
  std::size_t knob;
  std::size_t parameter; ///< of the chain
  Direction direction;
};

struct SessionTake {
  dsp::KnobSetting knobs;
  std::filesystem::path dry, wet;
  std::string field; ///< "takes[2]", for messages
};

struct Session {
  std::filesystem::path file;
  std::string name;
  std::vector<dsp::Knob> knobs;
  dsp::ChainSettings chain; ///< at its initial values
  dsp::Interpolation interpolation;
  std::vector<MonotoneRule> rules;
  std::vector<SessionTake> takes; ///< one a setting

  std::size_t continuous_knobs() const;
};

/// model: the chain where the manifest names none, as dsp::parse_chain reads it.
Session read_session(const std::filesystem::path& file, const std::string& model = "compressor");

/// Opens every recording: all are there, are audio, and the dry ones have one sample rate.
void check_session_recordings(const Session& session);

/// "Peak Reduction 40, Mode Limit".
std::string describe(const std::vector<dsp::Knob>& knobs, const dsp::KnobSetting& setting);

} // namespace raphson::optim::match
