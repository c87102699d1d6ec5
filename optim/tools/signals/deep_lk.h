// Deep-LK: one box followed through pictures by Lucas-Kanade on learned features, its motion from a linear
// regression whose weights and offset are functions of the template.
//
// C. Wang, H. K. Galoogahi, C.-H. Lin & S. Lucey, "Deep-LK for Efficient Adaptive Object Tracking", ICRA
// 2018, arXiv 1705.06839.
//
// Coordinates x in [-1, 1]^2 of the box; a motion p = (tx, ty, s) warps them, W(x; p) = e^s x + t. The step
// is
//   dp = R (phi(I) - phi(T)),   R = (J'J / n + damping I)^-1 J' / n,   J = [phi_x, phi_y, x phi_x + y phi_y],
// phi the features of a crop, J that of the template T by central differences, n the features that take part:
// all but the outermost cells.
#pragma once

#include "optim/data/bilinear.h"

#include <Eigen/Core>

#include <array>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace raphson::optim::tools {

struct TrackBox { // pixels, that of a pixel's middle being whole numbers
  double x = 0, y = 0;
  double half_width = 0, half_height = 0;
};

/// Intersection over union.
double overlap(const TrackBox& a, const TrackBox& b);

struct BoxMotion { // in half-sizes of the box; s is the logarithm of its growth
  double tx = 0, ty = 0, s = 0;
};

/// The inverse composition, box o W(.; dp)^-1: the half-sizes times e^-s, then the centre moves by -t of the
/// new half-sizes.
TrackBox compose_inverse(const TrackBox& box, const BoxMotion& dp);

inline constexpr int crop_side = 24;
using Crop = std::vector<float>; ///< crop_side x crop_side levels, row by row

/// The picture at the box's cell centres x_i = (2 i + 1) / 24 - 1.
Crop crop_box(const data::PictureView& picture, const TrackBox& box);

/// Less its mean, over its standard deviation + 1e-3.
Crop normalised(Crop crop);

struct FeatureMap {
  int channels = 0, side = 0;
  std::vector<double> values = {}; ///< [channel][row][column]
};

using Features = std::function<FeatureMap(const Crop&)>;

/// The template's regressor.
class LinearRegressor {
public:
  /// Throws std::invalid_argument for maps without an inner cell.
  explicit LinearRegressor(const FeatureMap& of_template, double damping = 1e-3);

  BoxMotion step(const FeatureMap& of_image) const; ///< dp, as the regression gives it
  /// Root mean square of phi(I) - phi(T), over the deviation of phi(T) about each channel's mean: 0 for the
  /// template itself, around sqrt 2 for a picture that has nothing to do with it.
  double residual(const FeatureMap& of_image) const;
  double condition() const { return condition_; } ///< of J'J; infinite where it is singular

  using Matrix = Eigen::Matrix<double, Eigen::Dynamic, 3>;
  const Matrix& jacobian() const { return jacobian_; }
  const Matrix& matrix() const { return regressor_; } ///< R'

private:
  Matrix jacobian_, regressor_;
  Eigen::VectorXd template_;
  double condition_ = 0, deviation_ = 0;
};

/// The inner cells of a map, [channel][row][column].
Eigen::VectorXd inner_cells(const FeatureMap& map);

/// What finds the motion of a crop against a template: Lucas-Kanade on features, or a network with constant
/// weights.
class MotionEstimator {
public:
  virtual ~MotionEstimator() = default;
  virtual void set_template(const Crop& crop) = 0;
  virtual BoxMotion estimate(const Crop& crop) = 0;
  virtual double residual() const = 0;  ///< of the last estimate
  virtual double condition() const = 0; ///< of the template
};

std::unique_ptr<MotionEstimator> lucas_kanade(Features features, double damping = 1e-3);

/// Grey levels as they are, and normalised: Lucas-Kanade without learning.
FeatureMap grey_features(const Crop& crop);
FeatureMap normalised_features(const Crop& crop);

struct TrackerOptions {
  int iterations = 4;    ///< a frame, each with a crop of its own
  double settled = 1e-3; ///< a smaller |dp| ends them
  double update = 0;     ///< a: the template becomes (1 - a) T + a crop(new box) after each frame
  double largest_shift = 0.5, largest_growth = 0.2; ///< to which dp is cut
};

struct TrackedFrame {
  TrackBox box = {};
  double residual = 0; ///< of the last crop, from which the last step led to the box
  double condition = 0;
  int crops = 0; ///< taken to find the box
};

class Tracker {
public:
  Tracker(MotionEstimator& estimator, const data::PictureView& first, const TrackBox& box,
          const TrackerOptions& options = {});
  TrackedFrame follow(const data::PictureView& frame);

private:
  MotionEstimator& estimator_;
  TrackerOptions options_;
  TrackBox box_;
  Crop template_;
};

} // namespace raphson::optim::tools
