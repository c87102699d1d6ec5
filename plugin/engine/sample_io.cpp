#include "plugin/engine/sample_io.h"

namespace raphson::plugin {

#define RAPHSON_DECLARE(isa)                                                                                 \
  extern const SampleIo<float> float_io_##isa;                                                               \
  extern const SampleIo<double> double_io_##isa;                                                             \
  extern const GainOps gain_ops_##isa;
RAPHSON_DECLARE(baseline)
#if defined(__x86_64__)
RAPHSON_DECLARE(avx2)
RAPHSON_DECLARE(avx512)
#define RAPHSON_CHOOSE(name)                                                                                 \
  if (isa == dsp::Isa::avx512) return name##_avx512;                                                         \
  if (isa == dsp::Isa::avx2) return name##_avx2;                                                             \
  return name##_baseline;
#else
#define RAPHSON_CHOOSE(name)                                                                                 \
  (void)isa;                                                                                                 \
  return name##_baseline;
#endif
#undef RAPHSON_DECLARE

template <> const SampleIo<float>& sample_io<float>(dsp::Isa isa) { RAPHSON_CHOOSE(float_io) }
template <> const SampleIo<double>& sample_io<double>(dsp::Isa isa) { RAPHSON_CHOOSE(double_io) }
const GainOps& gain_ops(dsp::Isa isa) { RAPHSON_CHOOSE(gain_ops) }
#undef RAPHSON_CHOOSE

} // namespace raphson::plugin
