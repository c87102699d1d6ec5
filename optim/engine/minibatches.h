// Minibatches: each epoch visits every example once, in a fresh order from a named stream of the seed, the
// last batch being the shorter. The same seed, name and sizes give the same batches to every solver.
#pragma once

#include "optim/engine/random.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace raphson::optim {

/// ceil(examples / batch_size).
std::size_t steps_per_epoch(std::size_t examples, std::size_t batch_size);

class Minibatches {
public:
  /// Throws InputError unless examples and batch_size are above 0; a batch larger than all is all.
  Minibatches(std::size_t examples, std::size_t batch_size, std::uint64_t seed,
              std::string_view stream = "minibatches");

  /// Every example once, in the order of this epoch.
  std::span<const std::size_t> all() const { return order_; }
  /// Valid until the next call.
  std::span<const std::size_t> next();
  /// Goes past that many batches, to resume a run.
  void skip(std::size_t batches);

private:
  RandomStream stream_;
  std::vector<std::size_t> order_;
  std::size_t batch_size_;
  std::size_t at_ = 0;
};

} // namespace raphson::optim
