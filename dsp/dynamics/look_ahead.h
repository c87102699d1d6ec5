// Delays the audio, y[n] = x[n - samples], so that the gain can act before a peak arrives: a ring of the last
// samples.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace raphson::dsp {

template <class S> class LookAhead {
public:
  /// Allocates for delays up to `maximum` samples and delays by it, from silence.
  void prepare(std::size_t maximum) {
    ring_.assign(maximum + 1, S(0.0));
    samples_ = maximum;
    position_ = 0;
  }

  /// Delays by `samples`, at most what was prepared, from now on; allocates nothing.
  void set(std::size_t samples) { samples_ = std::min(samples, ring_.size() - 1); }

  void reset() {
    std::fill(ring_.begin(), ring_.end(), S(0.0));
    position_ = 0;
  }

  std::size_t samples() const { return samples_; }

  S operator()(const S& x) {
    ring_[position_] = x;
    const S late = ring_[position_ >= samples_ ? position_ - samples_ : position_ + ring_.size() - samples_];
    if (++position_ == ring_.size()) position_ = 0;
    return late;
  }

private:
  std::vector<S> ring_ = std::vector<S>(1, S(0.0));
  std::size_t samples_ = 0, position_ = 0;
};

} // namespace raphson::dsp
