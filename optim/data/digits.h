// The handwritten digits that come with the program: 10,000 of MNIST (LeCun, Cortes & Burges 1998), 28 x 28
// pixels in [0, 1], shuffled, so that any range of rows is a fair sample (assets/README.md).
#pragma once

#include "optim/data/split.h"

#include <cstddef>
#include <cstdint>

namespace raphson::optim::data {

inline constexpr std::size_t digits_available = 10000;

/// The first `count`. Throws InputError where there are fewer.
Dataset digits(std::size_t count = digits_available);

/// `count` of them drawn without replacement, in random order, by the stream "digits" of the seed.
Dataset digits(std::size_t count, std::uint64_t seed);

/// So many to train on and others held out, in random order by the same stream.
TrainingAndHeldOut digits_split(std::size_t training, std::size_t held_out, std::uint64_t seed);

} // namespace raphson::optim::data
