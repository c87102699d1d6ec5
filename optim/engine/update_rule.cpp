#include "optim/engine/update_rule.h"

#include "dsp/error.h"

#include <cmath>
#include <cstring>
#include <stdexcept>

namespace raphson::optim {

Eigen::Index parameter_count(const ParameterBlocks& blocks) {
  Eigen::Index next = 0;
  for (const ParameterBlock& block : blocks) {
    if (block.rows < 1 || block.columns < 1 || block.offset != next)
      throw InputError("parameter block '" + block.name + "' is " + std::to_string(block.rows) + " by "
                       + std::to_string(block.columns) + " at " + std::to_string(block.offset)
                       + ", blocks have at least one row and column and follow on from each other (here at "
                       + std::to_string(next) + ")");
    next += block.size();
  }
  if (next == 0) throw InputError("there are no parameter blocks, at least one is needed");
  return next;
}

template <class Scalar>
const ParameterBlock* first_not_finite(const ParameterBlocks& blocks, std::span<const Scalar> values) {
  for (const ParameterBlock& block : blocks)
    if (!detail::array_of(values).segment(block.offset, block.size()).allFinite()) return &block;
  return nullptr;
}
template const ParameterBlock* first_not_finite(const ParameterBlocks&, std::span<const float>);
template const ParameterBlock* first_not_finite(const ParameterBlocks&, std::span<const double>);

namespace {

std::span<std::byte> bytes_of(const StateArray& array) {
  return std::visit([](auto values) { return std::as_writable_bytes(values); }, array.values);
}

/// What is written before each array and must be there again: its name, kind and size.
std::string heading(const StateArray& array) {
  return array.name + ' ' + "fdu"[array.values.index()] + ' ' + std::to_string(bytes_of(array).size()) + '\n';
}

} // namespace

template <class Scalar> std::size_t UpdateRule<Scalar>::state_bytes() {
  std::size_t bytes = 0;
  for (const StateArray& array : state()) bytes += bytes_of(array).size();
  return bytes;
}
template class UpdateRule<float>;
template class UpdateRule<double>;

template <class Scalar> std::string save_state(UpdateRule<Scalar>& rule) {
  std::string saved;
  for (const StateArray& array : rule.state()) {
    saved += heading(array);
    const auto bytes = bytes_of(array);
    saved.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  return saved;
}
template std::string save_state(UpdateRule<float>&);
template std::string save_state(UpdateRule<double>&);

template <class Scalar> void restore_state(UpdateRule<Scalar>& rule, std::string_view saved) {
  const std::vector<StateArray> arrays = rule.state();
  std::size_t expected = 0;
  for (const StateArray& array : arrays) expected += heading(array).size() + bytes_of(array).size();
  if (saved.size() != expected)
    throw InputError("solver state: it has " + std::to_string(saved.size()) + " bytes, this solver's has "
                     + std::to_string(expected));
  std::string_view rest = saved;
  for (const StateArray& array : arrays) { // all headings before any byte is taken
    if (!rest.starts_with(heading(array)))
      throw InputError("solver state: '" + array.name
                       + "' is missing or of another size, the state is another "
                       + "solver's or for other parameters");
    rest.remove_prefix(heading(array).size() + bytes_of(array).size());
  }
  for (const StateArray& array : arrays) {
    saved.remove_prefix(heading(array).size());
    const auto bytes = bytes_of(array);
    if (!bytes.empty()) std::memcpy(bytes.data(), saved.data(), bytes.size());
    saved.remove_prefix(bytes.size());
  }
}
template void restore_state(UpdateRule<float>&, std::string_view);
template void restore_state(UpdateRule<double>&, std::string_view);

namespace detail {

void check_sizes(std::size_t gradient, std::size_t parameters, Eigen::Index expected) {
  if (gradient != static_cast<std::size_t>(expected) || parameters != gradient)
    throw std::invalid_argument("update rule: gradient and parameters have " + std::to_string(gradient)
                                + " and " + std::to_string(parameters) + " numbers, its blocks "
                                + std::to_string(expected));
}

namespace {
[[noreturn]] void refuse(const char* rule, const char* name, double value, const char* range) {
  char number[32];
  std::snprintf(number, sizeof number, "%g", value);
  throw InputError(std::string(rule) + ": " + name + " is " + number + ", it must be " + range);
}
} // namespace

void check_positive(const char* rule, const char* name, double value) {
  if (!(value > 0) || !std::isfinite(value)) refuse(rule, name, value, "above 0 and finite");
}

void check_not_negative(const char* rule, const char* name, double value) {
  if (!(value >= 0) || !std::isfinite(value)) refuse(rule, name, value, "0 or above and finite");
}

void check_decay(const char* rule, const char* name, double value) {
  if (!(value >= 0 && value < 1)) refuse(rule, name, value, "at least 0 and below 1");
}

} // namespace detail
} // namespace raphson::optim
