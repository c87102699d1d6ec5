#include "dsp/model/interpolation.h"

#include <algorithm>
#include <cmath>

namespace raphson::dsp {
namespace {

struct TridiagonalRow {
  double below, diagonal, above;
};

/// The equations of the slopes s at the positions of a spline, without their right-hand side: the second
/// derivative is continuous inside, the third across the second and the last but one position.
std::vector<TridiagonalRow> slope_equations(std::span<const double> dx) {
  const std::size_t last = dx.size();
  std::vector<TridiagonalRow> rows(last + 1);
  for (std::size_t i = 1; i < last; ++i) rows[i] = {dx[i], 2 * (dx[i - 1] + dx[i]), dx[i - 1]};
  if (last == 1) return {{0, 1, 0}, {0, 1, 0}};
  if (last == 2) { // both end conditions are one and the same: a parabola
    rows[0] = {0, 1, 1};
    rows[2] = {1, 1, 0};
    return rows;
  }
  rows[0] = {0, dx[1], dx[0] + dx[1]};
  rows[last] = {dx[last - 2] + dx[last - 1], dx[last - 2], 0};
  return rows;
}

/// Their right-hand side for the chord slopes of the values.
std::vector<double> slope_right_side(std::span<const double> dx, std::span<const double> chord) {
  const std::size_t last = dx.size();
  std::vector<double> b(last + 1);
  for (std::size_t i = 1; i < last; ++i) b[i] = 3 * (dx[i] * chord[i - 1] + dx[i - 1] * chord[i]);
  if (last == 1) return {chord[0], chord[0]};
  if (last == 2) {
    b[0] = 2 * chord[0];
    b[2] = 2 * chord[1];
    return b;
  }
  const double d = dx[0] + dx[1], e = dx[last - 1] + dx[last - 2];
  b[0] = ((dx[0] + 2 * d) * dx[1] * chord[0] + dx[0] * dx[0] * chord[1]) / d;
  b[last] = (dx[last - 1] * dx[last - 1] * chord[last - 2]
             + (2 * e + dx[last - 1]) * dx[last - 2] * chord[last - 1])
            / e;
  return b;
}

/// Elimination without pivoting: every pivot of slope_equations is positive.
void solve(std::vector<TridiagonalRow> rows, std::vector<double>& x) {
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const double factor = rows[i].below / rows[i - 1].diagonal;
    rows[i].diagonal -= factor * rows[i - 1].above;
    x[i] -= factor * x[i - 1];
  }
  x.back() /= rows.back().diagonal;
  for (std::size_t i = rows.size() - 1; i-- > 0;) x[i] = (x[i] - rows[i].above * x[i + 1]) / rows[i].diagonal;
}

std::vector<double> cardinal_slopes(std::span<const double> positions) {
  const std::size_t size = positions.size();
  if (size < 2) return {0};
  std::vector<double> dx(size - 1), slopes(size * size);
  for (std::size_t i = 0; i + 1 < size; ++i) dx[i] = positions[i + 1] - positions[i];
  const auto equations = slope_equations(dx);
  for (std::size_t j = 0; j < size; ++j) {
    std::vector<double> chord(size - 1);
    if (j > 0) chord[j - 1] = 1 / dx[j - 1];
    if (j + 1 < size) chord[j] = -1 / dx[j];
    std::vector<double> slope = slope_right_side(dx, chord);
    solve(equations, slope);
    for (std::size_t i = 0; i < size; ++i) slopes[i * size + j] = slope[i];
  }
  return slopes;
}

/// From the parabola through the three outermost positions, held where the first chord lets it be monotone.
double monotone_end_slope(double dx0, double dx1, double chord0, double chord1) {
  const double slope = ((2 * dx0 + dx1) * chord0 - dx0 * chord1) / (dx0 + dx1);
  if (slope * chord0 <= 0) return 0;
  if (chord0 * chord1 <= 0 && std::abs(slope) > 3 * std::abs(chord0)) return 3 * chord0;
  return slope;
}

} // namespace

const char* to_string(Interpolation interpolation) {
  if (interpolation == Interpolation::spline) return "spline";
  return interpolation == Interpolation::linear ? "linear" : "monotone";
}

InterpolationAxis::InterpolationAxis(std::vector<double> positions, Interpolation interpolation)
    : positions_(std::move(positions)) {
  if (interpolation == Interpolation::spline) slopes_ = cardinal_slopes(positions_);
}

bool InterpolationAxis::weights(double x, std::span<double> weights) const noexcept {
  std::fill(weights.begin(), weights.end(), 0.0);
  if (!(x > positions_.front())) return weights.front() = 1, true;
  if (x >= positions_.back()) return weights.back() = 1, true;
  const std::size_t right = std::upper_bound(positions_.begin(), positions_.end(), x) - positions_.begin();
  const std::size_t left = right - 1, size = positions_.size();
  if (x == positions_[left]) return weights[left] = 1, true;

  const double h = positions_[right] - positions_[left], t = (x - positions_[left]) / h, u = 1 - t;
  if (slopes_.empty()) {
    weights[left] = u;
    weights[right] = t;
    return false;
  }
  // Hermite's cubic between the values and the slopes at both ends.
  const double of_left_slope = h * t * u * u, of_right_slope = -h * t * t * u;
  for (std::size_t j = 0; j < size; ++j)
    weights[j] = of_left_slope * slopes_[left * size + j] + of_right_slope * slopes_[right * size + j];
  weights[left] += (1 + 2 * t) * u * u;
  weights[right] += t * t * (3 - 2 * t);
  return false;
}

std::vector<double> monotone_slopes(std::span<const double> positions, std::span<const double> values) {
  const std::size_t size = positions.size();
  if (size < 2) return std::vector<double>(size, 0.0);
  std::vector<double> dx(size - 1), chord(size - 1), slopes(size);
  for (std::size_t i = 0; i + 1 < size; ++i) {
    dx[i] = positions[i + 1] - positions[i];
    chord[i] = (values[i + 1] - values[i]) / dx[i];
  }
  if (size == 2) return {chord[0], chord[0]};
  for (std::size_t i = 1; i + 1 < size; ++i) {
    if (chord[i - 1] * chord[i] <= 0) continue; // an extremum, or flat on one side
    const double before = 2 * dx[i] + dx[i - 1], after = dx[i] + 2 * dx[i - 1];
    slopes[i] = (before + after) / (before / chord[i - 1] + after / chord[i]);
  }
  slopes.front() = monotone_end_slope(dx[0], dx[1], chord[0], chord[1]);
  slopes.back() = monotone_end_slope(dx[size - 2], dx[size - 3], chord[size - 2], chord[size - 3]);
  return slopes;
}

double monotone_value(double t, double h, double left, double right, double left_slope,
                      double right_slope) noexcept {
  const double u = 1 - t;
  const double value =
      left + t * t * (3 - 2 * t) * (right - left) + h * t * u * (u * left_slope - t * right_slope);
  return std::clamp(value, std::min(left, right), std::max(left, right)); // rounding
}

} // namespace raphson::dsp
