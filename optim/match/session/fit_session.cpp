#include "optim/match/session/fit_session.h"

#include "dsp/error.h"
#include "optim/match/session/order.h"
#include "optim/report/text.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace raphson::optim::match {
namespace {

using report::format_significant;

std::string options_text(const Session& session, const MatchOptions& options) {
  std::string text = to_string(session.chain);
  text += options.mode == Mode::inverse ? " inverse" : " forward";
  text += options.pre_emphasis ? "" : " no-pre-emphasis";
  text += " starts=" + std::to_string(options.starts);
  text += " iterations=" + std::to_string(options.maximum_iterations);
  if (options.delay_samples) text += " delay=" + report::format_exact(*options.delay_samples);
  return text;
}

std::string where(const Session& session, const SessionTake& take) {
  return (session.file.empty() ? "" : session.file.string() + ": ") + take.field + ": ";
}

Recordings read(const Session& session, const SessionTake& take, const SessionObserver& observer) {
  try {
    return read_recordings(take.dry, take.wet, observer.phase);
  } catch (const InputError& error) {
    throw InputError(where(session, take) + error.what());
  }
}

SettingFit fit_once(const Session& session, const SessionTake& take, const MatchOptions& options,
                    const std::string& program, const SessionObserver& observer) {
  Recordings recordings = read(session, take, observer);
  try {
    const MatchResult result = match_in_place(recordings, options, observer.match);
    return setting_fit(recordings, result, program, options.start.has_value());
  } catch (const InputError& error) {
    throw InputError(where(session, take) + error.what());
  }
}

/// The neighbour's ESR says what to expect; below a millionth all fits are exact.
bool suspicious(const SettingFit& fit, const SettingFit& neighbour) {
  return !fit.converged || fit.esr() > 3 * std::max(neighbour.esr(), 1e-6);
}

SettingFit fit_setting(const Session& session, const SessionTake& take, MatchOptions options,
                       const std::string& program, const SettingFit* neighbour,
                       const SessionObserver& observer) {
  options.start.reset();
  if (neighbour == nullptr) return fit_once(session, take, options, program, observer);
  MatchOptions near = options;
  near.start = session.chain;
  near.start->set_values(neighbour->values);
  SettingFit fit = fit_once(session, take, near, program, observer);
  if (!suspicious(fit, *neighbour)) return fit;
  SettingFit searched = fit_once(session, take, options, program, observer);
  return searched.esr() < fit.esr() ? searched : fit;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

} // namespace

FittedSession fit_session(const Session& session, const MatchOptions& given, const std::string& program,
                          SessionState* state, const SessionObserver& observer) {
  MatchOptions options = given;
  options.model = to_string(session.chain);
  options.held_out = false; // leaving out whole settings says more
  FittedSession fitted;
  fitted.fits.resize(session.takes.size());
  std::vector<std::string> keys(session.takes.size());
  std::map<std::filesystem::path, std::string> hashes; // one dry recording serves many takes
  const auto hash = [&](const std::filesystem::path& path) {
    auto& known = hashes[path];
    if (known.empty()) known = file_hash(path);
    return known;
  };
  std::size_t index = 0;
  for (const FitStep& step : fitting_order(session)) {
    const SessionTake& take = session.takes[step.take];
    const std::string setting = describe(session.knobs, take.knobs);
    if (observer.begin) observer.begin(index++, session.takes.size(), setting);
    const SettingFit* neighbour = step.neighbour ? &fitted.fits[*step.neighbour] : nullptr;
    if (state == nullptr) {
      fitted.fits[step.take] = fit_setting(session, take, options, program, neighbour, observer);
      continue;
    }
    const FitKey key{hash(take.dry), hash(take.wet), options_text(session, options), program,
                     step.neighbour ? keys[*step.neighbour] : ""};
    keys[step.take] = key.hash();
    std::string why;
    if (auto fit = state->find(step.take, key, why)) {
      fitted.fits[step.take] = std::move(*fit);
      ++fitted.resumed;
      continue;
    }
    if (!why.empty() && observer.say) observer.say(setting + " is fitted again: " + why);
    fitted.fits[step.take] = fit_setting(session, take, options, program, neighbour, observer);
    state->put(step.take, key, fitted.fits[step.take]);
  }
  for (std::size_t t = 0; t < fitted.fits.size(); ++t)
    for (const std::string& warning : fitted.fits[t].warnings)
      fitted.warnings.push_back(describe(session.knobs, session.takes[t].knobs) + ": " + warning);
  for (const std::string& odd : odd_settings(session, fitted.fits)) fitted.warnings.push_back(odd);
  for (const std::string& end : unrecorded_ends(session)) fitted.warnings.push_back(end);
  return fitted;
}

std::vector<SettingScore> score_session(const Session& session, const FittedSession& fitted, UnitMap& map,
                                        std::size_t threads, const SessionObserver& observer) {
  std::vector<SettingScore> scores;
  for (std::size_t t = 0; t < session.takes.size(); ++t) {
    if (observer.begin)
      observer.begin(t, session.takes.size(), describe(session.knobs, session.takes[t].knobs));
    Recordings recordings = read(session, session.takes[t], observer);
    const Pair pair = align_in_place(recordings.dry, recordings.wet, fitted.fits[t].alignment());
    dsp::ChainSettings chain = map.model.chain;
    chain.set_values(map.model.table[t].values);
    SettingScore score{chain_esr(pair, chain, threads), std::nan(""), false};
    map.model.table[t].source.esr = score.map_esr;
    if (const auto left_out = leave_out(session, fitted.fits, t)) {
      score.left_out_esr = chain_esr(pair, left_out->chain, threads);
      score.extrapolated = left_out->extrapolated;
    }
    scores.push_back(score);
  }
  return scores;
}

std::vector<std::string> odd_settings(const Session& session, const std::vector<SettingFit>& fits) {
  constexpr double most_samples = 2, most_times = 10, least_esr = 0.01;
  std::vector<double> delays, esrs;
  std::size_t inverted = 0;
  for (const SettingFit& fit : fits) {
    delays.push_back(*fit.source.delay_samples);
    esrs.push_back(fit.esr());
    inverted += *fit.source.polarity_inverted;
  }
  const double usual_delay = median(delays), usual_esr = median(esrs);
  const bool mostly_inverted = 2 * inverted > fits.size();
  std::vector<std::string> lines;
  for (std::size_t t = 0; t < fits.size(); ++t) {
    const std::string at =
        session.takes[t].field + " (" + describe(session.knobs, session.takes[t].knobs) + "): ";
    if (std::abs(delays[t] - usual_delay) > most_samples)
      lines.push_back(at + "wet is " + format_significant(delays[t], 6)
                      + " samples behind dry, in most takes " + format_significant(usual_delay, 6));
    if (*fits[t].source.polarity_inverted != mostly_inverted)
      lines.push_back(at + "its polarity is not that of most takes");
    if (esrs[t] > most_times * usual_esr && esrs[t] > least_esr)
      lines.push_back(at + "its ESR of " + format_significant(esrs[t], 3) + " is far above the others' ("
                      + format_significant(usual_esr, 3) + "): is it the same unit, and the setting right?");
  }
  return lines;
}

std::vector<std::string> unrecorded_ends(const Session& session) {
  std::vector<std::string> lines;
  for (std::size_t k = 0; k < session.knobs.size(); ++k) {
    const dsp::Knob& knob = session.knobs[k];
    if (knob.is_switch()) continue;
    const auto at = [&](const SessionTake& take) { return take.knobs[k]; };
    const double low = at(std::ranges::min(session.takes, {}, at)),
                 high = at(std::ranges::max(session.takes, {}, at));
    if (low > knob.minimum || high < knob.maximum)
      lines.push_back(knob.name + " was recorded from " + format_significant(low, 6) + " to "
                      + format_significant(high, 6) + ", of " + format_significant(knob.minimum, 6) + " to "
                      + format_significant(knob.maximum, 6) + ": beyond, the model holds its ends");
  }
  return lines;
}

} // namespace raphson::optim::match
