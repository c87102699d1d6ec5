// dynamics_block.h for one instruction set.
#include "dsp/dynamics/dynamics_block.h"

#include "dsp/math/elementary.h"
#include "dsp/smoothing/lane_line.h"

namespace raphson::dsp {
namespace {

constexpr Isa isa = Isa::RAPHSON_ISA;
constexpr int lanes = lane_count<double>(isa);
using V = Lanes<double, lanes, isa>;

constexpr double lowest_level = 1e-8;                      // as PeakDetector's
constexpr double level_floor = -120 * 0.11512925464970228; // of level-db, nepers
constexpr int maximum_channels = 8;

/// out = f(in), a register at a time; what is missing of the last one is 1.
template <class F> RAPHSON_INLINE void along(const double* in, double* out, std::size_t count, F f) {
  std::size_t t = 0;
#pragma GCC unroll 4 // hides the latency of the polynomials
  for (; t + lanes <= count; t += lanes) f(V::load(in + t)).store(out + t);
  if (t == count) return;
  double rest[lanes];
  for (int i = 0; i < lanes; ++i) rest[i] = t + i < count ? in[t + i] : 1;
  f(V::load(rest)).store(rest);
  for (std::size_t i = t; i < count; ++i) out[i] = rest[i - t];
}

/// ln of a level at or above the lowest one.
struct LogLevel {
  V lowest, half;
  explicit LogLevel(bool is_power)
      : lowest(is_power ? lowest_level * lowest_level : lowest_level), half(is_power ? 0.5 : 1.0) {}
  RAPHSON_INLINE V operator()(V detected) const { return half * math::log(max(detected, lowest)); }
};

/// In nepers (gain_curve.h); a hard knee is one of no width.
struct Reduction {
  V log_threshold, slope, width, half, inverse;
  explicit Reduction(const DynamicsCurve& k)
      : log_threshold(k.log_threshold), slope(k.slope), width(k.knee), half(0.5 * k.knee),
        inverse(k.knee > 0 ? 1 / (2 * k.knee) : 0) {}
  RAPHSON_INLINE V operator()(V log_level) const {
    const V u = log_level - log_threshold;
    const V inside = min(max(u + half, V(0.0)), width);
    return slope * (inside * inside * inverse + max(u - half, V(0.0)));
  }
};

void followed(const double* detected, double* out, std::size_t count, SmoothedQuantity smoothed,
              const DynamicsCurve& curve) {
  const LogLevel log_level(curve.is_power);
  const Reduction reduction(curve);
  const V lowest_power(lowest_level * lowest_level), floor(level_floor);
  switch (smoothed) {
  case SmoothedQuantity::gain:
    return along(detected, out, count, [&](V d) { return V(1.0) - math::exp(-reduction(log_level(d))); });
  case SmoothedQuantity::gain_db:
    return along(detected, out, count, [&](V d) { return reduction(log_level(d)); });
  case SmoothedQuantity::level:
    if (!curve.is_power) return along(detected, out, count, [](V d) { return d; });
    for (std::size_t t = 0; t < count; ++t)
      out[t] = __builtin_sqrt(detected[t] < lowest_power[0] ? lowest_power[0] : detected[t]);
    return;
  case SmoothedQuantity::power:
    if (curve.is_power) return along(detected, out, count, [](V d) { return d; });
    return along(detected, out, count, [](V d) { return d * d; });
  case SmoothedQuantity::level_db:
    return along(detected, out, count, [&](V d) { return max(log_level(d) - floor, V(0.0)); });
  }
}

void gain(double* quantity, std::size_t count, SmoothedQuantity smoothed, const DynamicsCurve& curve) {
  const Reduction reduction(curve);
  const LogLevel of_level(false), of_power(true);
  const V floor(level_floor);
  const auto each = [&](auto f) { along(quantity, quantity, count, f); };
  switch (smoothed) {
  case SmoothedQuantity::gain:
    return each([](V e) { return V(1.0) - e; });
  case SmoothedQuantity::gain_db:
    return each([](V e) { return math::exp(-e); });
  case SmoothedQuantity::level:
    return each([&](V e) { return math::exp(-reduction(of_level(e))); });
  case SmoothedQuantity::power:
    return each([&](V e) { return math::exp(-reduction(of_power(e))); });
  case SmoothedQuantity::level_db:
    return each([&](V e) { return math::exp(-reduction(floor + e)); });
  }
}

/// Smooth branching alone, as compressor_block.isa.cpp has it: of the two candidates the greater is the one
/// that envelope.h chooses where attack >= release, else the lesser. known_channels as there, 0: any.
template <int known_channels, bool attack_is_faster>
void branch(double* const* quantity, int any_channels, std::size_t count,
            const EnvelopeCoefficients<double>& k, Envelope<double>* const* states) {
  const int channels = known_channels ? known_channels : any_channels;
  const double attack = k.attack, release = k.release, keep_attack = 1 - attack, keep_release = 1 - release;
  double y[known_channels ? known_channels : maximum_channels];
  for (int c = 0; c < channels; ++c) y[c] = states[c]->value();
  for (std::size_t t = 0; t < count; ++t)
    for (int c = 0; c < channels; ++c) {
      const double v = quantity[c][t];
      const double attacked = keep_attack * y[c] + attack * v, released = keep_release * y[c] + release * v;
      y[c] = attack_is_faster ? (attacked > released ? attacked : released)
                              : (attacked < released ? attacked : released);
      quantity[c][t] = y[c];
    }
  for (int c = 0; c < channels; ++c) states[c]->set_value(y[c]);
}

template <Ballistics ballistics, bool holds, bool remembers, int known_channels>
void walk(double* const* quantity, int any_channels, std::size_t count,
          const EnvelopeCoefficients<double>& given, Envelope<double>* const* states) {
  const int channels = known_channels ? known_channels : any_channels;
  EnvelopeCoefficients<double> k = given;
  k.holds = holds; // known to the compiler
  k.remembers = remembers;
  Envelope<double> envelope[known_channels ? known_channels : maximum_channels];
  for (int c = 0; c < channels; ++c) envelope[c] = *states[c];
  for (std::size_t t = 0; t < count; ++t)
    for (int c = 0; c < channels; ++c)
      quantity[c][t] = envelope[c].template step<ballistics>(quantity[c][t], k);
  for (int c = 0; c < channels; ++c) *states[c] = envelope[c];
}

template <Ballistics ballistics, int known_channels>
void walk_with_features(double* const* quantity, int channels, std::size_t count,
                        const EnvelopeCoefficients<double>& k, Envelope<double>* const* states) {
  if (k.holds && k.remembers)
    return walk<ballistics, true, true, known_channels>(quantity, channels, count, k, states);
  if (k.holds) return walk<ballistics, true, false, known_channels>(quantity, channels, count, k, states);
  if (k.remembers) return walk<ballistics, false, true, known_channels>(quantity, channels, count, k, states);
  walk<ballistics, false, false, known_channels>(quantity, channels, count, k, states);
}

template <int known_channels>
void envelopes(double* const* quantity, int channels, std::size_t count, Ballistics ballistics,
               const EnvelopeCoefficients<double>& k, Envelope<double>* const* states) {
  const auto with = [&](auto function) { function(quantity, channels, count, k, states); };
  switch (ballistics) {
  case Ballistics::smooth_branching:
    if (k.holds || k.remembers) return with(walk_with_features<Ballistics::smooth_branching, known_channels>);
    return k.attack >= k.release ? with(branch<known_channels, true>) : with(branch<known_channels, false>);
  case Ballistics::branching:
    return with(walk_with_features<Ballistics::branching, known_channels>);
  case Ballistics::smooth_decoupled:
    return with(walk_with_features<Ballistics::smooth_decoupled, known_channels>);
  case Ballistics::decoupled:
    return with(walk_with_features<Ballistics::decoupled, known_channels>);
  }
}

void envelope(double* const* quantity, int channels, std::size_t count, Ballistics ballistics,
              const EnvelopeCoefficients<double>& k, Envelope<double>* const* states) {
  if (channels == 1) return envelopes<1>(quantity, channels, count, ballistics, k, states);
  if (channels == 2) return envelopes<2>(quantity, channels, count, ballistics, k, states);
  envelopes<0>(quantity, channels, count, ballistics, k, states);
}

RAPHSON_INLINE V load(const double* x, std::size_t count) {
  if (count >= lanes) return V::load(x);
  double padded[lanes];
  for (int i = 0; i < lanes; ++i) padded[i] = static_cast<std::size_t>(i) < count ? x[i] : 1;
  return V::load(padded);
}

RAPHSON_INLINE void store(V value, double* x, std::size_t count) {
  if (count >= lanes) return value.store(x);
  for (std::size_t i = 0; i < count; ++i) x[i] = value[static_cast<int>(i)];
}

void link(double* const* detected, int channels, std::size_t count, Line amount, bool is_power) {
  const V lowest(is_power ? lowest_level * lowest_level : lowest_level);
  const bool whole = amount.always(1);
  LaneLine<lanes, isa> course(amount);
  for (std::size_t t = 0; t < count; t += lanes, course.advance()) {
    V loudest = lowest;
    for (int c = 0; c < channels; ++c) loudest = max(loudest, load(detected[c] + t, count - t));
    const V of_all = course(), own = V(1.0) - of_all, common = whole ? loudest : of_all * math::log2(loudest);
    for (int c = 0; c < channels; ++c) {
      const V mixed =
          whole ? loudest
                : math::exp2(own * math::log2(max(load(detected[c] + t, count - t), lowest)) + common);
      store(mixed, detected[c] + t, count - t);
    }
  }
}

} // namespace

extern const DynamicsBlockPasses RAPHSON_FOR_ISA(dynamics_block_passes);
const DynamicsBlockPasses RAPHSON_FOR_ISA(dynamics_block_passes){followed, envelope, gain, link};

} // namespace raphson::dsp
