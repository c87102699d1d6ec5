// The vectorised gains against the compressor written sample by sample.
#include "catch.h"
#include "dsp/dynamics/compressor.h"
#include "dsp/dynamics/linked_gain.h"

#include <cmath>
#include <vector>

using namespace raphson;

namespace {

constexpr double octaves_per_db = dsp::nepers_per_db / std::numbers::ln2;

std::vector<double> programme(int channel, std::size_t count) {
  std::vector<double> x(count);
  for (std::size_t t = 0; t < count; ++t) {
    const auto s = static_cast<double>(t);
    x[t] = std::exp(-6 + 6 * std::sin(0.004 * s + channel)) * std::sin(0.3 * s + channel);
  }
  return x;
}

} // namespace

TEST_CASE("Linked gain: unlinked it is the compressor of each channel, for every instruction set and block") {
  constexpr std::size_t count = 3000;
  struct Case {
    double threshold_db, ratio, attack_ms, release_ms, knee_db;
  };
  for (const Case& k : {Case{-30, 4, 1, 100, 0}, Case{-30, 4, 1, 100, 12}, Case{-20, 20, 50, 2, 6},
                        Case{-80, 100, 0.05, 1, 0}})
    for (const dsp::Isa isa : {dsp::Isa::baseline, dsp::detect_isa()})
      for (const int channels : {1, 2, 3, 8}) {
        std::vector<std::vector<double>> x, gain(8, std::vector<double>(count));
        for (int c = 0; c < channels; ++c) x.push_back(programme(c, count));
        std::vector<double> state(8, 1.0);
        for (std::size_t from = 0, n = 1; from < count; from += n, n = n % 37 + 3) {
          n = std::min(n, count - from);
          const double* level[8];
          double* out[8];
          for (int c = 0; c < channels; ++c) {
            level[c] = x[static_cast<std::size_t>(c)].data() + from;
            out[c] = gain[static_cast<std::size_t>(c)].data() + from;
          }
          dsp::LinkedGainBlock block{channels,
                                     n,
                                     level,
                                     out,
                                     state.data(),
                                     false,
                                     {k.threshold_db * octaves_per_db},
                                     {1 - 1 / k.ratio},
                                     {0},
                                     k.knee_db * octaves_per_db,
                                     dsp::coefficient_from_ms(k.attack_ms, 48000.0),
                                     dsp::coefficient_from_ms(k.release_ms, 48000.0)};
          dsp::linked_gain(isa)(block);
        }
        const double values[] = {k.threshold_db, k.ratio, k.attack_ms, k.release_ms, 0, k.knee_db, 0, 0};
        for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
          dsp::Compressor<double> reference(std::span<const double>(values), 48000);
          for (std::size_t t = 0; t < count; ++t)
            REQUIRE(gain[c][t] == Approx(reference.gain(x[c][t])).epsilon(1e-11));
        }
      }
}

TEST_CASE("Linked gain: lines move threshold, slope and link with every sample") {
  constexpr std::size_t count = 100;
  const auto a = programme(0, count), b = programme(1, count);
  std::vector<double> gain_a(count), gain_b(count);
  const double* const level[] = {a.data(), b.data()};
  double* const gain[] = {gain_a.data(), gain_b.data()};
  double state[] = {1, 1};
  dsp::LinkedGainBlock block{2,          count,        level,        gain, state, false,
                             {-5, 0.03}, {0.5, 0.002}, {0.1, 0.008}, 0,    1,     1};
  dsp::linked_gain()(block);
  double highest = -1e9;
  for (std::size_t t = 0; t < count; ++t) {
    const auto s = static_cast<double>(t);
    const double own = std::log2(std::max(std::abs(a[t]), 1e-8)),
                 other = std::log2(std::max(std::abs(b[t]), 1e-8));
    const double loudest = std::max(own, other), link = 0.1 + 0.008 * s;
    highest = std::max(highest, loudest);
    const double over = std::max(0.0, own + link * (loudest - own) - (-5 + 0.03 * s));
    REQUIRE(gain_a[t] == Approx(std::exp2(-(0.5 + 0.002 * s) * over)).epsilon(1e-12)); // ballistics at once
  }
  CHECK(block.highest_octaves == Approx(highest));
}

TEST_CASE("Linked gain: the root of a mean square is its level") {
  const std::vector<double> power{0.25, 0.01, 1e-30, 4};
  std::vector<double> out(4);
  const double* const level[] = {power.data()};
  double* const gain[] = {out.data()};
  double state = 1;
  dsp::LinkedGainBlock block{1, 4, level, gain, &state, true, {-3}, {0.5}, {0}, 0, 1, 1};
  dsp::linked_gain()(block);
  for (std::size_t t = 0; t < 4; ++t)
    CHECK(out[t] == Approx(std::min(1.0, std::sqrt(0.125 / std::sqrt(std::max(power[t], 1e-16))))));
}
