// A k-d tree over points of a few coordinates: all within a radius, and the nearest.
//
//   KdTree tree(points, 2); // x0 y0 x1 y1 ...
//   tree.within(centre, 0.1, found);
//
// J. L. Bentley, "Multidimensional Binary Search Trees Used for Associative Searching", CACM 18 (1975): split
// at the median of the widest axis down to leaves of a few points. O(n log n) to build; a query looks at what
// lies near its ball, about log n cells more. Distances are Euclidean, squared as the sum of squares in the
// order of the axes, so that "j within r of i" and "i within r of j" agree to the bit.
// Throws std::invalid_argument where the values are no whole number of points or one of them is not finite.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace raphson::optim {

class KdTree {
public:
  KdTree(std::span<const double> points, int dimension); ///< copied

  int size() const { return static_cast<int>(order_.size()); }
  int dimension() const { return dimension_; }

  /// The numbers of the points at most `radius` away, ascending; `found` is overwritten.
  void within(std::span<const double> centre, double radius, std::vector<int>& found) const;

  /// The nearest point, of equals the first; -1 of an empty tree.
  int nearest(std::span<const double> centre) const;

private:
  struct Cell { // an inner one's children are the next cell and `right`
    int begin = 0, end = 0;
    int axis = -1; // -1: a leaf
    double split = 0;
    int right = 0;
  };
  struct Best {
    double squared = 0;
    int point = -1;
  };

  int widest_axis(std::span<const double> points, int begin, int end) const;
  void build(std::span<const double> points, int begin, int end);
  double squared_distance(int slot, std::span<const double> centre) const;
  void collect(int cell, std::span<const double> centre, double radius, std::vector<int>& found) const;
  void approach(int cell, std::span<const double> centre, Best& best) const;

  int dimension_ = 0;
  std::vector<int> order_;     // slot -> number of the point
  std::vector<double> sorted_; // coordinates by slot: a leaf's lie side by side
  std::vector<Cell> cells_;
};

} // namespace raphson::optim
