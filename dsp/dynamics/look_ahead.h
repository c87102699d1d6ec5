// Delays the audio so that the gain can act before a peak arrives: a ring of n samples.
#pragma once

#include <cstddef>
#include <vector>

namespace raphson::dsp {

template <class S> class LookAhead {
public:
  /// Allocates; the audio then comes out `samples` late.
  void prepare(std::size_t samples) {
    ring_.assign(samples, S(0.0));
    position_ = 0;
  }
  void reset() { prepare_in_place(); }
  std::size_t samples() const { return ring_.size(); }

  S operator()(const S& x) {
    if (ring_.empty()) return x;
    const S late = ring_[position_];
    ring_[position_] = x;
    if (++position_ == ring_.size()) position_ = 0;
    return late;
  }

private:
  void prepare_in_place() {
    for (S& x : ring_) x = S(0.0);
    position_ = 0;
  }

  std::vector<S> ring_;
  std::size_t position_ = 0;
};

} // namespace raphson::dsp
