#include "optim/match/session/state.h"

#include "dsp/error.h"
#include "dsp/io/atomic_file.h"
#include "dsp/model/json_field.h"
#include "optim/data/read_file.h"
#include "optim/report/text.h"

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>

namespace raphson::optim::match {
namespace {

using dsp::Json;

std::uint64_t fnv1a(std::string_view bytes) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash;
}

std::string hex(std::uint64_t value) {
  char text[32];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

/// NaN, where nothing was fitted, as null; infinity, where it is not determined, by name.
Json error_json(double error) {
  if (std::isnan(error)) return nullptr;
  return std::isinf(error) ? Json("infinite") : Json(error);
}

double error_of(const Json& json) {
  if (json.is_null()) return std::numeric_limits<double>::quiet_NaN();
  return json.is_string() ? std::numeric_limits<double>::infinity() : json.get<double>();
}

Json to_json(const SettingFit& f) {
  Json errors = Json::array(), warnings = Json::array();
  for (const double error : f.errors) errors.push_back(error_json(error));
  for (const std::string& warning : f.warnings) warnings.push_back(report::valid_utf8(warning));
  return {{"values", f.values},
          {"errors", errors},
          {"esr_before", f.esr_before},
          {"converged", f.converged},
          {"from_neighbour", f.from_neighbour},
          {"stop_reason", f.stop_reason},
          {"iterations", f.iterations},
          {"warnings", warnings},
          {"sample_rate", *f.source.sample_rate},
          {"esr", *f.source.esr},
          {"delay_samples", *f.source.delay_samples},
          {"polarity_inverted", *f.source.polarity_inverted},
          {"date", *f.source.date},
          {"program", *f.source.program}};
}

SettingFit fit_of(const Json& json) {
  SettingFit f;
  f.values = json.at("values").get<std::vector<double>>();
  for (const Json& error : json.at("errors")) f.errors.push_back(error_of(error));
  f.esr_before = json.at("esr_before");
  f.converged = json.at("converged");
  f.from_neighbour = json.at("from_neighbour");
  f.stop_reason = json.at("stop_reason");
  f.iterations = json.at("iterations");
  f.warnings = json.at("warnings").get<std::vector<std::string>>();
  f.source.sample_rate = json.at("sample_rate").get<double>();
  f.source.esr = json.at("esr").get<double>();
  f.source.delay_samples = json.at("delay_samples").get<double>();
  f.source.polarity_inverted = json.at("polarity_inverted").get<bool>();
  f.source.date = json.at("date").get<std::string>();
  f.source.program = json.at("program").get<std::string>();
  return f;
}

} // namespace

std::string FitKey::hash() const {
  return hex(fnv1a(dry + "\n" + wet + "\n" + options + "\n" + program + "\n" + start));
}

std::string file_hash(const std::filesystem::path& path) {
  const std::string bytes = data::read_file(path);
  return std::to_string(bytes.size()) + "-" + hex(fnv1a(bytes));
}

SettingFit setting_fit(const Recordings& recordings, const MatchResult& result, const std::string& program,
                       bool from_neighbour) {
  SettingFit f;
  f.values = result.chain.values();
  f.errors.assign(f.values.size(), std::numeric_limits<double>::quiet_NaN());
  for (const ParameterEstimate& p : result.parameters)
    f.errors[result.chain.index(p.name)] =
        p.determined ? p.standard_error : std::numeric_limits<double>::infinity();
  f.esr_before = result.esr_before;
  f.converged = result.converged;
  f.from_neighbour = from_neighbour;
  f.stop_reason = name_of(result.stop_reason);
  f.iterations = result.iterations;
  f.warnings = result.warnings;
  f.source = provenance(recordings, result, program);
  return f;
}

SessionState::SessionState(std::filesystem::path file, const Session& session)
    : file_(std::move(file)), session_(session) {
  if (!std::filesystem::exists(file_)) return;
  try {
    const Json json = Json::parse(data::read_file(file_));
    if (json.at("schema") != "raphson.session.state/1") throw InputError("another schema");
    if (json.at("name") != report::valid_utf8(session.name)) throw InputError("another unit");
    for (const auto& [setting, entry] : json.at("settings").items()) entries_[setting] = entry.dump();
  } catch (const std::exception&) {
    entries_.clear();
    note_ = file_.string() + " is no state of this session: every setting is fitted again";
  }
}

std::string SessionState::setting(std::size_t take) const {
  return report::valid_utf8(describe(session_.knobs, session_.takes[take].knobs));
}

std::optional<SettingFit> SessionState::find(std::size_t take, const FitKey& key, std::string& why) const {
  why.clear();
  const auto found = entries_.find(setting(take));
  if (found == entries_.end()) return {};
  try {
    const Json entry = Json::parse(found->second);
    const Json& made_of = entry.at("made_of");
    const auto changed = [&](const char* field, const std::string& now) { return made_of.at(field) != now; };
    if (changed("dry", key.dry))
      why = "its dry recording has changed";
    else if (changed("wet", key.wet))
      why = "its wet recording has changed";
    else if (changed("options", key.options))
      why = "the options have changed";
    else if (changed("program", key.program))
      why = "the program has changed";
    else if (changed("start", key.start))
      why = "the fit that it starts from has changed";
    if (!why.empty()) return {};
    SettingFit fit = fit_of(entry.at("fit"));
    fit.source.dry = session_.takes[take].dry.filename().string();
    fit.source.wet = session_.takes[take].wet.filename().string();
    if (fit.values.size() == session_.chain.size() && fit.errors.size() == fit.values.size()) return fit;
  } catch (const Json::exception&) {
  }
  why = "its state is damaged";
  return {};
}

void SessionState::put(std::size_t take, const FitKey& key, const SettingFit& fit) {
  const Json made_of{{"dry", key.dry},
                     {"wet", key.wet},
                     {"options", key.options},
                     {"program", key.program},
                     {"start", key.start}};
  entries_[setting(take)] = Json{{"made_of", made_of}, {"fit", to_json(fit)}}.dump();
  std::string text = "{\"schema\": \"raphson.session.state/1\",\n\"name\": "
                     + Json(report::valid_utf8(session_.name)).dump() + ",\n\"settings\": {";
  const char* separator = "\n";
  for (const auto& [name, entry] : entries_) {
    text += separator + Json(name).dump() + ": " + entry;
    separator = ",\n";
  }
  dsp::write_file(file_, text + "\n}}\n");
}

} // namespace raphson::optim::match
