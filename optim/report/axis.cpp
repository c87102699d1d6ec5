#include "optim/report/axis.h"

#include "optim/report/text.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace raphson::optim::report {
namespace {

constexpr double longest_in_seconds = 120; // a longer time axis reads as a clock
constexpr double hair = 1e-9;              // rounding of a tick's position, in steps

bool reads_as_clock(Scale scale, Range range) {
  return scale == Scale::time && range.high - range.low > longest_in_seconds;
}

int exponent_of(double value) { return static_cast<int>(std::floor(std::log10(std::abs(value)) + hair)); }

double decimal_step(double least) {
  const double decade = std::pow(10.0, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * decade >= least * (1 - hair)) return factor * decade;
  return 10 * decade;
}

double step_from(std::span<const double> steps, double least) {
  for (const double step : steps)
    if (step >= least * (1 - hair)) return step;
  return steps.back() * decimal_step(least / steps.back());
}

// The smallest step of the scale that is at least `least`.
double step_at_least(Scale scale, Range range, double least) {
  constexpr double meter[] = {1, 2, 3, 6, 12, 24};
  constexpr double clock[] = {1,   2,   5,    10,   15,   30,    60,    120,   300,
                              600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400};
  if (scale == Scale::decibel && least > 0.5) return step_from(meter, least);
  if (reads_as_clock(scale, range)) return step_from(clock, least);
  if (scale == Scale::count) return std::max(1.0, decimal_step(least));
  return decimal_step(least);
}

double linear_step(Scale scale, Range range, int max_labels) {
  const double step = step_at_least(scale, range, (range.high - range.low) / max_labels);
  // Both ends may hold a tick, which makes one more than the division says.
  const double count = std::floor(range.high / step + hair) - std::ceil(range.low / step - hair) + 1;
  return count > max_labels ? step_at_least(scale, range, step * 1.001) : step;
}

std::string linear_label(Scale scale, Range range, double step, double value) {
  if (reads_as_clock(scale, range)) return format_clock(value);
  if (std::abs(value) < hair * step) return "0";
  const double largest = std::max(std::abs(range.low), std::abs(range.high));
  if (largest < 1e6 && largest >= 1e-3)
    return typeset_number(format_fixed(value, std::max(0, -exponent_of(step))));
  const int exponent = exponent_of(value);
  return typeset_number(format_fixed(value * std::pow(10.0, -exponent), exponent - exponent_of(step)) + "e"
                        + std::to_string(exponent));
}

std::vector<Tick> linear_ticks(Scale scale, Range range, int max_labels) {
  const double step = linear_step(scale, range, max_labels);
  const double first = std::ceil(range.low / step - hair), last = std::floor(range.high / step + hair);
  std::vector<Tick> ticks;
  for (double i = first; i <= last && ticks.size() < 1000; ++i)
    ticks.push_back({i * step, linear_label(scale, range, step, i * step)});
  return ticks;
}

// Plain numbers where they stay short (20, 1k, 20k); powers of ten otherwise.
std::string decade_label(Range range, int mantissa, int exponent) {
  const bool plain = range.low >= 0.9e-3 && range.high <= 1.1e6;
  if (!plain && mantissa == 1 && exponent != 0)
    return typeset_number("1e" + std::to_string(exponent)).substr(3);
  if (!plain && exponent != 0)
    return typeset_number(std::to_string(mantissa) + "e" + std::to_string(exponent));
  const double value = mantissa * std::pow(10.0, exponent);
  if (value >= 999e3) return format_significant(value / 1e6, 3) + "M";
  return value >= 999 ? format_significant(value / 1000, 3) + "k" : format_significant(value, 3);
}

// Labels on the given mantissas of every n-th decade; where n is 1, minor ticks on the rest of 2..9.
std::vector<Tick> decade_ticks(Range range, std::span<const int> labelled, int every) {
  std::vector<Tick> ticks;
  for (int exponent = exponent_of(range.low); exponent <= exponent_of(range.high); ++exponent) {
    if (exponent % every != 0) continue;
    for (int mantissa = 1; mantissa <= 9; ++mantissa) {
      const double value = mantissa * std::pow(10.0, exponent);
      if (value < range.low * (1 - hair) || value > range.high * (1 + hair)) continue;
      const bool has_label = std::find(labelled.begin(), labelled.end(), mantissa) != labelled.end();
      if (has_label)
        ticks.push_back({value, decade_label(range, mantissa, exponent)});
      else if (every == 1)
        ticks.push_back({value});
    }
  }
  return ticks;
}

std::vector<Tick> logarithmic_ticks(Range range, int max_labels) {
  constexpr int all[] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, some[] = {1, 2, 5}, one[] = {1};
  const auto labels = [](const std::vector<Tick>& ticks) {
    return std::count_if(ticks.begin(), ticks.end(), [](const Tick& tick) { return !tick.label.empty(); });
  };
  const double decades = std::log10(range.high) - std::log10(range.low);
  std::vector<Tick> ticks;
  if (decades < 1) ticks = decade_ticks(range, all, 1);
  if (decades >= 1 || labels(ticks) > max_labels) ticks = decade_ticks(range, some, 1);
  for (int every = 1; labels(ticks) > max_labels && every < 1000; ++every)
    ticks = decade_ticks(range, one, every);
  return labels(ticks) >= 2 || decades >= 1 ? ticks : linear_ticks(Scale::linear, range, max_labels);
}

} // namespace

std::vector<Tick> make_ticks(Scale scale, Range range, int max_labels) {
  max_labels = std::max(max_labels, 1);
  return scale == Scale::logarithmic ? logarithmic_ticks(range, max_labels)
                                     : linear_ticks(scale, range, max_labels);
}

Range widen_to_ticks(Scale scale, Range range, int max_labels) {
  if (scale == Scale::logarithmic) {
    const double margin = std::exp(0.04 * (std::log(range.high) - std::log(range.low)));
    return {range.low / margin, range.high * margin};
  }
  const double step = linear_step(scale, range, std::max(max_labels, 1));
  return {std::floor(range.low / step + hair) * step, std::ceil(range.high / step - hair) * step};
}

std::string axis_title(const Axis& axis, Range range) {
  std::string unit = axis.unit;
  if (reads_as_clock(axis.scale, range))
    unit = std::max(std::abs(range.low), std::abs(range.high)) >= 3600 ? "h:min:s" : "min:s";
  if (unit.empty()) return axis.label;
  return axis.label.empty() ? unit : axis.label + " (" + unit + ")";
}

double axis_position(Scale scale, Range range, double value) {
  if (scale != Scale::logarithmic) return (value - range.low) / (range.high - range.low);
  if (!(value > 0)) return std::numeric_limits<double>::quiet_NaN();
  return (std::log(value) - std::log(range.low)) / (std::log(range.high) - std::log(range.low));
}

} // namespace raphson::optim::report
