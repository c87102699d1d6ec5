// Interpolation along one axis between given positions: piecewise linear, or the cubic spline with not-a-knot
// ends (third derivative continuous at the second and the last but one position), which is the default of
// scipy.interpolate.CubicSpline. Two positions make a line, three a parabola, one a constant; outside the
// positions the curve holds its end values.
//
// Interpolation is linear in the values at the positions, y(x) = sum_i w_i(x) y_i, so an axis gives the
// weights w(x), and axes multiply: the weight of a point of a grid is the product of its weights along each
// axis.
#pragma once

#include <span>
#include <vector>

namespace raphson::dsp {

enum class Interpolation { linear, spline };

/// "linear", "spline".
const char* to_string(Interpolation interpolation);

class InterpolationAxis {
public:
  /// positions: at least one, finite and strictly rising.
  InterpolationAxis(std::vector<double> positions, Interpolation interpolation);

  std::size_t size() const { return positions_.size(); }
  const std::vector<double>& positions() const { return positions_; }

  /// Writes the size() weights at x, which sum to 1. True where x lies on a position (or beyond the ends),
  /// whose weight is then exactly 1 and every other's 0. NaN counts as below the first. Allocates nothing.
  bool weights(double x, std::span<double> weights) const noexcept;

private:
  std::vector<double> positions_;
  std::vector<double> slopes_; // spline: slope at position i for a 1 at position j, at [i * size() + j]
};

} // namespace raphson::dsp
