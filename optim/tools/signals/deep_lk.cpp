#include "optim/tools/signals/deep_lk.h"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>

namespace raphson::optim::tools {
namespace {

using Matrix3 = Eigen::Matrix3d;

double overlap_1d(double a, double half_a, double b, double half_b) {
  return std::max(0.0, std::min(a + half_a, b + half_b) - std::max(a - half_a, b - half_b));
}

/// About each channel's mean.
double deviation_of(const Eigen::VectorXd& cells, int channels) {
  const Eigen::Map<const Eigen::MatrixXd> by_channel(cells.data(), cells.size() / channels, channels);
  const double square = (by_channel.rowwise() - by_channel.colwise().mean()).squaredNorm();
  return std::sqrt(square / static_cast<double>(cells.size()));
}

double condition_of(const Matrix3& positive) {
  const Eigen::Vector3d values = Eigen::SelfAdjointEigenSolver<Matrix3>(positive).eigenvalues();
  return values[0] > 0 ? values[2] / values[0] : std::numeric_limits<double>::infinity();
}

class LucasKanade final : public MotionEstimator {
public:
  LucasKanade(Features features, double damping) : features_(std::move(features)), damping_(damping) {}

  void set_template(const Crop& crop) override { regressor_.emplace(features_(crop), damping_); }
  BoxMotion estimate(const Crop& crop) override {
    const FeatureMap map = features_(crop);
    residual_ = regressor_->residual(map);
    return regressor_->step(map);
  }
  double residual() const override { return residual_; }
  double condition() const override { return regressor_->condition(); }

private:
  Features features_;
  double damping_, residual_ = 0;
  std::optional<LinearRegressor> regressor_;
};

} // namespace

double overlap(const TrackBox& a, const TrackBox& b) {
  const double both =
      overlap_1d(a.x, a.half_width, b.x, b.half_width) * overlap_1d(a.y, a.half_height, b.y, b.half_height);
  return both / (4 * a.half_width * a.half_height + 4 * b.half_width * b.half_height - both);
}

TrackBox compose_inverse(const TrackBox& box, const BoxMotion& dp) {
  TrackBox moved = box;
  moved.half_width *= std::exp(-dp.s);
  moved.half_height *= std::exp(-dp.s);
  moved.x -= moved.half_width * dp.tx;
  moved.y -= moved.half_height * dp.ty;
  return moved;
}

Crop crop_box(const data::PictureView& picture, const TrackBox& box) {
  Crop crop;
  crop.reserve(crop_side * crop_side);
  const auto cell = [](int i) { return (2 * i + 1.0) / crop_side - 1; };
  for (int row = 0; row < crop_side; ++row)
    for (int column = 0; column < crop_side; ++column)
      crop.push_back(data::bilinear(picture, box.y + box.half_height * cell(row),
                                    box.x + box.half_width * cell(column)));
  return crop;
}

Crop normalised(Crop crop) {
  double mean = 0, square = 0;
  for (const float level : crop) mean += level / static_cast<double>(crop.size());
  for (const float level : crop) square += (level - mean) * (level - mean) / static_cast<double>(crop.size());
  const double scale = 1 / (std::sqrt(square) + 1e-3);
  for (float& level : crop) level = static_cast<float>((level - mean) * scale);
  return crop;
}

FeatureMap grey_features(const Crop& crop) {
  return {1, crop_side, std::vector<double>(crop.begin(), crop.end())};
}

FeatureMap normalised_features(const Crop& crop) { return grey_features(normalised(crop)); }

Eigen::VectorXd inner_cells(const FeatureMap& map) {
  const int inner = map.side - 2;
  Eigen::VectorXd cells(map.channels * inner * inner);
  Eigen::Index at = 0;
  for (int c = 0; c < map.channels; ++c)
    for (int row = 1; row <= inner; ++row)
      for (int column = 1; column <= inner; ++column)
        cells[at++] = map.values[(c * map.side + row) * map.side + column];
  return cells;
}

LinearRegressor::LinearRegressor(const FeatureMap& map, double damping) : template_(inner_cells(map)) {
  const int side = map.side, inner = side - 2;
  if (inner < 1) throw std::invalid_argument("features without an inner cell");
  jacobian_.resize(template_.size(), 3);
  const double per_cell = side / 4.0; // two cells lie 4 / side apart
  Eigen::Index at = 0;
  for (int c = 0; c < map.channels; ++c)
    for (int row = 1; row <= inner; ++row)
      for (int column = 1; column <= inner; ++column) {
        const double* phi = map.values.data() + (c * side + row) * side + column;
        const double along_x = (phi[1] - phi[-1]) * per_cell, along_y = (phi[side] - phi[-side]) * per_cell;
        const double x = (2 * column + 1.0) / side - 1, y = (2 * row + 1.0) / side - 1;
        jacobian_.row(at++) << along_x, along_y, x * along_x + y * along_y;
      }
  const auto n = static_cast<double>(template_.size());
  const Matrix3 square = jacobian_.transpose() * jacobian_ / n;
  condition_ = condition_of(square);
  const Matrix3 inverse = (square + damping * Matrix3::Identity()).inverse();
  regressor_ = jacobian_ * inverse / n;
  deviation_ = std::max(deviation_of(template_, map.channels), 1e-12);
}

BoxMotion LinearRegressor::step(const FeatureMap& of_image) const {
  const Eigen::Vector3d dp = regressor_.transpose() * (inner_cells(of_image) - template_);
  return {dp[0], dp[1], dp[2]};
}

double LinearRegressor::residual(const FeatureMap& of_image) const {
  const double square = (inner_cells(of_image) - template_).squaredNorm();
  return std::sqrt(square / static_cast<double>(template_.size())) / deviation_;
}

std::unique_ptr<MotionEstimator> lucas_kanade(Features features, double damping) {
  return std::make_unique<LucasKanade>(std::move(features), damping);
}

Tracker::Tracker(MotionEstimator& estimator, const data::PictureView& first, const TrackBox& box,
                 const TrackerOptions& options)
    : estimator_(estimator), options_(options), box_(box), template_(crop_box(first, box)) {
  estimator_.set_template(template_);
}

TrackedFrame Tracker::follow(const data::PictureView& frame) {
  TrackedFrame result{.condition = estimator_.condition()};
  const auto cut = [](double value, double most) { return std::clamp(value, -most, most); };
  for (int k = 0; k < options_.iterations; ++k) {
    BoxMotion dp = estimator_.estimate(crop_box(frame, box_));
    ++result.crops;
    dp = {cut(dp.tx, options_.largest_shift), cut(dp.ty, options_.largest_shift),
          cut(dp.s, options_.largest_growth)};
    box_ = compose_inverse(box_, dp);
    // A box that is lost must stay one: in the picture, of some pixels and no larger than it.
    box_.x = std::clamp(box_.x, 0.0, frame.columns - 1.0);
    box_.y = std::clamp(box_.y, 0.0, frame.rows - 1.0);
    box_.half_width = std::clamp(box_.half_width, 2.0, frame.columns / 2.0);
    box_.half_height = std::clamp(box_.half_height, 2.0, frame.rows / 2.0);
    if (std::hypot(dp.tx, dp.ty, dp.s) < options_.settled) break;
  }
  result.box = box_;
  result.residual = estimator_.residual();
  if (options_.update > 0) {
    const Crop now = crop_box(frame, box_);
    const auto a = static_cast<float>(options_.update);
    for (std::size_t i = 0; i < now.size(); ++i) template_[i] += a * (now[i] - template_[i]);
    estimator_.set_template(template_);
  }
  return result;
}

} // namespace raphson::optim::tools
