#include "optim/report/decimate.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace raphson::optim::report {
namespace {

double column_of(double x, double left, double right) {
  return std::floor(std::clamp(x, left - 1, right + 1));
}

} // namespace

void LineDecimator::add(Point point) {
  if (!std::isfinite(point.x) || !std::isfinite(point.y)) return close_part();
  const double column = column_of(point.x, left_, right_);
  if (count_ > 0 && column != column_) close_column();
  if (count_++ == 0) {
    column_ = column;
    first_ = low_ = high_ = point;
    low_before_high_ = true;
  } else if (point.y < low_.y) {
    low_ = point;
    low_before_high_ = false;
  } else if (point.y > high_.y) {
    high_ = point;
    low_before_high_ = true;
  }
  last_ = point;
}

void LineDecimator::close_column() {
  if (count_ == 0) return;
  const auto put = [this](Point point) {
    if (!part_.empty() && part_.back().x == point.x && part_.back().y == point.y) return;
    part_.push_back(point);
  };
  put(first_);
  if (count_ > 2) {
    put(low_before_high_ ? low_ : high_);
    put(low_before_high_ ? high_ : low_);
  }
  put(last_);
  count_ = 0;
}

void LineDecimator::close_part() {
  close_column();
  if (!part_.empty()) parts_.push_back(std::exchange(part_, {}));
}

std::vector<Polyline> LineDecimator::take() {
  close_part();
  return std::exchange(parts_, {});
}

void BandDecimator::add(BandPoint point) {
  if (!std::isfinite(point.x) || !std::isfinite(point.low) || !std::isfinite(point.high)) return close_part();
  if (point.low > point.high) std::swap(point.low, point.high);
  const double column = column_of(point.x, left_, right_);
  if (count_ > 0 && column != column_) close_column();
  if (count_++ == 0) {
    column_ = column;
    first_ = merged_ = point;
  }
  merged_ = {point.x, std::min(merged_.low, point.low), std::max(merged_.high, point.high)};
}

void BandDecimator::close_column() {
  if (count_ == 0) return;
  if (count_ > 1) part_.push_back({first_.x, merged_.low, merged_.high});
  part_.push_back(merged_);
  count_ = 0;
}

void BandDecimator::close_part() {
  close_column();
  if (!part_.empty()) parts_.push_back(std::exchange(part_, {}));
}

std::vector<std::vector<BandPoint>> BandDecimator::take() {
  close_part();
  return std::exchange(parts_, {});
}

void MarkerDecimator::add(Point point) {
  if (!std::isfinite(point.x) || !std::isfinite(point.y)) return;
  const auto index = [this](double pixels) {
    return static_cast<std::uint32_t>(static_cast<std::int32_t>(std::clamp(pixels / cell_, -1e9, 1e9)));
  };
  if (seen_.insert((std::uint64_t{index(point.x)} << 32) | index(point.y)).second) points_.push_back(point);
}

} // namespace raphson::optim::report
