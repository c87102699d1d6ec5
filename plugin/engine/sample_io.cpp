#include "plugin/engine/sample_io.h"

namespace raphson::plugin {

RAPHSON_DECLARE_COPIES(SampleIo<float>, float_io);
RAPHSON_DECLARE_COPIES(SampleIo<double>, double_io);
RAPHSON_DECLARE_COPIES(GainOps, gain_ops);

template <> const SampleIo<float>& sample_io<float>(dsp::Isa isa) { return RAPHSON_COPY_FOR(isa, float_io); }
template <> const SampleIo<double>& sample_io<double>(dsp::Isa isa) {
  return RAPHSON_COPY_FOR(isa, double_io);
}
const GainOps& gain_ops(dsp::Isa isa) { return RAPHSON_COPY_FOR(isa, gain_ops); }

} // namespace raphson::plugin
