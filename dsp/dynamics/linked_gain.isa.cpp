// linked_gain.h for one instruction set.
#include "dsp/dynamics/linked_gain.h"

#include "dsp/math/elementary.h"
#include "dsp/smoothing/lane_line.h"

namespace raphson::dsp {
namespace {

constexpr Isa isa = Isa::RAPHSON_ISA;
constexpr int lanes = lane_count<double>(isa);
using V = Lanes<double, lanes, isa>;
using Course = LaneLine<lanes, isa>;

constexpr double lowest_level = 1e-8; // as PeakDetector's

/// As HardKnee where the width is 0, else as SoftKnee.
struct Knee {
  V width, half, inverse;

  explicit Knee(double knee) : width(knee), half(knee / 2), inverse(knee > 0 ? 1 / (2 * knee) : 0) {}
  RAPHSON_INLINE V overshoot(V u) const {
    const V inside = min(max(u + half, V(0.0)), width);
    return inside * inside * inverse + max(u - half, V(0.0));
  }
};

/// x, of which `count` samples are there, 0 behind.
RAPHSON_INLINE V load(const double* x, int count) {
  if (count == lanes) return V::load(x);
  double padded[lanes] = {};
  for (int i = 0; i < count; ++i) padded[i] = x[i];
  return V::load(padded);
}

/// The gains that the static curve asks for, a register of samples of every channel at a time.
/// known_channels: their number if known when compiling, else 0.
template <int known_channels> class StaticGains {
public:
  static constexpr int room = known_channels ? known_channels : LinkedGainBlock::maximum_channels;
  using Buffer = double[room][lanes];

  explicit RAPHSON_INLINE StaticGains(const LinkedGainBlock& block)
      : channels_(block.channels), level_(block.level), threshold_(block.threshold), slope_(block.slope),
        link_(block.link), knee_(block.knee),
        lowest_(block.level_is_power ? lowest_level * lowest_level : lowest_level),
        exponent_(block.level_is_power ? 0.5 : 1.0) {}

  RAPHSON_INLINE int channels() const { return known_channels ? known_channels : channels_; }
  RAPHSON_INLINE V highest() const { return highest_; }

  /// Of the samples t to t + count; those before come first.
  RAPHSON_INLINE void next(std::size_t t, int count, Buffer& out) {
    V octaves[room];
    for (int c = 0; c < channels(); ++c)
      octaves[c] = exponent_ * math::log2(max(abs(load(level_[c] + t, count)), lowest_));
    V loudest(-1e9);
    for (int c = 0; c < channels(); ++c) loudest = max(loudest, octaves[c]);
    highest_ = max(highest_, loudest);

    const V link = link_(), own = V(1.0) - link, neutral = link * loudest - threshold_();
    for (int c = 0; c < channels(); ++c)
      math::exp2_within_range(-slope_() * knee_.overshoot(own * octaves[c] + neutral)).store(out[c]);
    threshold_.advance();
    slope_.advance();
    link_.advance();
  }

private:
  int channels_;
  const double* const* level_;
  Course threshold_, slope_, link_;
  Knee knee_;
  V lowest_, exponent_, highest_ = V(-1e9);
};

/// The ballistics of all channels, side by side so that they do not wait for each other. attack_is_faster:
/// attack >= release, so that the lesser candidate is the one that ballistics.h chooses.
template <bool attack_is_faster, int room>
RAPHSON_INLINE void smooth(const double (&static_gain)[room][lanes], double* const* gain, std::size_t t,
                           int channels, int count, double (&state)[room], double attack, double release) {
  const double keep_attack = 1 - attack, keep_release = 1 - release;
  for (int i = 0; i < count; ++i)
    for (int c = 0; c < channels; ++c) {
      const double f = static_gain[c][i], g = state[c];
      const double attacked = keep_attack * g + attack * f, released = keep_release * g + release * f;
      state[c] = attack_is_faster ? (attacked < released ? attacked : released)
                                  : (attacked > released ? attacked : released);
      gain[c][t + i] = state[c];
    }
}

/// Static gains are one register ahead of the ballistics: the machine computes them while the ballistics wait
/// for themselves.
template <int known_channels, bool attack_is_faster> void gains(LinkedGainBlock& block) {
  using Static = StaticGains<known_channels>;
  Static ahead(block);
  const int channels = ahead.channels();
  const double attack = block.attack, release = block.release;
  double state[Static::room], *gain[Static::room];
  for (int c = 0; c < channels; ++c) {
    state[c] = block.state[c];
    gain[c] = block.gain[c];
  }

  typename Static::Buffer buffer[2];
  const std::size_t whole = block.count / lanes * lanes;
  const int rest = static_cast<int>(block.count - whole);
  int now = 0;
  ahead.next(0, whole > 0 ? lanes : rest, buffer[0]);
  for (std::size_t t = 0; t < whole; t += lanes, now ^= 1) {
    const std::size_t next = t + lanes;
    if (next < whole)
      ahead.next(next, lanes, buffer[now ^ 1]);
    else if (rest > 0)
      ahead.next(next, rest, buffer[now ^ 1]);
    smooth<attack_is_faster>(buffer[now], gain, t, channels, lanes, state, attack, release);
  }
  smooth<attack_is_faster>(buffer[now], gain, whole, channels, rest, state, attack, release);

  for (int c = 0; c < channels; ++c) block.state[c] = state[c];
  for (int lane = 0; lane < lanes; ++lane)
    block.highest_octaves =
        ahead.highest()[lane] > block.highest_octaves ? ahead.highest()[lane] : block.highest_octaves;
}

template <int known_channels> void choose(LinkedGainBlock& block) {
  if (block.attack >= block.release)
    gains<known_channels, true>(block);
  else
    gains<known_channels, false>(block);
}

void choose_channels(LinkedGainBlock& block) {
  if (block.channels == 1) return choose<1>(block);
  if (block.channels == 2) return choose<2>(block);
  choose<0>(block);
}

} // namespace

extern const LinkedGain RAPHSON_FOR_ISA(linked_gain);
const LinkedGain RAPHSON_FOR_ISA(linked_gain) = choose_channels;

} // namespace raphson::dsp
