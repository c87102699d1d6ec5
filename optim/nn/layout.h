// Where a network's parameters lie in one flat vector, which any solver of the engine takes: named blocks,
// one a weight matrix or a bias, and how each is drawn at first.
//
//   Layout layout;
//   const Linear hidden(layout, "hidden", 784, 512), out(layout, "out", 512, 10);
//   Vector theta = layout.initial(seed);
#pragma once

#include "optim/autodiff/tape.h"
#include "optim/engine/types.h"

#include <cstdint>
#include <string>
#include <vector>

namespace raphson::optim::nn {

/// How a block's values are drawn: normal with this deviation, uniform in +-range, or all alike.
struct Initialiser {
  enum class Kind { constant, normal, uniform } kind = Kind::constant;
  double scale = 0;
};
inline Initialiser constant(double value) { return {Initialiser::Kind::constant, value}; }
inline Initialiser normal(double deviation) { return {Initialiser::Kind::normal, deviation}; }
inline Initialiser uniform(double range) { return {Initialiser::Kind::uniform, range}; }

/// Normal, variance 2 / fan_in (K. He et al., ICCV 2015), for relu and its kin.
Initialiser he(Index fan_in);
/// Normal, variance 1 / fan_in (Y. LeCun et al., "Efficient backprop", 1998).
Initialiser lecun(Index fan_in);
/// Uniform, variance 2 / (fan_in + fan_out) (X. Glorot & Y. Bengio, AISTATS 2010).
Initialiser glorot(Index fan_in, Index fan_out);

/// A block of a layout.
struct Block {
  Index offset = 0;
  Shape shape = {};
};

class Layout {
public:
  struct Entry {
    std::string name;
    Block block;
    Initialiser initialiser;
  };

  /// Behind the blocks so far. Throws InputError where the name is taken.
  Block add(std::string name, const Shape& shape, const Initialiser& initialiser);

  Index size() const { return size_; } ///< parameters in all
  const std::vector<Entry>& entries() const { return entries_; }

  /// Every block from a stream of its own name: another block does not change it.
  Vector initial(std::uint64_t seed) const;

private:
  std::vector<Entry> entries_;
  Index size_ = 0;
};

/// A layout's parameters on a tape: weights[block].
template <class T> class Weights {
public:
  /// derivatives: vectors of the layout's size, as Tape::parameter has them for each block.
  Weights(Tape<T>& tape, const T* values, const typename Tape<T>::Derivatives& derivatives)
      : tape_(&tape), values_(values), derivatives_(derivatives) {}
  /// Without derivatives.
  Weights(Tape<T>& tape, const T* values) : tape_(&tape), values_(values) {}
  /// Gradients of each example; a block's lies at examples * offset as [examples][size].
  Weights(Tape<T>& tape, const T* values, T* gradients, Index examples)
      : tape_(&tape), values_(values), derivatives_{.gradient = gradients}, examples_(examples) {}

  Tape<T>& tape() const { return *tape_; }
  Var<T> operator[](const Block& block) const {
    const T* const values = values_ + block.offset;
    const auto at = [&](auto* p) { return p ? p + block.offset : nullptr; };
    if (!derivatives_.gradient) return tape_->constant(block.shape, values, at(derivatives_.direction));
    if (examples_ > 0)
      return tape_->parameter(block.shape, values, derivatives_.gradient + examples_ * block.offset,
                              examples_);
    return tape_->parameter(block.shape, values,
                            {.gradient = at(derivatives_.gradient),
                             .direction = at(derivatives_.direction),
                             .product = at(derivatives_.product)});
  }

private:
  Tape<T>* tape_;
  const T* values_;
  typename Tape<T>::Derivatives derivatives_ = {};
  Index examples_ = 0;
};

} // namespace raphson::optim::nn
