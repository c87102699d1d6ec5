// The loss kernel's passes, in single or double precision, for one instruction set.
//
// The audio is taken in tiles of a few dozen samples a lane, so that everything between the passes below
// stays in the nearest caches, and each pass has few enough running sums to keep them in registers:
//   read      gather the lanes' samples, level and static gain (the exponential and the logarithm)
//   advance   the ballistics' recursion, the error, their first derivatives (loss, gradient)
//   second    the eight second-derivative recursions (sum of e e_ij)
//   products  sum of e_i e_j
// In single precision twice the chunks move together; the ballistics and all sums over more than a tile stay
// in double. The paper's own code is single precision throughout. The Hessian is right to some 1e-6 on long
// audio (the tests hold it to 1e-3).
#pragma once

#include "optim/match/compressor_tiles.h"

namespace raphson::optim::match {

enum class Order { value, gradient, gauss_newton, hessian };

template <class Real, dsp::Isa isa> struct CompressorPasses : CompressorTiles<Real, isa> {
  using Tiles = CompressorTiles<Real, isa>;
  using Tiles::lanes, Tiles::ln2, Tiles::narrow, Tiles::read, Tiles::tile_samples, Tiles::widen;
  using typename Tiles::Coordinates, typename Tiles::D, typename Tiles::Group, typename Tiles::PreEmphasis,
      typename Tiles::Tile, typename Tiles::V;

  /// The second-derivative recursions, each named by the pair of parameters it belongs to. Those of attack
  /// and release among themselves run with the sign turned, and half their value on the diagonal: then every
  /// input is one quantity or nothing.
  enum Second {
    slope2,
    phi_attack,
    slope_attack,
    attack2,
    phi_release,
    slope_release,
    release2,
    attack_release,
    seconds
  };

  /// Running sums of e^2, e e_i and e_i e_j.
  struct Sums {
    D loss{0.0}, gradient[5], products[15];
    Sums() {
      for (D& s : gradient) s = D(0.0);
      for (D& s : products) s = D(0.0);
    }
  };

  /// g_t = (1 - c) g_{t-1} + c f_t. Both candidates are computed beside each other and the smaller taken (the
  /// larger, if attack is slower than release): the choice of c without its comparison in the recursion's
  /// path.
  template <bool attack_is_faster> static RAPHSON_INLINE D step(const Coordinates& k, D g, D f) {
    const D attacked = k.exact_keep_attack * g + k.exact_attack * f;
    const D released = k.exact_keep_release * g + k.exact_release * f;
    return attack_is_faster ? min(attacked, released) : max(attacked, released);
  }

  struct ValueState {
    D g;
    PreEmphasis error;
  };

  template <bool attack_is_faster, bool all_scored>
  static void advance_value(const Group& group, std::size_t from, const Coordinates& k, const Tile& tile,
                            ValueState& state, Sums& sums) {
    ValueState s = state;
    V loss(Real(0));
    for (int t = 0; t < tile_samples; ++t) {
      s.g = step<attack_is_faster>(k, s.g, widen(tile.f[t]));
      V e = s.error(narrow(s.g) * tile.x[t] - tile.y[t], k.pole);
      if constexpr (!all_scored) e *= group.scored(from + t);
      loss += e * e;
    }
    state = s;
    sums.loss += widen(loss);
  }

  /// dg/dp one sample on: (1 - c) q + input. In single precision the coefficient of a slow release is lost in
  /// 1 - c, so there the step is formed first.
  static RAPHSON_INLINE V advance(V q, V c, V keep, V input) {
    if constexpr (sizeof(Real) == 4)
      return q + (input - c * q);
    else
      return keep * q + input;
  }

  struct DerivativeState {
    D g{1.0}; ///< in double whatever Real is: a slow release moves it by less than a float resolves
    V phi{Real(0)}, slope{Real(0)}, attack{Real(0)}, release{Real(0)};
    PreEmphasis error, e_i[5];
  };

  /// The gain, the error and their first derivatives; the inputs of the second ones.
  template <Order order, bool attack_is_faster, bool all_scored>
  static void advance_derivatives(const Group& group, std::size_t from, const Coordinates& k, Tile& tile,
                                  DerivativeState& state, Sums& sums) {
    DerivativeState s = state;
    V loss(Real(0)), gradient[5];
    for (V& sum : gradient) sum = V(Real(0));
    for (int t = 0; t < tile_samples; ++t) {
      const V x = tile.x[t], f = tile.f[t], over = tile.overshoot[t];
      const D exact_f = widen(f);
      const V zero(Real(0)), d = narrow(exact_f - s.g);
      const auto attacks = d < zero;
      const V keep = select(attacks, k.keep_attack, k.keep_release), c = select(attacks, k.attack, k.release);
      const V f_slope = -over * f;
      const V d_phi = select(over > zero, f, zero) - s.phi, d_slope = f_slope - s.slope;
      if constexpr (order == Order::hessian) {
        tile.d[t] = d;
        tile.d_phi[t] = d_phi;
        tile.d_slope[t] = d_slope;
        tile.g_attack[t] = s.attack;
        tile.g_release[t] = s.release;
        tile.input_slope2[t] = -over * f_slope * c;
      }
      s.g = step<attack_is_faster>(k, s.g, exact_f);
      s.phi += c * d_phi;
      s.slope += c * d_slope;
      s.attack = advance(s.attack, c, keep, select(attacks, d, zero));
      s.release = advance(s.release, c, keep, select(attacks, zero, d));

      const V u = narrow(s.g) * x;
      V e = s.error(u - tile.y[t], k.pole);
      V e_i[5] = {s.e_i[0](s.phi * x, k.pole), s.e_i[1](s.slope * x, k.pole), s.e_i[2](s.attack * x, k.pole),
                  s.e_i[3](s.release * x, k.pole), s.e_i[4](u, k.pole)};
      if constexpr (!all_scored) {
        const V scored = group.scored(from + t);
        e *= scored;
        for (V& derivative : e_i) derivative *= scored;
      }
      tile.e[t] = e;
      loss += e * e;
      for (int i = 0; i < 5; ++i) {
        gradient[i] += e * e_i[i];
        if constexpr (order >= Order::gauss_newton) tile.e_i[i][t] = e_i[i];
      }
    }
    state = s;
    sums.loss += widen(loss);
    for (int i = 0; i < 5; ++i) sums.gradient[i] += widen(gradient[i]);
  }

  /// Weights that turn sums of e_t H(x q)_t over the tile into plain sums over q: with
  /// lambda_t = e_t + pole lambda_{t+1}, sum e H(x q) = sum (lambda_t - lambda_{t+1}) x_t q_t + lambda_0 z,
  /// where z = pole v - u is the filter's memory, whose value after the tile is sum decay_t x_t q_t + pole^n
  /// z.
  static void second_weights(const Coordinates& k, Tile& tile) {
    V lambda(Real(0));
    for (int t = tile_samples; t-- > 0;) {
      const V next = lambda;
      lambda = tile.e[t] + k.pole * next;
      tile.weight_now[t] = (lambda - next) * tile.x[t];
      tile.weight_carry[t] = k.decay[t] * tile.x[t];
    }
    tile.weight_start = lambda;
  }

  /// A second derivative's state, its filter's memory, and its sum of e e_ij.
  struct SecondState {
    V q[seconds], memory[seconds];
    D sum[seconds];
    SecondState() {
      for (int i = 0; i < seconds; ++i) {
        q[i] = memory[i] = V(Real(0));
        sum[i] = D(0.0);
      }
    }
  };

  /// Runs the recursions [first, first + n) side by side.
  template <int first, int n>
  static void advance_second(const Coordinates& k, const Tile& tile, SecondState& s) {
    V q[n], now[n], carry[n];
    for (int i = 0; i < n; ++i) {
      q[i] = s.q[first + i];
      now[i] = tile.weight_start * s.memory[first + i];
      carry[i] = k.pole_power * s.memory[first + i];
    }
    for (int t = 0; t < tile_samples; ++t) {
      const V zero(Real(0));
      const auto attacks = tile.d[t] < zero;
      const V keep = select(attacks, k.keep_attack, k.keep_release), c = select(attacks, k.attack, k.release);
      const V input[seconds] = {tile.input_slope2[t],
                                select(attacks, tile.d_phi[t], zero),
                                select(attacks, tile.d_slope[t], zero),
                                select(attacks, tile.g_attack[t], zero),
                                select(attacks, zero, tile.d_phi[t]),
                                select(attacks, zero, tile.d_slope[t]),
                                select(attacks, zero, tile.g_release[t]),
                                select(attacks, tile.g_release[t], tile.g_attack[t])};
      for (int i = 0; i < n; ++i) {
        q[i] = advance(q[i], c, keep, input[first + i]);
        now[i] += tile.weight_now[t] * q[i];
        carry[i] += tile.weight_carry[t] * q[i];
      }
    }
    for (int i = 0; i < n; ++i) {
      s.q[first + i] = q[i];
      s.memory[first + i] = carry[i];
      s.sum[first + i] += widen(now[i]);
    }
  }

  static void add_products(const Tile& tile, Sums& sums) {
    V product[15];
    for (V& sum : product) sum = V(Real(0));
    for (int t = 0; t < tile_samples; ++t) {
      const V e_i[5] = {tile.e_i[0][t], tile.e_i[1][t], tile.e_i[2][t], tile.e_i[3][t], tile.e_i[4][t]};
      for (int i = 0, p = 0; i < 5; ++i)
        for (int j = 0; j <= i; ++j, ++p) product[p] += e_i[i] * e_i[j];
    }
    for (int p = 0; p < 15; ++p) sums.products[p] += widen(product[p]);
  }

  /// Scales phi to d/dtheta = s d/dphi and octaves to nepers, and lays the sums out as packed symmetric
  /// matrices. `total` makes a number of the lanes: their sum, or one of them.
  template <class Total>
  static void add_to(LossDerivatives& out, const Sums& sums, const SecondState& second, double slope,
                     Order order, Total total) {
    const double scale[5] = {slope, ln2, 1, 1, 1};
    out.loss += 0.5 * total(sums.loss);
    double g[5]; // sum of e e_i
    for (int i = 0; i < 5; ++i) out.gradient[i] += g[i] = scale[i] * total(sums.gradient[i]);
    if (order >= Order::gauss_newton)
      for (int i = 0, p = 0; i < 5; ++i)
        for (int j = 0; j <= i; ++j, ++p)
          out.gauss_newton[p] += scale[i] * scale[j] * total(sums.products[p]);
    if (order < Order::hessian) return;
    const double phi = total(sums.gradient[0]);
    const double curvature[15] = {slope * slope * phi,
                                  phi + slope * g[1],
                                  ln2 * ln2 * total(second.sum[slope2]),
                                  slope * total(second.sum[phi_attack]),
                                  ln2 * total(second.sum[slope_attack]),
                                  -2 * total(second.sum[attack2]),
                                  slope * total(second.sum[phi_release]),
                                  ln2 * total(second.sum[slope_release]),
                                  -total(second.sum[attack_release]),
                                  -2 * total(second.sum[release2]),
                                  g[0],
                                  g[1],
                                  g[2],
                                  g[3],
                                  g[4]};
    for (int p = 0; p < 15; ++p) out.curvature[p] += curvature[p];
  }

  /// after_tile(from, sums) sees the running sums after each tile, at_end(sums, second) those of all.
  template <Order order, bool attack_is_faster, class AfterTile, class AtEnd>
  static void run(const Group& group, const CompressorCoordinates& coordinates, double pole,
                  AfterTile after_tile, AtEnd at_end) {
    const Coordinates k(&coordinates, 1, pole);
    Tile tile;
    ValueState value{.g = k.makeup, .error = {}};
    DerivativeState derivatives;
    derivatives.g = k.makeup;
    SecondState second;
    Sums sums;
    for (std::size_t from = 0; from < group.samples; from += tile_samples) {
      read(group, from, k, tile);
      const bool all_scored = group.all_scored(from);
      if constexpr (order == Order::value) {
        if (all_scored)
          advance_value<attack_is_faster, true>(group, from, k, tile, value, sums);
        else
          advance_value<attack_is_faster, false>(group, from, k, tile, value, sums);
        continue;
      }
      if (all_scored)
        advance_derivatives<order, attack_is_faster, true>(group, from, k, tile, derivatives, sums);
      else
        advance_derivatives<order, attack_is_faster, false>(group, from, k, tile, derivatives, sums);
      if constexpr (order == Order::hessian) {
        second_weights(k, tile);
        if constexpr (isa == dsp::Isa::avx512) { // 32 registers
          advance_second<0, seconds>(k, tile, second);
        } else {
          advance_second<0, seconds / 2>(k, tile, second);
          advance_second<seconds / 2, seconds / 2>(k, tile, second);
        }
      }
      if constexpr (order >= Order::gauss_newton) add_products(tile, sums);
      after_tile(from, sums);
    }
    at_end(sums, second);
  }

  template <Order order, class AfterTile, class AtEnd>
  static void run(const Group& group, const CompressorCoordinates& k, double pole, AfterTile after_tile,
                  AtEnd at_end) {
    if (k.attack >= k.release)
      run<order, true>(group, k, pole, after_tile, at_end);
    else
      run<order, false>(group, k, pole, after_tile, at_end);
  }

  static void nothing_after_tile(std::size_t, const Sums&) {}

  template <Order order>
  static void evaluate(const ChunkView* chunks, int count, const CompressorCoordinates& k, double pole,
                       LossDerivatives& out) {
    run<order>(
        Group(chunks, count), k, pole, nothing_after_tile, [&](const Sums& sums, const SecondState& second) {
          add_to(out, sums, second, k.slope, order, [](const D& lanes_sum) { return dsp::sum(lanes_sum); });
        });
  }

  /// The same of each chunk by itself.
  template <Order order>
  static void evaluate_each(const ChunkView* chunks, int count, const CompressorCoordinates& k, double pole,
                            LossDerivatives* out) {
    run<order>(Group(chunks, count), k, pole, nothing_after_tile,
               [&](const Sums& sums, const SecondState& second) {
                 for (int lane = 0; lane < count; ++lane)
                   add_to(out[lane], sums, second, k.slope, order,
                          [lane](const D& lanes_sum) { return lanes_sum[lane]; });
               });
  }

  static void block_gradients(const ChunkView& chunk, const CompressorCoordinates& k, double pole,
                              std::size_t block_samples, double* blocks) {
    const double scale[5] = {k.slope, ln2, 1, 1, 1};
    double before[5] = {};
    const auto after_tile = [&](std::size_t from, const Sums& sums) {
      double* block = blocks + 5 * (from / block_samples);
      for (int i = 0; i < 5; ++i) {
        const double so_far = scale[i] * dsp::sum(sums.gradient[i]);
        block[i] += so_far - before[i];
        before[i] = so_far;
      }
    };
    run<Order::gradient>(Group(&chunk, 1), k, pole, after_tile, [](const Sums&, const SecondState&) {});
  }

  static void compare(const ChunkView& chunk, const CompressorCoordinates* candidates, int count, double pole,
                      OutputComparison* out) {
    const Coordinates k(candidates, count, pole);
    ChunkView same[lanes];
    for (ChunkView& view : same) view = chunk;
    const Group group(same, lanes);
    Tile tile;
    D g = k.makeup, output_energy(0.0), correlation(0.0), target_energy(0.0);
    PreEmphasis output, target;
    for (std::size_t from = 0; from < group.samples; from += tile_samples) {
      read(group, from, k, tile);
      for (int t = 0; t < tile_samples; ++t) {
        g = step<true>(k, g, widen(tile.f[t]));
        const V scored = group.scored(from + t);
        const D p = widen(output(narrow(g) * tile.x[t], k.pole) * scored);
        const D q = widen(target(tile.y[t], k.pole) * scored);
        output_energy += p * p;
        correlation += p * q;
        target_energy += q * q;
      }
    }
    for (int lane = 0; lane < count; ++lane) {
      out[lane].output_energy += output_energy[lane];
      out[lane].correlation += correlation[lane];
      out[lane].target_energy += target_energy[lane];
    }
  }
};

} // namespace raphson::optim::match
