// sample_io.h for one instruction set.
#include "plugin/engine/sample_io.h"

#include "dsp/smoothing/lane_line.h"

#include <type_traits>

namespace raphson::plugin {
namespace {

using dsp::Isa, dsp::Lanes, dsp::Line;

constexpr Isa isa = Isa::RAPHSON_ISA;
constexpr int lanes = dsp::lane_count<double>(isa);
using V = Lanes<double, lanes, isa>;

template <class Sample> using Narrow = Lanes<Sample, lanes, isa>;

template <class Sample> RAPHSON_INLINE V load(const Sample* p) {
  if constexpr (std::is_same_v<Sample, double>)
    return V::load(p);
  else
    return __builtin_convertvector(Narrow<Sample>::load(p).v, V::Vector);
}

template <class Sample> RAPHSON_INLINE void store(V value, Sample* p) {
  if constexpr (std::is_same_v<Sample, double>)
    value.store(p);
  else
    Narrow<Sample>(__builtin_convertvector(value.v, typename Narrow<Sample>::Vector)).store(p);
}

/// The samples of a block from a Line's start on, a register at a time; `body(t, gain)` for whole registers,
/// `rest(t, gain)` for the samples left over.
template <class Body, class Rest>
RAPHSON_INLINE void along(Line line, std::size_t count, Body body, Rest rest) {
  dsp::LaneLine<lanes, isa> gain(line);
  std::size_t t = 0;
  for (; t + lanes <= count; t += lanes, gain.advance()) body(t, gain());
  for (; t < count; ++t) rest(t, line.start + line.slope * static_cast<double>(t));
}

RAPHSON_INLINE double magnitude(double x) { return x < 0 ? -x : x; }

template <class Sample> void take(const Sample* in, double* out, std::size_t count) {
  const V highest(highest_sample), zero(0.0);
  std::size_t t = 0;
  for (; t + lanes <= count; t += lanes) {
    const V x = load(in + t);
    select(abs(x) < highest, x, zero).store(out + t);
  }
  for (; t < count; ++t) {
    const auto x = static_cast<double>(in[t]);
    out[t] = magnitude(x) < highest_sample ? x : 0;
  }
}

template <class Sample> double give(const double* in, Sample* out, std::size_t count, Line line) {
  V peaks(0.0);
  double peak = 0;
  along(
      line, count,
      [&](std::size_t t, V gain) {
        const V y = gain * V::load(in + t);
        peaks = max(peaks, abs(y));
        store(y, out + t);
      },
      [&](std::size_t t, double gain) {
        const double y = gain * in[t];
        peak = magnitude(y) > peak ? magnitude(y) : peak;
        out[t] = static_cast<Sample>(y);
      });
  for (int lane = 0; lane < lanes; ++lane) peak = peaks[lane] > peak ? peaks[lane] : peak;
  return peak;
}

double apply(double* audio, const double* gains, std::size_t count, Line makeup) {
  V least(1.0);
  double lowest = 1;
  along(
      makeup, count,
      [&](std::size_t t, V scale) {
        const V gain = V::load(gains + t);
        least = min(least, gain);
        (scale * gain * V::load(audio + t)).store(audio + t);
      },
      [&](std::size_t t, double scale) {
        lowest = gains[t] < lowest ? gains[t] : lowest;
        audio[t] = scale * gains[t] * audio[t];
      });
  for (int lane = 0; lane < lanes; ++lane) lowest = least[lane] < lowest ? least[lane] : lowest;
  return lowest;
}

} // namespace

extern const SampleIo<float> RAPHSON_FOR_ISA(float_io);
extern const SampleIo<double> RAPHSON_FOR_ISA(double_io);
extern const GainOps RAPHSON_FOR_ISA(gain_ops);
const SampleIo<float> RAPHSON_FOR_ISA(float_io){take<float>, give<float>};
const SampleIo<double> RAPHSON_FOR_ISA(double_io){take<double>, give<double>};
const GainOps RAPHSON_FOR_ISA(gain_ops){give<double>, apply};

} // namespace raphson::plugin
