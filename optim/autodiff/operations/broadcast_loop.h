// The loops over operands that are spread over a common shape: neighbouring axes that all operands run
// through alike are taken as one, the innermost goes to a kernel.
#pragma once

#include "optim/autodiff/shape.h"

#include <array>

namespace raphson::optim {

/// Steps of a tensor of shape `from` through the axes of `over`, 0 where it is spread; from is spread over
/// `over` without error.
std::array<Index, Shape::most> broadcast_strides(const Shape& from, const Shape& over);

/// Up to `count` operands over `shape`; call(n, offsets): n values in a row, each operand at its offset with
/// a stride of 1 or 0 (inner_stride).
template <std::size_t count> class BroadcastLoop {
public:
  BroadcastLoop(const Shape& shape, const std::array<Shape, count>& operands) {
    std::array<std::array<Index, Shape::most>, count> strides;
    for (std::size_t k = 0; k < count; ++k) strides[k] = broadcast_strides(operands[k], shape);
    std::size_t at = inner; // axes are joined from the innermost outwards
    bool first = true;
    for (std::size_t axis = static_cast<std::size_t>(shape.rank()); axis-- > 0;) {
      const Index extent = shape[static_cast<int>(axis)];
      if (extent == 1) continue;
      bool joins = !first;
      for (std::size_t k = 0; k < count; ++k)
        joins = joins && strides[k][axis] == stride_[k][at] * extent_[at];
      if (joins) {
        extent_[at] *= extent;
        continue;
      }
      if (!first) --at;
      first = false;
      extent_[at] = extent;
      for (std::size_t k = 0; k < count; ++k) stride_[k][at] = strides[k][axis];
    }
    if (first) // one value
      for (auto& stride : stride_) stride[inner] = 1;
  }

  Index inner_stride(std::size_t operand) const { return stride_[operand][inner]; }

  template <class Call> void run(const Call& call) const {
    for (Index i = 0; i < extent_[0]; ++i)
      for (Index j = 0; j < extent_[1]; ++j)
        for (Index k = 0; k < extent_[2]; ++k) {
          std::array<Index, count> offsets;
          for (std::size_t o = 0; o < count; ++o)
            offsets[o] = i * stride_[o][0] + j * stride_[o][1] + k * stride_[o][2];
          call(extent_[inner], offsets);
        }
  }

private:
  static constexpr std::size_t inner = Shape::most - 1;

  std::array<Index, Shape::most> extent_{1, 1, 1, 1};
  std::array<std::array<Index, Shape::most>, count> stride_{};
};

} // namespace raphson::optim
