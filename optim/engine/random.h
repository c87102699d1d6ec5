// Named, seeded streams of random numbers that are the same, bit for bit, on every platform.
//
//   RandomStream starts(seed, "starts"), order(seed, "minibatches");
//
// Streams of different names are independent, so that drawing more from one does not shift another. The bits
// come from xoshiro256++ (D. Blackman & S. Vigna, "Scrambled linear pseudorandom number generators", ACM
// Trans. Math. Software 47, 2021), its state filled by SplitMix64 from the seed and the FNV-1a hash of the
// name. The standard library's distributions differ between implementations, and so do log and exp: the
// mapping to uniform and normal numbers is therefore made here of exactly rounded operations alone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

namespace raphson::optim {

// One step of SplitMix64 (G. Steele, D. Lea & C. Flood, OOPSLA 2014).
std::uint64_t split_mix(std::uint64_t& state);

// xoshiro256++ on a given state, not all zero.
class Xoshiro256 {
public:
  explicit Xoshiro256(const std::array<std::uint64_t, 4>& state) : state_(state) {}
  std::uint64_t operator()();
  std::array<std::uint64_t, 4>& state() { return state_; }

private:
  std::array<std::uint64_t, 4> state_;
};

// The quantile of the standard normal distribution for p in (0, 1), relative error about 1e-16: M. J.
// Wichura, algorithm AS 241 (PPND16), Applied Statistics 37 (1988).
double normal_quantile(double p);

class RandomStream {
public:
  using result_type = std::uint64_t; // a standard uniform random bit generator
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }

  RandomStream(std::uint64_t seed, std::string_view name);

  result_type operator()() { return engine_(); }
  std::array<std::uint64_t, 4>& state() { return engine_.state(); } // to save a stream, and to go on with it
  double uniform();                                                 // in [0, 1), a multiple of 2^-53
  double uniform(double low, double high);                          // in [low, high]
  double normal();                                                  // mean 0, variance 1; one draw each
  std::size_t index(std::size_t count); // 0 ... count - 1, without bias; count > 0

  // Fisher-Yates: every order is equally likely.
  template <class Range> void shuffle(Range& range) {
    using std::swap;
    for (std::size_t i = std::size(range); i > 1; --i) swap(range[i - 1], range[index(i)]);
  }

private:
  Xoshiro256 engine_;
};

} // namespace raphson::optim
