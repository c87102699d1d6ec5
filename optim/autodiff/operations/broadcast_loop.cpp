#include "optim/autodiff/operations/broadcast_loop.h"

namespace raphson::optim {

std::array<Index, Shape::most> broadcast_strides(const Shape& from, const Shape& over) {
  std::array<Index, Shape::most> strides{};
  Index stride = 1;
  for (int i = 1; i <= from.rank(); ++i) {
    const Index extent = from[from.rank() - i];
    if (extent != 1) strides[static_cast<std::size_t>(over.rank() - i)] = stride;
    stride *= extent;
  }
  return strides;
}

} // namespace raphson::optim
