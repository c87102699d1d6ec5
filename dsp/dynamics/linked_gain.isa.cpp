// linked_gain.h for one instruction set.
#include "dsp/dynamics/linked_gain.h"

#include "dsp/math/elementary.h"

namespace raphson::dsp {
namespace {

constexpr Isa isa = Isa::RAPHSON_ISA;
constexpr int lanes = lane_count<double>(isa);
using V = Lanes<double, lanes, isa>;

constexpr double lowest_level = 1e-8; // as PeakDetector's

/// A Line, a register at a time.
class Course {
public:
  explicit Course(const Line& line) : at_(0.0), step_(line.slope * lanes) {
    for (int lane = 0; lane < lanes; ++lane) at_.set(lane, line.start + line.slope * lane);
  }
  RAPHSON_INLINE V operator()() const { return at_; }
  RAPHSON_INLINE void advance() { at_ += step_; }

private:
  V at_, step_;
};

/// Hard where the knee is 0: both terms with the parabola are then.
struct Knee {
  V width, half, inverse;

  explicit Knee(double knee) : width(knee), half(knee / 2), inverse(knee > 0 ? 1 / (2 * knee) : 0) {}
  RAPHSON_INLINE V overshoot(V u) const {
    const V inside = min(max(u + half, V(0.0)), width);
    return inside * inside * inverse + max(u - half, V(0.0));
  }
};

/// Template arguments: the channels if known when compiling, else 0; whether attack >= release, so that the
/// lesser candidate is the one ballistics.h chooses.
template <int known_channels, bool attack_is_faster> class Kernel {
public:
  explicit Kernel(LinkedGainBlock& block)
      : block_(block), channels_(known_channels ? known_channels : block.channels),
        threshold_(block.threshold), slope_(block.slope), link_(block.link), knee_(block.knee),
        lowest_(block.level_is_power ? lowest_level * lowest_level : lowest_level),
        exponent_(block.level_is_power ? 0.5 : 1.0) {}

  void run() {
    for (int c = 0; c < channels(); ++c) state_[c] = block_.state[c];
    std::size_t t = 0;
    for (; t + lanes <= block_.count; t += lanes) {
      for (int c = 0; c < channels(); ++c) octaves_[c] = octaves(V::load(block_.level[c] + t));
      step(t, lanes);
    }
    if (t < block_.count) rest(t, static_cast<int>(block_.count - t));
    for (int c = 0; c < channels(); ++c) block_.state[c] = state_[c];
    for (int lane = 0; lane < lanes; ++lane)
      block_.highest_octaves =
          highest_[lane] > block_.highest_octaves ? highest_[lane] : block_.highest_octaves;
  }

private:
  static constexpr int room = known_channels ? known_channels : LinkedGainBlock::maximum_channels;

  RAPHSON_INLINE int channels() const { return known_channels ? known_channels : channels_; }

  RAPHSON_INLINE V octaves(V level) const { return exponent_ * math::log2(max(abs(level), lowest_)); }

  void rest(std::size_t t, int count) {
    for (int c = 0; c < channels(); ++c) {
      double padded[lanes] = {};
      for (int i = 0; i < count; ++i) padded[i] = block_.level[c][t + i];
      octaves_[c] = octaves(V::load(padded));
    }
    step(t, count);
  }

  RAPHSON_INLINE void step(std::size_t t, int count) {
    V loudest = octaves_[0];
    for (int c = 1; c < channels(); ++c) loudest = max(loudest, octaves_[c]);
    highest_ = max(highest_, loudest);

    const V link = link_(), own = V(1.0) - link, threshold = threshold_(), slope = slope_();
    for (int c = 0; c < channels(); ++c) {
      const V u = own * octaves_[c] + link * loudest - threshold;
      math::exp2_within_range(-slope * knee_.overshoot(u)).store(static_gain_[c]);
    }
    smooth(t, count);
    threshold_.advance();
    slope_.advance();
    link_.advance();
  }

  RAPHSON_INLINE void smooth(std::size_t t, int count) {
    const double attack = block_.attack, release = block_.release;
    const double keep_attack = 1 - attack, keep_release = 1 - release;
    for (int i = 0; i < count; ++i)
      for (int c = 0; c < channels(); ++c) {
        const double f = static_gain_[c][i];
        const double attacked = keep_attack * state_[c] + attack * f;
        const double released = keep_release * state_[c] + release * f;
        state_[c] = attack_is_faster ? (attacked < released ? attacked : released)
                                     : (attacked > released ? attacked : released);
        block_.gain[c][t + i] = state_[c];
      }
  }

  LinkedGainBlock& block_;
  int channels_;
  Course threshold_, slope_, link_;
  Knee knee_;
  V lowest_, exponent_, highest_ = V(-1e9);
  V octaves_[room];
  double static_gain_[room][lanes];
  double state_[room];
};

template <int known_channels> void run(LinkedGainBlock& block) {
  if (block.attack >= block.release)
    Kernel<known_channels, true>(block).run();
  else
    Kernel<known_channels, false>(block).run();
}

void gains(LinkedGainBlock& block) {
  if (block.channels == 1) return run<1>(block);
  if (block.channels == 2) return run<2>(block);
  run<0>(block);
}

} // namespace

extern const LinkedGain RAPHSON_FOR_ISA(linked_gain);
const LinkedGain RAPHSON_FOR_ISA(linked_gain) = gains;

} // namespace raphson::dsp
