#include "optim/match/session/unit_map.h"

#include "dsp/model/knob_map.h"
#include "optim/match/filter_rate.h"
#include "optim/match/session/isotonic.h"
#include "optim/match/session/order.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace raphson::optim::match {
namespace {

/// The takes with the same switch positions, and the lines that each continuous knob draws through them while
/// the others stand still.
struct Group {
  std::vector<std::size_t> takes;
  std::map<std::size_t, std::vector<std::vector<std::size_t>>> lines; ///< by knob; takes, rising
};

std::vector<Group> groups_of(const Session& session, const std::vector<std::size_t>& takes) {
  std::map<dsp::KnobSetting, Group> by_switches;
  for (const std::size_t take : takes) {
    dsp::KnobSetting switches;
    for (std::size_t k = 0; k < session.knobs.size(); ++k)
      if (session.knobs[k].is_switch()) switches.push_back(session.takes[take].knobs[k]);
    by_switches[switches].takes.push_back(take);
  }
  std::vector<Group> groups;
  for (auto& [switches, group] : by_switches) {
    for (std::size_t k = 0; k < session.knobs.size(); ++k) {
      if (session.knobs[k].is_switch()) continue;
      std::map<dsp::KnobSetting, std::vector<std::size_t>> lines;
      for (const std::size_t take : group.takes) {
        dsp::KnobSetting others = session.takes[take].knobs;
        others[k] = 0;
        lines[others].push_back(take);
      }
      for (auto& [others, line] : lines) {
        std::ranges::sort(line, {}, [&](std::size_t take) { return session.takes[take].knobs[k]; });
        group.lines[k].push_back(line);
      }
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

/// One parameter over all takes, in its own scale.
struct Values {
  std::vector<double> y, error;
  std::vector<bool> known;
};

Values values_of(const Session& session, const std::vector<SettingFit>& fits, std::size_t parameter,
                 std::optional<std::size_t> unknown) {
  constexpr double least_error = 1e-6; // dB, or of the logarithm: no recording says more
  const bool logarithmic = session.chain.parameter(parameter).scale == dsp::Scale::logarithmic;
  Values v;
  for (std::size_t take = 0; take < fits.size(); ++take) {
    const double value = fits[take].values[parameter], error = fits[take].errors[parameter];
    v.y.push_back(logarithmic ? std::log(value) : value);
    v.error.push_back(std::max(logarithmic ? error / value : error, least_error));
    v.known.push_back(std::isfinite(error) && take != unknown);
  }
  return v;
}

/// Between two known ones of a line, on the straight line that joins them.
std::optional<double> between(const Session& session, const Values& v, std::size_t knob,
                              const std::vector<std::size_t>& line, std::size_t take) {
  const auto here = std::ranges::find(line, take);
  if (here == line.end()) return {};
  const auto right = std::find_if(here, line.end(), [&](std::size_t t) { return v.known[t]; });
  const auto left =
      std::find_if(std::make_reverse_iterator(here), line.rend(), [&](std::size_t t) { return v.known[t]; });
  if (right == line.end() || left == line.rend()) return {};
  const auto at = [&](std::size_t t) { return session.takes[t].knobs[knob]; };
  const double share = (at(take) - at(*left)) / (at(*right) - at(*left));
  return v.y[*left] + share * (v.y[*right] - v.y[*left]);
}

double borrowed_value(const Session& session, const Values& v, const Group& group, std::size_t take) {
  double sum = 0;
  int count = 0;
  for (const auto& [knob, lines] : group.lines)
    for (const auto& line : lines)
      if (const auto value = between(session, v, knob, line, take)) sum += *value, ++count;
  if (count > 0) return sum / count;
  std::optional<std::pair<std::pair<int, double>, std::size_t>> nearest;
  for (std::size_t t = 0; t < v.y.size(); ++t) {
    if (!v.known[t]) continue;
    const auto& a = session.takes[take].knobs;
    const auto& b = session.takes[t].knobs;
    const std::pair candidate(
        std::pair(switch_distance(session.knobs, a, b), knob_distance(session.knobs, a, b)), t);
    if (!nearest || candidate < *nearest) nearest = candidate;
  }
  return nearest ? v.y[nearest->second] : v.y[take];
}

/// The sum of squares of what the order changes, in standard errors; nothing where it changes one by more
/// than two of them, or where no line has three known values.
std::optional<double> misfit(const Values& v, const std::vector<double>& weights,
                             const std::vector<std::vector<std::size_t>>& lines, Direction direction) {
  constexpr double most_errors = 2;
  std::vector<OrderedLine> ordered;
  bool long_enough = false;
  for (const auto& line : lines) {
    OrderedLine known{{}, direction};
    for (const std::size_t take : line)
      if (v.known[take]) known.indices.push_back(take);
    long_enough = long_enough || known.indices.size() >= 3;
    ordered.push_back(std::move(known));
  }
  if (!long_enough) return {};
  const std::vector<double> fitted = isotonic(v.y, weights, ordered);
  double sum = 0;
  for (std::size_t take = 0; take < v.y.size(); ++take) {
    if (!v.known[take]) continue;
    const double off = std::abs(fitted[take] - v.y[take]) / v.error[take];
    if (off > most_errors) return {};
    sum += off * off;
  }
  return sum;
}

FoundDirection direction_of(const Session& session, const Values& v, const std::vector<double>& weights,
                            const Group& group, std::size_t knob, std::size_t parameter) {
  FoundDirection found{knob, parameter, session.takes[group.takes.front()].knobs, Direction::free, false};
  for (const MonotoneRule& rule : session.rules)
    if (rule.knob == knob && rule.parameter == parameter) {
      found.direction = rule.direction;
      found.by_rule = true;
      return found;
    }
  const auto rising = misfit(v, weights, group.lines.at(knob), Direction::rising);
  const auto falling = misfit(v, weights, group.lines.at(knob), Direction::falling);
  if (rising && (!falling || *rising <= *falling))
    found.direction = Direction::rising;
  else if (falling)
    found.direction = Direction::falling;
  return found;
}

/// The parameter's values, smoothed, into the table's rows; true for those borrowed.
void smooth(const Session& session, const std::vector<SettingFit>& fits, const std::vector<Group>& groups,
            std::size_t parameter, std::optional<std::size_t> unknown, UnitMap& map) {
  const dsp::Parameter& p = session.chain.parameter(parameter);
  Values v = values_of(session, fits, parameter, unknown);
  const Values original = v;
  double heaviest = 0;
  std::vector<double> weights(v.y.size());
  for (std::size_t t = 0; t < v.y.size(); ++t)
    if (v.known[t]) heaviest = std::max(heaviest, weights[t] = 1 / (v.error[t] * v.error[t]));
  if (heaviest == 0) return;
  for (double& w : weights) w = std::max(w, 1e-12 * heaviest); // the borrowed ones follow
  std::vector<OrderedLine> lines;
  for (const Group& group : groups) {
    for (const std::size_t take : group.takes) {
      if (v.known[take]) continue;
      v.y[take] = borrowed_value(session, original, group, take);
      map.borrowed[take][parameter] = true;
    }
    for (const auto& [knob, knob_lines] : group.lines) {
      map.directions.push_back(direction_of(session, original, weights, group, knob, parameter));
      for (const auto& line : knob_lines) lines.push_back({line, map.directions.back().direction});
    }
  }
  const std::vector<double> fitted = isotonic(v.y, weights, lines);
  for (const Group& group : groups)
    for (const std::size_t take : group.takes)
      if (fitted[take] != original.y[take]) // else to the bit what was fitted
        map.model.table[take].values[parameter] = std::clamp(
            p.scale == dsp::Scale::logarithmic ? std::exp(fitted[take]) : fitted[take], p.minimum, p.maximum);
}

/// Filters of recordings at several rates as they are at the first one's.
std::vector<SettingFit> at_one_rate(const Session& session, std::vector<SettingFit> fits) {
  for (SettingFit& fit : fits) {
    dsp::ChainSettings chain = session.chain;
    chain.set_values(fit.values);
    move_filters(chain, fit.source.sample_rate.value_or(0));
    move_filters(chain, fits.front().source.sample_rate.value_or(0));
    fit.values = chain.values();
  }
  return fits;
}

/// With rows for all takes, of which those not in `takes` are left as they were fitted.
UnitMap make_map(const Session& session, const std::vector<SettingFit>& given_fits,
                 const std::vector<std::size_t>& takes, std::optional<std::size_t> unknown) {
  const std::vector<SettingFit> fits = at_one_rate(session, given_fits);
  UnitMap map;
  map.model = {session.name, session.chain, session.knobs, {}, session.interpolation, {}};
  move_filters(map.model.chain, fits.front().source.sample_rate.value_or(0));
  for (std::size_t take = 0; take < fits.size(); ++take)
    map.model.table.push_back({session.takes[take].knobs, fits[take].values, fits[take].source});
  map.borrowed.assign(fits.size(), std::vector<bool>(session.chain.size()));
  const std::vector<Group> groups = groups_of(session, takes);
  for (std::size_t i = 0; i < session.chain.size(); ++i)
    if (!std::isnan(fits.front().errors[i])) smooth(session, fits, groups, i, unknown, map);
  return map;
}

/// Whether other takes of the same line lie on both sides along some knob.
bool lies_between(const Session& session, std::size_t take) {
  std::vector<std::size_t> all(session.takes.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  for (const Group& group : groups_of(session, all))
    for (const auto& [knob, lines] : group.lines)
      for (const auto& line : lines) {
        const auto at = std::ranges::find(line, take);
        if (at != line.end() && at != line.begin() && at + 1 != line.end()) return true;
      }
  return false;
}

} // namespace

UnitMap make_unit_map(const Session& session, const std::vector<SettingFit>& fits) {
  std::vector<std::size_t> all(fits.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  UnitMap map = make_map(session, fits, all, {});
  map.model.chain.set_values(dsp::chain_values(map.model, map.model.initial_setting()));
  return map;
}

std::optional<LeftOut> leave_out(const Session& session, const std::vector<SettingFit>& fits,
                                 std::size_t take) {
  std::vector<std::size_t> rest;
  const auto& here = session.takes[take].knobs;
  for (std::size_t t = 0; t < fits.size(); ++t)
    if (t != take) rest.push_back(t);
  const auto same_switches = [&](std::size_t t) {
    return switch_distance(session.knobs, here, session.takes[t].knobs) == 0;
  };
  if (std::ranges::none_of(rest, same_switches)) return {};
  std::vector<std::size_t> all = rest;
  if (session.continuous_knobs() > 1) all.insert(all.begin() + static_cast<std::ptrdiff_t>(take), take);
  UnitMap map = make_map(session, fits, all, take);
  if (session.continuous_knobs() == 1)
    map.model.table.erase(map.model.table.begin() + static_cast<std::ptrdiff_t>(take));
  LeftOut out{map.model.chain, !lies_between(session, take)};
  out.chain.set_values(dsp::chain_values(map.model, here));
  return out;
}

} // namespace raphson::optim::match
