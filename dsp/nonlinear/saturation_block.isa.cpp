// saturation_block.h for one instruction set.
#include "dsp/nonlinear/saturation_block.h"

#include "dsp/simd/lanes.h"

namespace raphson::dsp {
namespace {

constexpr Isa isa = Isa::RAPHSON_ISA;
constexpr int lanes = lane_count<double>(isa);
using V = Lanes<double, lanes, isa>;

void saturate(double* audio, std::size_t count, const SaturationCurve<double>& given, double& last,
              double& log_cosh_last) {
  SaturationCurve<V> curve;
  curve.drive = V(given.drive);
  curve.bias = V(given.bias);
  curve.offset = V(given.offset);
  curve.scale = V(given.scale);
  double x[lanes + 1], log_cosh[lanes + 1]; // the sample before in front
  x[0] = last;
  log_cosh[0] = log_cosh_last;
  for (std::size_t t = 0; t < count; t += lanes) {
    const int present = count - t < lanes ? static_cast<int>(count - t) : lanes;
    for (int i = 0; i < lanes; ++i) x[i + 1] = i < present ? audio[t + i] : 0;
    const V now = V::load(x + 1), of_now = curve.log_cosh(now);
    of_now.store(log_cosh + 1);
    const V y = curve.output(now, V::load(x), of_now, V::load(log_cosh));
    for (int i = 0; i < present; ++i) audio[t + i] = y[i];
    x[0] = x[present];
    log_cosh[0] = log_cosh[present];
  }
  last = x[0];
  log_cosh_last = log_cosh[0];
}

} // namespace

extern const SaturationBlock RAPHSON_FOR_ISA(saturation_block);
const SaturationBlock RAPHSON_FOR_ISA(saturation_block) = saturate;

} // namespace raphson::dsp
