// What the loss kernel's passes work on: the lanes' audio in tiles of a few dozen samples, the parameters a
// lane each, and the quantities that the passes hand on, in single or double precision, for one instruction
// set. Everything a tile holds stays in the nearest caches between the passes.
#pragma once

#include "dsp/math/elementary.h"
#include "dsp/simd/transpose.h"
#include "dsp/simd/wide_lanes.h"
#include "optim/match/compressor_kernel.h"

namespace raphson::optim::match {

template <class Real, dsp::Isa isa> struct CompressorTiles {

  static constexpr int lanes = dsp::lane_count<Real>(isa);
  static constexpr int tile_samples = sizeof(Real) == 4 ? 128 : 32;
  static constexpr int stride =
      tile_samples + 1; // off a power of two, else all arrays of a tile share one cache set
  static constexpr double ln2 = 0.69314718055994530942;
  static constexpr double level_floor = 1e-8; // -160 dB, as in the published code

  using V = dsp::Lanes<Real, lanes, isa>;
  using D =
      std::conditional_t<sizeof(Real) == 4, dsp::WideLanes<lanes, isa>, V>; ///< doubles, one for each of V

  static RAPHSON_INLINE D widen(V a) {
    if constexpr (sizeof(Real) == 4)
      return dsp::widen(a);
    else
      return a;
  }
  static RAPHSON_INLINE V narrow(D a) {
    if constexpr (sizeof(Real) == 4)
      return dsp::narrow(a);
    else
      return a;
  }
  template <class S> static RAPHSON_INLINE S log2(S x) { return dsp::math::log2(x); }
  template <class S> static RAPHSON_INLINE S exp2_within_range(S x) {
    return dsp::math::exp2_within_range(x);
  }

  /// The coordinates and pre-emphasis, a lane each. Levels are in octaves of amplitude here: log2 and 2^x
  /// need no change of base. Derivatives by theta and s get their factors ln 2 where the sums leave the
  /// kernel.
  struct Coordinates {
    V log2_threshold, slope, attack, release, keep_attack, keep_release, pole, pole_power; ///< pole^n
    D exact_attack, exact_release, exact_keep_attack, exact_keep_release, makeup;
    V decay[tile_samples]; ///< (pole - 1) pole^(n-1-j)

    /// A candidate a lane; lanes past the end repeat the last one.
    Coordinates(const CompressorCoordinates* candidates, int count, double pre_emphasis_pole) {
      for (int lane = 0; lane < lanes; ++lane) {
        const CompressorCoordinates& k = candidates[lane < count ? lane : count - 1];
        log2_threshold.set(lane, Real(k.log_threshold / ln2));
        slope.set(lane, Real(k.slope));
        exact_attack.set(lane, k.attack);
        exact_release.set(lane, k.release);
        makeup.set(lane, dsp::math::exp(k.log_makeup));
      }
      exact_keep_attack = D(1.0) - exact_attack;
      exact_keep_release = D(1.0) - exact_release;
      attack = narrow(exact_attack);
      release = narrow(exact_release);
      keep_attack = narrow(exact_keep_attack);
      keep_release = narrow(exact_keep_release);
      pole = V(Real(pre_emphasis_pole));
      double power = 1;
      for (int j = tile_samples; j-- > 0;) {
        decay[j] = V(Real((pre_emphasis_pole - 1) * power));
        power *= pre_emphasis_pole;
      }
      pole_power = V(Real(power));
    }
  };

  /// H applied to a running signal: v_t = u_t - u_{t-1} + pole v_{t-1}.
  struct PreEmphasis {
    V u{Real(0)}, v{Real(0)};
    RAPHSON_INLINE V operator()(V input, V pole) {
      v = (input - u) + pole * v;
      u = input;
      return v;
    }
  };

  /// Per-sample quantities passed between the passes. Gains and their derivatives carry the make-up.
  struct Tile {
    V x[stride], y[stride];
    V f[stride], overshoot[stride]; ///< static gain, max(u, 0) in octaves
    V e[stride];                    ///< pre-emphasised error, 0 where not scored
    V e_i[5][stride];               ///< its derivatives by phi, s, a, r, mu
    V d[stride], d_phi[stride],
        d_slope[stride];                   ///< input minus state of g, phi and dg/ds; attack where d < 0
    V g_attack[stride], g_release[stride]; ///< dg/da and dg/dr before the step
    V input_slope2[stride];                ///< c f max(u, 0)^2
    V weight_now[stride], weight_carry[stride];
    V weight_start;
  };

  struct Group {
    const ChunkView* chunks;
    int count;
    std::size_t samples = 0;

    Group(const ChunkView* views, int n) : chunks(views), count(n) {
      for (int lane = 0; lane < n; ++lane)
        samples = samples < views[lane].count ? views[lane].count : samples;
    }
    bool all_scored(std::size_t from) const {
      for (int lane = 0; lane < count; ++lane)
        if (from < chunks[lane].first_scored || from + tile_samples > chunks[lane].count) return false;
      return true; // lanes without a chunk are silent and add nothing
    }
    V scored(std::size_t t) const {
      V weight(0.0);
      for (int lane = 0; lane < count; ++lane)
        if (t >= chunks[lane].first_scored && t < chunks[lane].count) weight.set(lane, Real(1));
      return weight;
    }
  };

  /// One signal of every lane from `from` on, zeros past the end.
  static void gather(const Group& group, const float* ChunkView::*signal, std::size_t from, V* out) {
    using F = dsp::Lanes<float, lanes, isa>;
    static constexpr float silence[tile_samples] = {};
    alignas(64) float padded[lanes][tile_samples];
    const float* rows[lanes];
    for (int lane = 0; lane < lanes; ++lane) {
      const std::size_t count = lane < group.count ? group.chunks[lane].count : 0;
      rows[lane] = from < count ? padded[lane] : silence;
      if (from >= count) continue;
      if (from + tile_samples <= count) {
        rows[lane] = group.chunks[lane].*signal + from;
        continue;
      }
      for (std::size_t j = 0; j < tile_samples; ++j)
        padded[lane][j] = from + j < count ? (group.chunks[lane].*signal)[from + j] : 0.0f;
    }
    for (int j = 0; j < tile_samples; j += lanes) {
      F block[lanes];
      for (int lane = 0; lane < lanes; ++lane) block[lane] = F::load(rows[lane] + j);
      dsp::transpose(block);
      for (int i = 0; i < lanes; ++i) out[j + i] = V(__builtin_convertvector(block[i].v, typename V::Vector));
    }
  }

  static void read(const Group& group, std::size_t from, const Coordinates& k, Tile& tile) {
    gather(group, &ChunkView::dry, from, tile.x);
    gather(group, &ChunkView::wet, from, tile.y);
    const V makeup = narrow(k.makeup);
#pragma GCC unroll 4 // hides the latency of the two polynomials
    for (int t = 0; t < tile_samples; ++t) {
      const V u = log2(max(abs(tile.x[t]), V(Real(level_floor)))) - k.log2_threshold;
      tile.overshoot[t] = max(u, V(Real(0)));
      tile.f[t] = makeup * exp2_within_range(-k.slope * tile.overshoot[t]);
    }
  }
};

} // namespace raphson::optim::match
