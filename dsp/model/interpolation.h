// Interpolation along one axis between given positions: piecewise linear, or the cubic spline with not-a-knot
// ends (third derivative continuous at the second and the last but one position), which is the default of
// scipy.interpolate.CubicSpline. Two positions make a line, three a parabola, one a constant; outside the
// positions the curve holds its end values.
//
// Interpolation is linear in the values at the positions, y(x) = sum_i w_i(x) y_i, so an axis gives the
// weights w(x), and axes multiply: the weight of a point of a grid is the product of its weights along each
// axis.
//
// The third kind, monotone, is not linear in the values: Hermite's cubic with the slopes of F. N. Fritsch and
// J. Butland, "A Method for Constructing Local Monotone Piecewise Cubic Interpolants", SIAM J. Sci. Stat.
// Comput. 5(2), 1984, which lie in the region that F. N. Fritsch and R. E. Carlson, "Monotone Piecewise Cubic
// Interpolation", SIAM J. Numer. Anal. 17(2), 1980, show to be monotone: between two positions the curve
// rises or falls as their values do and never leaves the interval between them. It is that of
// scipy.interpolate.PchipInterpolator. Slopes are computed once from the values (monotone_slopes); the axis
// then gives the weights of the straight line, which say where x lies, and monotone_value the rest.
#pragma once

#include <span>
#include <vector>

namespace raphson::dsp {

enum class Interpolation { linear, spline, monotone };

/// "linear", "spline", "monotone".
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

/// The slope at every position; of one length, the positions strictly rising.
std::vector<double> monotone_slopes(std::span<const double> positions, std::span<const double> values);

/// At the share t, 0 to 1, of the way h from one position to the next, of given values and slopes.
double monotone_value(double t, double h, double left, double right, double left_slope,
                      double right_slope) noexcept;

} // namespace raphson::dsp
