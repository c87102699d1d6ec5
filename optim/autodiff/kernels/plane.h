// Values in memory, with their derivatives along one direction beside them or without.
#pragma once

#include <cstddef>
#include <type_traits>

namespace raphson::optim {

using Index = std::ptrdiff_t;

/// tangent: the values' derivatives along the direction, null where none are carried.
template <class T> struct Plane {
  T* value = nullptr;
  T* tangent = nullptr;

  Plane operator+(Index offset) const { return {value + offset, tangent ? tangent + offset : nullptr}; }
  operator Plane<const T>() const requires(!std::is_const_v<T>) { return {value, tangent}; }
};

} // namespace raphson::optim
