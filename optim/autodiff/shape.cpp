#include "optim/autodiff/shape.h"

#include "dsp/error.h"

#include <algorithm>

namespace raphson::optim {

Shape::Shape(std::initializer_list<Index> extents) : rank_(static_cast<int>(extents.size())) {
  if (extents.size() > most)
    throw InputError("a tensor has at most " + std::to_string(most) + " extents, here are "
                     + std::to_string(extents.size()));
  std::copy(extents.begin(), extents.end(), extents_.begin());
  for (const Index extent : extents)
    if (extent < 0) throw InputError("an extent of a tensor is " + std::to_string(extent) + ", at least 0");
}

Index Shape::size() const {
  Index size = 1;
  for (int i = 0; i < rank_; ++i) size *= (*this)[i];
  return size;
}

int Shape::axis(int axis, const char* operation) const {
  const int from_front = axis < 0 ? axis + rank_ : axis;
  if (from_front < 0 || from_front >= rank_)
    throw InputError(std::string(operation) + ": no axis " + std::to_string(axis) + " in "
                     + to_string(*this));
  return from_front;
}

Shape Shape::with(int axis, Index extent) const {
  Shape shape = *this;
  shape.set(axis, extent);
  return shape;
}

Shape Shape::without(int axis) const {
  Shape shape;
  for (int i = 0; i < rank_; ++i)
    if (i != axis) shape.set(shape.rank_++, (*this)[i]);
  return shape;
}

Shape Shape::appended(Index extent) const {
  if (rank_ == most) throw InputError("a tensor has at most " + std::to_string(most) + " extents");
  Shape shape = *this;
  shape.set(shape.rank_++, extent);
  return shape;
}

std::string to_string(const Shape& shape) {
  if (shape.rank() == 0) return "scalar";
  std::string text = std::to_string(shape[0]);
  for (int i = 1; i < shape.rank(); ++i) text += " x " + std::to_string(shape[i]);
  return text;
}

Shape broadcast(const Shape& a, const Shape& b, const char* operation) {
  const bool a_longer = a.rank() >= b.rank();
  Shape common = a_longer ? a : b;
  const Shape& shorter = a_longer ? b : a;
  for (int i = 1; i <= shorter.rank(); ++i) {
    const int axis = common.rank() - i;
    const Index extent = shorter[shorter.rank() - i];
    if (common[axis] == 1)
      common.set(axis, extent);
    else if (extent != 1 && extent != common[axis])
      throw InputError(std::string(operation) + ": shapes " + to_string(a) + " and " + to_string(b)
                       + " do not match");
  }
  return common;
}

} // namespace raphson::optim
