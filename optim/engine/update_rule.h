// What a first-order solver is apart from its loop: a value that turns a gradient into a step and remembers.
//
//   AdamRule<float> rule(blocks, {.learning_rate = 1e-3});
//   for (...) {
//     gradient = of a minibatch at the parameters;
//     rule.step(gradient, parameters, schedule(t));
//   }
//
// The parameters are one flat vector; rules that see matrices (SOAP, Shampoo) are told where they lie in it.
// minimise(objective, start, FirstOrderOptions{...}) runs any rule on an objective (first_order.h); a
// training loop that has its own gradients calls step() itself. A step allocates nothing of its own, though
// products of large matrices may in Eigen.
#pragma once

#include <Eigen/Core>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace raphson::optim {

/// A matrix, row by row, within the flat vector; vectors (biases) are one row.
struct ParameterBlock {
  std::string name = {}; ///< for messages: "layer 2 weights"
  Eigen::Index offset = 0;
  Eigen::Index rows = 1;
  Eigen::Index columns = 0;

  Eigen::Index size() const { return rows * columns; }
};
using ParameterBlocks = std::vector<ParameterBlock>;

/// All parameters as one vector, for rules that look at each coordinate by itself.
inline ParameterBlocks one_block(Eigen::Index parameters) { return {{"parameters", 0, 1, parameters}}; }

/// Throws InputError unless the blocks are not empty and follow on from each other, from offset 0.
Eigen::Index parameter_count(const ParameterBlocks& blocks);

/// The block of the first value that is not finite; null where all are.
template <class Scalar>
const ParameterBlock* first_not_finite(const ParameterBlocks& blocks, std::span<const Scalar> values);

/// An array of a rule's state. Its size is the same from the rule's construction on.
struct StateArray {
  std::string name = {};
  std::variant<std::span<float>, std::span<double>, std::span<std::uint64_t>> values = {};
};

template <class Scalar> class UpdateRule {
public:
  virtual ~UpdateRule() = default;

  /// One step on the parameters in place, its learning rate times `factor` (a schedule's). Throws
  /// std::invalid_argument where a size is not that of the blocks. A gradient that is not finite spoils the
  /// state: the caller looks first.
  virtual void step(std::span<const Scalar> gradient, std::span<Scalar> parameters, double factor = 1) = 0;

  /// Everything that the next step depends on besides its arguments. Valid as long as the rule.
  virtual std::vector<StateArray> state() = 0;

  /// Whether it moves where the gradient is zero, as noise does: then a small gradient is no reason to stop.
  virtual bool is_random() const { return false; }

  std::size_t state_bytes();
};

/// The state as bytes, and back: a rule made with the same blocks and settings goes on from there as the
/// first would have, to the bit. restore_state throws InputError where the bytes are of another rule or size.
template <class Scalar> std::string save_state(UpdateRule<Scalar>& rule);
template <class Scalar> void restore_state(UpdateRule<Scalar>& rule, std::string_view bytes);

namespace detail {

void check_sizes(std::size_t gradient, std::size_t parameters, Eigen::Index expected);

/// Throws InputError, "RULE: NAME is VALUE, it must be ...".
void check_positive(const char* rule, const char* name, double value);
void check_not_negative(const char* rule, const char* name, double value);
void check_decay(const char* rule, const char* name, double value); // in [0, 1)

template <class Scalar> using Array = Eigen::Array<Scalar, Eigen::Dynamic, 1>;

template <class Scalar> Eigen::Map<Array<Scalar>> array_of(std::span<Scalar> values) {
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}
template <class Scalar> Eigen::Map<const Array<Scalar>> array_of(std::span<const Scalar> values) {
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}
template <class Scalar> std::span<Scalar> span_of(Array<Scalar>& values) {
  return {values.data(), static_cast<std::size_t>(values.size())};
}

/// Calls body(begin, count) over [0, n) in pieces that stay in the first-level cache, so that several passes
/// over them cost one over memory.
template <class Body> void for_pieces(Eigen::Index n, Body body) {
  constexpr Eigen::Index piece = 512;
  for (Eigen::Index begin = 0; begin < n; begin += piece) body(begin, std::min(piece, n - begin));
}

} // namespace detail
} // namespace raphson::optim
