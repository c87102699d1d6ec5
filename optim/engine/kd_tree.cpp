#include "optim/engine/kd_tree.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace raphson::optim {
namespace {

constexpr int leaf_size = 12;

} // namespace

KdTree::KdTree(std::span<const double> points, int dimension) : dimension_(dimension) {
  if (dimension < 1 || points.size() % static_cast<std::size_t>(dimension) != 0)
    throw std::invalid_argument("k-d tree: the values are no whole number of points");
  if (!std::all_of(points.begin(), points.end(), [](double x) { return std::isfinite(x); }))
    throw std::invalid_argument("k-d tree: a coordinate is not finite");
  order_.resize(points.size() / static_cast<std::size_t>(dimension));
  std::iota(order_.begin(), order_.end(), 0);
  if (!order_.empty()) build(points, 0, size());
  sorted_.reserve(points.size());
  for (const int point : order_)
    for (int k = 0; k < dimension; ++k) sorted_.push_back(points[point * dimension + k]);
}

int KdTree::widest_axis(std::span<const double> points, int begin, int end) const {
  int widest = 0;
  double width = -1;
  for (int k = 0; k < dimension_; ++k) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (int slot = begin; slot < end; ++slot) {
      const double x = points[order_[slot] * dimension_ + k];
      low = std::min(low, x);
      high = std::max(high, x);
    }
    if (high - low <= width) continue;
    width = high - low;
    widest = k;
  }
  return widest;
}

void KdTree::build(std::span<const double> points, int begin, int end) {
  const std::size_t cell = cells_.size();
  cells_.push_back({.begin = begin, .end = end});
  if (end - begin <= leaf_size) return;
  const int axis = widest_axis(points, begin, end), middle = begin + (end - begin) / 2;
  const auto coordinate = [&](int point) { return points[point * dimension_ + axis]; };
  std::nth_element(order_.begin() + begin, order_.begin() + middle, order_.begin() + end,
                   [&](int a, int b) { return coordinate(a) < coordinate(b); });
  const double split = coordinate(order_[middle]);
  build(points, begin, middle);
  cells_[cell].axis = axis;
  cells_[cell].split = split;
  cells_[cell].right = static_cast<int>(cells_.size());
  build(points, middle, end);
}

double KdTree::squared_distance(int slot, std::span<const double> centre) const {
  double sum = 0;
  for (int k = 0; k < dimension_; ++k) {
    const double difference = sorted_[slot * dimension_ + k] - centre[k];
    sum += difference * difference;
  }
  return sum;
}

// Left of a split lie coordinates <= split, right of it >= split.
void KdTree::collect(int at, std::span<const double> centre, double radius, std::vector<int>& found) const {
  const Cell& cell = cells_[at];
  if (cell.axis < 0) {
    for (int slot = cell.begin; slot < cell.end; ++slot)
      if (squared_distance(slot, centre) <= radius * radius) found.push_back(order_[slot]);
    return;
  }
  const double offset = centre[cell.axis] - cell.split;
  if (offset <= radius) collect(at + 1, centre, radius, found);
  if (offset >= -radius) collect(cell.right, centre, radius, found);
}

void KdTree::within(std::span<const double> centre, double radius, std::vector<int>& found) const {
  found.clear();
  if (order_.empty() || !(radius >= 0)) return;
  collect(0, centre, radius, found);
  std::sort(found.begin(), found.end());
}

void KdTree::approach(int at, std::span<const double> centre, Best& best) const {
  const Cell& cell = cells_[at];
  if (cell.axis < 0) {
    for (int slot = cell.begin; slot < cell.end; ++slot) {
      const Best candidate{squared_distance(slot, centre), order_[slot]};
      if (candidate.squared < best.squared
          || (candidate.squared == best.squared && candidate.point < best.point))
        best = candidate;
    }
    return;
  }
  const double offset = centre[cell.axis] - cell.split;
  const int left = at + 1, near = offset <= 0 ? left : cell.right, far = offset <= 0 ? cell.right : left;
  approach(near, centre, best);
  if (offset * offset <= best.squared) approach(far, centre, best);
}

int KdTree::nearest(std::span<const double> centre) const {
  Best best{std::numeric_limits<double>::infinity(), -1};
  if (!order_.empty()) approach(0, centre, best);
  return best.point;
}

} // namespace raphson::optim
