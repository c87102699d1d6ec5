#include "dsp/model/knob_map.h"

#include "dsp/error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string>

namespace raphson::dsp {
namespace {

std::string row_name(std::size_t row) { return "table[" + std::to_string(row) + "]"; }

/// NaN is the first position.
std::size_t nearest_position(double x, std::size_t positions) {
  if (!(x > 0)) return 0;
  return x < static_cast<double>(positions) ? std::min(static_cast<std::size_t>(x + 0.5), positions - 1)
                                            : positions - 1;
}

/// "mode = Limit, peak_reduction = 40".
std::string describe(const Model& model, const KnobSetting& setting, bool switches_only) {
  std::string text;
  for (std::size_t k = 0; k < model.knobs.size(); ++k) {
    const Knob& knob = model.knobs[k];
    if (switches_only && !knob.is_switch()) continue;
    char number[32];
    std::snprintf(number, sizeof number, "%.10g", setting[k]);
    text +=
        (text.empty() ? "" : ", ") + knob.key + " = "
        + (knob.is_switch() ? knob.positions[nearest_position(setting[k], knob.positions.size())] : number);
  }
  return text;
}

void check_sizes(const Model& model) {
  for (const BlockSettings& block : model.chain.blocks)
    if (block.values.size() != parameters(block.type).size())
      throw InputError(std::string("chain: the block ") + to_string(block.type) + " needs "
                       + std::to_string(parameters(block.type).size()) + " values");
  if (model.knobs.size() > KnobMap::max_knobs)
    throw InputError("knobs: more than " + std::to_string(KnobMap::max_knobs));
  if (model.table.size() > KnobMap::max_rows)
    throw InputError("table: more than " + std::to_string(KnobMap::max_rows) + " rows");
  if (model.knobs.empty() && !model.table.empty())
    throw InputError("table: it has rows but the model has no knobs");
  for (std::size_t r = 0; r < model.table.size(); ++r) {
    if (model.table[r].knobs.size() != model.knobs.size())
      throw InputError(row_name(r) + ".knobs: a value for each of the " + std::to_string(model.knobs.size())
                       + " knobs is needed");
    if (model.table[r].values.size() != model.chain.size())
      throw InputError(row_name(r) + ".values: each of the " + std::to_string(model.chain.size())
                       + " parameters of " + to_string(model.chain) + " is needed");
    const auto finite = [](double x) { return std::isfinite(x); };
    if (!std::ranges::all_of(model.table[r].knobs, finite)
        || !std::ranges::all_of(model.table[r].values, finite))
      throw InputError(row_name(r) + ": a value that is no finite number");
  }
}

/// The positions of a knob among some rows, rising. Those closer than a millionth of the knob's range are
/// one.
std::vector<double> distinct_positions(const Model& model, std::size_t knob,
                                       std::span<const std::size_t> rows) {
  std::vector<double> sorted, distinct;
  for (const std::size_t row : rows) sorted.push_back(model.table[row].knobs[knob]);
  std::sort(sorted.begin(), sorted.end());
  const double closest = 1e-6 * (model.knobs[knob].maximum - model.knobs[knob].minimum);
  for (const double x : sorted)
    if (distinct.empty() || x - distinct.back() > closest) distinct.push_back(x);
  return distinct;
}

std::size_t position_index(const InterpolationAxis& axis, double x) {
  const auto& positions = axis.positions();
  return std::upper_bound(positions.begin(), positions.end(), x) - positions.begin() - 1;
}

} // namespace

KnobMap::KnobMap(const Model& model) {
  check_sizes(model);
  for (const Knob& knob : model.knobs) switch_positions_.push_back(knob.positions.size());
  for (std::size_t i = 0; i < model.chain.size(); ++i) {
    const Parameter& p = model.chain.parameter(i);
    ranges_.push_back({p.minimum, p.maximum, p.scale});
  }
  if (model.knobs.empty())
    fixed_ = model.chain.values();
  else
    add_curves(model);
}

void KnobMap::add_curves(const Model& model) {
  const auto continuous = std::ranges::count_if(model.knobs, [](const Knob& k) { return !k.is_switch(); });
  if (model.interpolation == Interpolation::monotone && continuous > 1)
    throw InputError("interpolation: \"monotone\" with several continuous knobs is not supported; \"linear\" "
                     "is monotone along each");
  std::size_t combinations = 1;
  for (const Knob& knob : model.knobs)
    if (knob.is_switch()) combinations = std::min(combinations * knob.positions.size(), max_rows + 1);
  if (combinations > max_rows)
    throw InputError("knobs: more than " + std::to_string(max_rows) + " combinations of switch positions");

  std::vector<std::vector<std::size_t>> rows_of(combinations);
  for (std::size_t r = 0; r < model.table.size(); ++r)
    rows_of[curve_index(model.table[r].knobs)].push_back(r);
  for (std::size_t combination = 0; combination < combinations; ++combination) {
    if (rows_of[combination].empty()) {
      KnobSetting missing = model.initial_setting();
      for (std::size_t k = switch_positions_.size(), left = combination; k-- > 0;) {
        if (switch_positions_[k] == 0) continue;
        missing[k] = static_cast<double>(left % switch_positions_[k]);
        left /= switch_positions_[k];
      }
      const std::string at = describe(model, missing, true);
      throw InputError("table: no row" + (at.empty() ? "" : " for " + at)
                       + "; every switch position needs one");
    }
    curves_.push_back(make_curve(model, rows_of[combination]));
  }
}

KnobMap::Curve KnobMap::make_curve(const Model& model, std::span<const std::size_t> rows) const {
  Curve curve;
  std::size_t points = 1, positions = 0;
  std::vector<std::size_t> continuous;
  for (std::size_t k = 0; k < switch_positions_.size(); ++k) {
    if (switch_positions_[k] != 0) continue;
    continuous.push_back(k);
    auto distinct = distinct_positions(model, k, rows);
    positions += distinct.size();
    if (positions > max_positions)
      throw InputError("table: more than " + std::to_string(max_positions) + " knob positions");
    points = std::min(points * distinct.size(), max_rows + 1);
    curve.axes.emplace_back(std::move(distinct), model.interpolation);
  }

  std::vector<std::size_t> row_at(points,
                                  model.table.size()); // of more than max_rows points, enough for a hole
  for (const std::size_t row : rows) {
    std::size_t point = 0;
    for (std::size_t a = 0; a < curve.axes.size(); ++a)
      point =
          point * curve.axes[a].size() + position_index(curve.axes[a], model.table[row].knobs[continuous[a]]);
    if (point >= row_at.size()) continue;
    if (row_at[point] != model.table.size())
      throw InputError(row_name(row) + ": the same knob positions as " + row_name(row_at[point]) + " ("
                       + describe(model, model.table[row].knobs, false) + ")");
    row_at[point] = row;
  }
  for (std::size_t point = 0; point < row_at.size(); ++point) {
    if (row_at[point] != model.table.size()) continue;
    KnobSetting missing = model.table[rows.front()].knobs;
    for (std::size_t a = curve.axes.size(), left = point; a-- > 0; left /= curve.axes[a].size())
      missing[continuous[a]] = curve.axes[a].positions()[left % curve.axes[a].size()];
    throw InputError("table: no row for " + describe(model, missing, false)
                     + "; with several knobs every combination of their positions needs one");
  }

  for (const std::size_t row : row_at)
    for (std::size_t i = 0; i < ranges_.size(); ++i) {
      const double value = std::clamp(model.table[row].values[i], ranges_[i].minimum, ranges_[i].maximum);
      curve.values.push_back(value);
      curve.scaled.push_back(ranges_[i].scale == Scale::logarithmic ? std::log(value) : value);
    }
  if (model.interpolation == Interpolation::monotone && !curve.axes.empty()) {
    curve.slopes.resize(curve.scaled.size());
    std::vector<double> line(points);
    for (std::size_t i = 0; i < ranges_.size(); ++i) {
      for (std::size_t p = 0; p < points; ++p) line[p] = curve.scaled[p * ranges_.size() + i];
      const std::vector<double> slopes = monotone_slopes(curve.axes[0].positions(), line);
      for (std::size_t p = 0; p < points; ++p) curve.slopes[p * ranges_.size() + i] = slopes[p];
    }
  }
  return curve;
}

std::size_t KnobMap::curve_index(std::span<const double> setting) const noexcept {
  std::size_t index = 0;
  for (std::size_t k = 0; k < switch_positions_.size(); ++k)
    if (const std::size_t positions = switch_positions_[k]; positions != 0)
      index = index * positions + nearest_position(setting[k], positions);
  return index;
}

void KnobMap::evaluate(std::span<const double> setting, std::span<double> values) const noexcept {
  if (curves_.empty()) {
    std::copy(fixed_.begin(), fixed_.end(), values.begin());
    return;
  }
  const Curve& curve = curves_[curve_index(setting)];
  std::array<double, max_positions> weights;
  std::size_t used = 0, axis = 0, row = 0;
  bool on_row = true;
  for (std::size_t k = 0; k < switch_positions_.size(); ++k) {
    if (switch_positions_[k] != 0) continue;
    const std::span<double> part(weights.data() + used, curve.axes[axis].size());
    on_row = curve.axes[axis].weights(setting[k], part) && on_row;
    row = row * part.size() + (std::max_element(part.begin(), part.end()) - part.begin());
    used += part.size();
    ++axis;
  }
  if (on_row)
    std::copy_n(curve.values.begin() + row * ranges_.size(), ranges_.size(), values.begin());
  else
    interpolate(curve, std::span(weights).first(used), values);
}

void KnobMap::interpolate_monotone(const Curve& curve, std::span<const double> weights,
                                   std::span<double> values) const noexcept {
  const std::size_t size = ranges_.size();
  const std::size_t left = std::ranges::find_if(weights, [](double w) { return w != 0; }) - weights.begin();
  const std::size_t right = std::min(left + 1, weights.size() - 1);
  const auto& positions = curve.axes[0].positions();
  for (std::size_t i = 0; i < size; ++i)
    values[i] = monotone_value(weights[right], positions[right] - positions[left],
                               curve.scaled[left * size + i], curve.scaled[right * size + i],
                               curve.slopes[left * size + i], curve.slopes[right * size + i]);
}

void KnobMap::interpolate(const Curve& curve, std::span<const double> weights,
                          std::span<double> values) const noexcept {
  if (!curve.slopes.empty()) {
    interpolate_monotone(curve, weights, values);
    to_parameters(values);
    return;
  }
  const std::size_t size = ranges_.size();
  std::fill_n(values.begin(), size, 0.0);
  for (std::size_t point = 0; point * size < curve.scaled.size(); ++point) {
    double weight = 1;
    std::size_t left = point, end = weights.size();
    for (std::size_t a = curve.axes.size(); a-- > 0; left /= curve.axes[a].size()) {
      end -= curve.axes[a].size();
      weight *= weights[end + left % curve.axes[a].size()];
    }
    if (weight == 0) continue;
    for (std::size_t i = 0; i < size; ++i) values[i] += weight * curve.scaled[point * size + i];
  }
  to_parameters(values);
}

void KnobMap::to_parameters(std::span<double> values) const noexcept {
  for (std::size_t i = 0; i < ranges_.size(); ++i) {
    if (ranges_[i].scale == Scale::logarithmic) values[i] = std::exp(values[i]);
    values[i] = std::clamp(values[i], ranges_[i].minimum, ranges_[i].maximum);
  }
}

std::vector<double> chain_values(const Model& model, const KnobSetting& setting) {
  const KnobMap map(model);
  if (setting.size() != map.knobs())
    throw InputError("the model '" + model.name + "' has " + std::to_string(map.knobs()) + " knobs, not "
                     + std::to_string(setting.size()));
  std::vector<double> values(map.size());
  map.evaluate(setting, values);
  return values;
}

} // namespace raphson::dsp
