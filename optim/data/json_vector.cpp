#include "optim/data/json_vector.h"

namespace raphson::optim::data {

std::vector<double> numbers(const Vector& v) { return {v.data(), v.data() + v.size()}; }

Vector vector_of(const dsp::Field& field, Eigen::Index size) {
  const auto entries = field.entries();
  if (std::ssize(entries) != size)
    field.fail("has " + std::to_string(entries.size()) + " numbers, " + std::to_string(size) + " are needed");
  Vector v(size);
  for (Eigen::Index i = 0; i < size; ++i)
    v[i] = entries[static_cast<std::size_t>(i)].number(-largest_number, largest_number);
  return v;
}

int whole(const dsp::Field& field, int minimum, int maximum) {
  const double value = field.number(minimum, maximum);
  if (value != static_cast<int>(value)) field.fail("must be a whole number");
  return static_cast<int>(value);
}

} // namespace raphson::optim::data
