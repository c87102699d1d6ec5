// The last samples of one channel, to be read late, a block at a time: a ring.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <vector>

namespace raphson::dsp {

class DelayLine {
public:
  /// For delays up to `maximum` samples and blocks up to `block`. Allocates; silent.
  void prepare(std::size_t maximum, std::size_t block) {
    ring_.assign(std::bit_ceil(maximum + block), 0.0);
    end_ = 0;
  }

  void reset() { std::fill(ring_.begin(), ring_.end(), 0.0); }

  void write(const double* in, std::size_t count) {
    const std::size_t first = std::min(count, ring_.size() - end_);
    std::copy_n(in, first, ring_.begin() + end_);
    std::copy_n(in + first, count - first, ring_.begin());
    end_ = (end_ + count) & (ring_.size() - 1);
  }

  /// The block of `count` that ended `delay` samples before what was written last did.
  void read(std::size_t delay, double* out, std::size_t count) const {
    const std::size_t begin = (end_ - delay - count) & (ring_.size() - 1);
    const std::size_t first = std::min(count, ring_.size() - begin);
    std::copy_n(ring_.begin() + begin, first, out);
    std::copy_n(ring_.begin(), count - first, out + first);
  }

private:
  std::vector<double> ring_ = std::vector<double>(1, 0.0);
  std::size_t end_ = 0;
};

} // namespace raphson::dsp
