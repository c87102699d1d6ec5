#include "optim/match/match_state.h"

#include "dsp/error.h"
#include "optim/engine/fingerprint.h"
#include "optim/report/text.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace raphson::optim::match {
namespace {

using nlohmann::json;

constexpr const char* schema = "raphson.match.state/1";

void check_same(const json& file, const MatchIdentity& identity) {
  const auto require = [&](const char* name, const std::string& here, const char* what) {
    const std::string there = file.at(name).get<std::string>();
    if (there != here)
      throw InputError(std::string("it belongs to another ") + what + " (" + there + ", not " + here
                       + "): move it away, or name another --out");
  };
  require("program", identity.program, "version of the program");
  require("dry", identity.dry, "dry recording");
  require("wet", identity.wet, "wet recording");
  require("options", identity.options, "match");
}

MatchState read(const json& file) {
  MatchState state;
  state.chain = dsp::parse_chain(file.at("model").get<std::string>());
  std::vector<double> values = state.chain.values();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const dsp::Parameter& p = state.chain.parameter(i);
    values[i] = file.at("parameters").at(state.chain.name(i)).get<double>();
    if (!(values[i] >= p.minimum && values[i] <= p.maximum))
      throw InputError(state.chain.name(i) + " is out of its range");
  }
  state.chain.set_values(values);
  state.alignment = {file.at("delay_samples").get<double>(), file.at("polarity_inverted").get<bool>(),
                     file.at("correlation").get<double>()};
  if (!std::isfinite(state.alignment.delay_samples)) throw InputError("its delay is not finite");
  return state;
}

} // namespace

std::string recording_identity(const data::Audio& audio) {
  Fingerprint samples;
  for (const std::vector<float>& channel : audio.channels) samples.add(std::span(channel));
  return report::format_significant(audio.sample_rate, 9) + " Hz, " + std::to_string(audio.channels.size())
         + " x " + std::to_string(audio.frames()) + " frames, " + samples.hex();
}

std::string options_identity(const MatchOptions& options) {
  return options.model + (options.mode == Mode::inverse ? ", inverse" : ", forward")
         + (options.pre_emphasis ? "" : ", no pre-emphasis")
         + (options.delay_samples ? ", delay " + report::format_significant(*options.delay_samples, 17) : "")
         + (options.chunks.only.empty()
                ? ""
                : ", " + std::to_string(options.chunks.only.size()) + " stretches of the recording");
}

std::string state_text(const MatchState& state, const MatchIdentity& identity) {
  json parameters;
  const std::vector<double> values = state.chain.values();
  for (std::size_t i = 0; i < values.size(); ++i) parameters[state.chain.name(i)] = values[i];
  const json file{{"schema", schema},
                  {"program", identity.program},
                  {"dry", identity.dry},
                  {"wet", identity.wet},
                  {"options", identity.options},
                  {"model", to_string(state.chain)},
                  {"parameters", parameters},
                  {"delay_samples", state.alignment.delay_samples},
                  {"polarity_inverted", state.alignment.inverted},
                  {"correlation", state.alignment.correlation}};
  return file.dump(2) + "\n";
}

MatchState parse_state(const std::string& text, const MatchIdentity& identity,
                       const std::filesystem::path& path) {
  try {
    const json file = json::parse(text);
    if (file.at("schema") != schema) throw InputError(std::string("it is no ") + schema);
    check_same(file, identity);
    return read(file);
  } catch (const json::exception&) {
    throw InputError(path.string() + ": it is no state of a match, or a damaged one");
  } catch (const InputError& error) {
    throw InputError(path.string() + ": " + error.what());
  }
}

} // namespace raphson::optim::match
