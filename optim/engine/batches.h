// Minibatches: which examples each step sees. An epoch visits every example once in a fresh random order, the
// last batch being the shorter; orders come from the named stream of the seed.
//
//   Batches batches(data.size(), 100, seed, "training");
//   while (batches.epoch() < 20) { const std::span<const std::size_t> rows = batches.next(); ... }
//
// Where a run is, is two numbers: seek(position()) on a new object with the same size, seed and name goes on
// with the same batches. Nothing is allocated after construction.
#pragma once

#include "optim/engine/random.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace raphson::optim {

struct BatchPosition {
  std::uint64_t epoch = 0;  ///< complete ones
  std::size_t examples = 0; ///< seen of the one under way

  bool operator==(const BatchPosition&) const = default;
};

class Batches {
public:
  /// A batch_size beyond `examples` means all of them. Throws InputError where either is 0.
  Batches(std::size_t examples, std::size_t batch_size, std::uint64_t seed,
          std::string_view stream = "batches");

  /// Valid until the next call.
  std::span<const std::size_t> next();

  /// All examples, in the order of the epoch under way.
  std::span<const std::size_t> all() const { return order_; }

  std::size_t batches_per_epoch() const { return (order_.size() + batch_size_ - 1) / batch_size_; }

  /// Complete epochs: 1 from when the last batch of the first one was given.
  std::uint64_t epoch() const { return position().epoch; }
  BatchPosition position() const;

  /// Replays the orders up to there. Throws InputError where no batch ends at the position.
  void seek(BatchPosition position);

private:
  void begin();

  std::uint64_t seed_;
  std::string stream_name_;
  RandomStream stream_;
  std::vector<std::size_t> order_;
  std::size_t batch_size_;
  std::uint64_t epoch_ = 0; // of order_
  std::size_t at_ = 0;
};

/// Batches of as many examples from each of several sets, however much their sizes differ: each set goes
/// through its own fresh orders, and a batch that reaches the end of one goes on with the next.
class EqualBatches {
public:
  /// Throws InputError where a set is empty, there is none, or `each` is 0.
  EqualBatches(std::span<const std::size_t> set_sizes, std::size_t each, std::uint64_t seed,
               std::string_view stream = "equal batches");

  /// Draws the next batch; rows(set) gives what it has of each set.
  void next();
  std::span<const std::size_t> rows(std::size_t set) const { return sets_.at(set).batch; }

  /// Batches drawn so far; seek replays to there.
  std::uint64_t position() const { return drawn_; }
  void seek(std::uint64_t batches);

private:
  struct Set {
    RandomStream stream;
    std::vector<std::size_t> order, batch;
    std::size_t at = 0;
  };
  void begin();

  std::vector<std::size_t> sizes_;
  std::size_t each_;
  std::uint64_t seed_;
  std::string stream_name_;
  std::vector<Set> sets_;
  std::uint64_t drawn_ = 0;
};

} // namespace raphson::optim
