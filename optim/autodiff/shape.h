// The extents of a small dense tensor, up to four of them, stored row by row: the last index runs fastest. A
// matrix of examples is {examples, features}, a batch of images {examples, channels, rows, columns}.
#pragma once

#include "optim/autodiff/kernels/plane.h"

#include <array>
#include <cstddef>
#include <initializer_list>
#include <string>

namespace raphson::optim {

class Shape {
public:
  static constexpr int most = 4;

  Shape() = default; ///< of a scalar
  /// Throws InputError for more than four extents or a negative one.
  Shape(std::initializer_list<Index> extents);

  int rank() const { return rank_; }
  Index operator[](int axis) const { return extents_[static_cast<std::size_t>(axis)]; }
  void set(int axis, Index extent) { extents_[static_cast<std::size_t>(axis)] = extent; }

  Index size() const; ///< values in all
  Index last() const { return rank_ == 0 ? 1 : extents_[static_cast<std::size_t>(rank_ - 1)]; }
  Index rows() const { return last() == 0 ? 0 : size() / last(); } ///< of the matrix with last() columns

  /// The axis from either end: -1 is the last. Throws InputError where there is none; `operation` is named.
  int axis(int axis, const char* operation) const;

  Shape with(int axis, Index extent) const;
  Shape without(int axis) const;
  Shape appended(Index extent) const;

  bool operator==(const Shape&) const = default;

private:
  std::array<Index, most> extents_{};
  int rank_ = 0;
};

/// "128 x 10"; "scalar".
std::string to_string(const Shape& shape);

/// What two operands have in common: extents are equal or one of them is 1, aligned at the last (numpy's
/// rule). Throws InputError naming the operation and both shapes.
Shape broadcast(const Shape& a, const Shape& b, const char* operation);

} // namespace raphson::optim
