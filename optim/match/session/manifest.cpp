#include "optim/match/session/manifest.h"

#include "dsp/error.h"
#include "dsp/model/knob_map.h"
#include "dsp/model/read_knobs.h"
#include "optim/data/audio_file.h"
#include "optim/data/read_file.h"
#include "optim/report/text.h"

#include <algorithm>
#include <map>

namespace raphson::optim::match {
namespace {

namespace fs = std::filesystem;
using dsp::Field;
using dsp::in_quotes;
using dsp::Json;

fs::path beside(const fs::path& file, const Field& field) {
  const std::string text = field.text();
  if (text.empty()) field.fail("it is empty; the name of a recording is expected");
  return file.parent_path() / text; // an absolute one stays as it is
}

/// Reports of `raphson capture split`, each read once.
class CaptureReports {
public:
  void find(const fs::path& file, const Field& field, std::optional<double> number, SessionTake& take) {
    const std::string name = file.string();
    auto found = reports_.find(name);
    if (found == reports_.end())
      found = reports_.emplace(name, dsp::parse_json(data::read_file(file), name)).first;
    const Field report(found->second, name);
    if (report.at("schema").text() != "raphson.capture.split/1")
      report.at("schema").fail(in_quotes(report.at("schema").text())
                               + " must be \"raphson.capture.split/1\": the report.json of capture split");
    const auto takes = report.at("takes").entries();
    if (!number && takes.size() != 1)
      field.fail(in_quotes(name) + " has " + std::to_string(takes.size())
                 + " takes: say which by \"take\", its number");
    for (const Field& entry : takes) {
      if (number && entry.at("number").number(1, 1e6) != *number) continue;
      take.dry = beside(file, entry.at("dry"));
      take.wet = beside(file, entry.at("wet"));
      return;
    }
    field.fail("the capture " + in_quotes(name) + " has no take " + dsp::short_number(number.value_or(1))
               + ", only " + std::to_string(takes.size()) + "; was it cut short?");
  }

private:
  std::map<std::string, Json> reports_;
};

dsp::KnobSetting read_setting(const Field& field, const std::vector<dsp::Knob>& knobs) {
  std::vector<std::string> keys;
  for (const dsp::Knob& knob : knobs) keys.push_back(knob.key);
  field.only(keys, "knob");
  dsp::KnobSetting setting;
  for (const dsp::Knob& knob : knobs) setting.push_back(dsp::read_position(field.at(knob.key), knob));
  return setting;
}

SessionTake read_take(const Field& field, const Session& session, CaptureReports& captures) {
  SessionTake take;
  if (const auto capture = field.find("capture")) {
    field.only({"capture", "take", "knobs"});
    const auto number = field.find("take");
    captures.find(beside(session.file, *capture), number ? *number : *capture,
                  number ? std::optional(number->number(1, 1e6)) : std::nullopt, take);
  } else {
    field.only({"dry", "wet", "knobs"});
    take.dry = beside(session.file, field.at("dry"));
    take.wet = beside(session.file, field.at("wet"));
  }
  take.knobs = read_setting(field.at("knobs"), session.knobs);
  return take;
}

Direction read_direction(const Field& field) {
  const std::string word = field.text();
  for (const Direction known : {Direction::free, Direction::falling, Direction::rising})
    if (word == to_string(known)) return known;
  field.fail("unknown " + in_quotes(word) + "; known are \"rising\", \"falling\" and \"free\"");
}

std::vector<MonotoneRule> read_rules(const Field& field, const Session& session) {
  std::vector<std::string> keys, names;
  for (const dsp::Knob& knob : session.knobs) keys.push_back(knob.key);
  for (std::size_t i = 0; i < session.chain.size(); ++i) names.push_back(session.chain.name(i));
  field.only(keys, "knob");
  std::vector<MonotoneRule> rules;
  for (std::size_t k = 0; k < keys.size(); ++k) {
    const auto entry = field.find(keys[k]);
    if (!entry) continue;
    if (session.knobs[k].is_switch()) entry->fail("it is a switch, whose positions have no order");
    entry->only(names, "parameter");
    for (std::size_t i = 0; i < names.size(); ++i)
      if (const auto direction = entry->find(names[i])) rules.push_back({k, i, read_direction(*direction)});
  }
  return rules;
}

/// A knob without two positions says nothing of how the unit answers to it.
void check_moving(const Session& session) {
  for (std::size_t k = 0; k < session.knobs.size(); ++k) {
    if (session.knobs[k].is_switch()) continue; // the map misses its other positions by name
    const double first = session.takes.front().knobs[k];
    if (std::ranges::all_of(session.takes, [&](const SessionTake& t) { return t.knobs[k] == first; }))
      throw InputError(session.file.string() + ": knobs[" + std::to_string(k)
                       + "]: " + in_quotes(session.knobs[k].key) + " stands at " + dsp::short_number(first)
                       + " in every take: remove the knob, or record another of its positions");
  }
}

void check_recorded_once(const Session& session) {
  std::map<fs::path, const SessionTake*> wet;
  for (const SessionTake& take : session.takes) {
    const auto [earlier, fresh] = wet.emplace(take.wet.lexically_normal(), &take);
    if (!fresh)
      throw InputError(session.file.string() + ": " + take.field + ": the wet recording " + take.wet.string()
                       + " is that of " + earlier->second->field + " ("
                       + describe(session.knobs, earlier->second->knobs) + "), too");
  }
}

/// The takes as rows of a table: what is no map is told by KnobMap.
void check_map(const Session& session) {
  dsp::Model model{session.name, session.chain, session.knobs, {}, session.interpolation, {}};
  for (const SessionTake& take : session.takes)
    model.table.push_back({take.knobs, session.chain.values(), {}});
  try {
    dsp::KnobMap map(model);
  } catch (const InputError& error) {
    std::string text = error.what();
    const bool twice = text.find("the same knob positions") != text.npos;
    const auto replace = [&](const std::string& from, const std::string& to) {
      for (std::size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size())
        text.replace(at, from.size(), to);
    };
    replace("table", "takes");
    replace("no row", "no take");
    if (twice) text += ": one take a setting; join its recordings, or remove one";
    throw InputError(session.file.string() + ": " + text);
  }
}

} // namespace

const char* to_string(Direction direction) {
  if (direction == Direction::free) return "free";
  return direction == Direction::falling ? "falling" : "rising";
}

std::size_t Session::continuous_knobs() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(knobs, [](const dsp::Knob& knob) { return !knob.is_switch(); }));
}

Session read_session(const fs::path& file, const std::string& model) {
  const std::string name = file.string();
  const Json json = dsp::parse_json(data::read_file(file), name);
  const Field top(json, name);
  if (const Field format = top.at("format"); format.text() != "raphson-session")
    format.fail(in_quotes(format.text()) + " must be \"raphson-session\"");
  top.at("version").number(1, 1);
  top.only({"format", "version", "name", "model", "knobs", "interpolation", "monotone", "takes"});

  Session session;
  session.file = file;
  session.name = top.at("name").text();
  if (session.name.empty() || session.name.starts_with(".") || session.name.find('/') != std::string::npos)
    top.at("name").fail(in_quotes(session.name) + " must be a plain name: the model's file is called by it");
  try {
    const auto field = top.find("model");
    session.chain = dsp::parse_chain(field ? field->text() : model);
  } catch (const InputError& error) {
    throw InputError(name + ": model: " + error.what());
  }
  session.knobs = dsp::read_knobs(top.at("knobs"));
  if (session.knobs.empty()) top.at("knobs").fail("it is empty; for a unit without knobs, match DRY WET");
  const auto word = top.find("interpolation");
  session.interpolation = word                              ? dsp::read_interpolation(*word)
                          : session.continuous_knobs() == 1 ? dsp::Interpolation::monotone
                                                            : dsp::Interpolation::linear;
  if (const auto rules = top.find("monotone")) session.rules = read_rules(*rules, session);

  CaptureReports captures;
  const auto takes = top.at("takes").entries();
  if (takes.empty()) top.at("takes").fail("it is empty; a take for each setting is expected");
  for (const Field& entry : takes) {
    session.takes.push_back(read_take(entry, session, captures));
    session.takes.back().field = "takes[" + std::to_string(session.takes.size() - 1) + "]";
  }
  check_moving(session);
  check_map(session);
  check_recorded_once(session);
  return session;
}

void check_session_recordings(const Session& session) {
  double rate = 0;
  for (const SessionTake& take : session.takes) {
    const auto open = [&](const fs::path& path) {
      try {
        return data::AudioReader(path).sample_rate();
      } catch (const InputError& error) {
        throw InputError(session.file.string() + ": " + take.field + ": " + error.what());
      }
    };
    const double dry_rate = open(take.dry);
    open(take.wet);
    if (rate == 0) rate = dry_rate;
    if (dry_rate != rate)
      throw InputError(session.file.string() + ": " + take.field + ": " + take.dry.string() + " has "
                       + dsp::short_number(dry_rate) + " Hz, the dry recording of takes[0] "
                       + dsp::short_number(rate) + " Hz: all dry recordings need one sample rate");
  }
}

std::string describe(const std::vector<dsp::Knob>& knobs, const dsp::KnobSetting& setting) {
  std::string text;
  for (std::size_t k = 0; k < knobs.size(); ++k) {
    text += (text.empty() ? "" : ", ") + knobs[k].name + " ";
    text += knobs[k].is_switch() ? knobs[k].positions[static_cast<std::size_t>(setting[k])]
                                 : report::format_significant(setting[k], 6);
  }
  return text;
}

} // namespace raphson::optim::match
