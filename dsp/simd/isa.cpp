#include "dsp/simd/isa.h"

#include <cstdlib>
#include <string_view>

namespace raphson::dsp {
namespace {

Isa machine_isa() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
      && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
    return Isa::avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
    return Isa::avx2;
#endif
  return Isa::baseline;
}

Isa wanted_isa(Isa best) {
  const char* wanted = std::getenv("RAPHSON_ISA");
  if (wanted == nullptr) return best;
  for (const Isa isa : {Isa::baseline, Isa::avx2})
    if (isa < best && std::string_view(wanted) == to_string(isa)) return isa;
  return best;
}

} // namespace

Isa detect_isa() {
  static const Isa isa = wanted_isa(machine_isa());
  return isa;
}

const char* to_string(Isa isa) {
  return isa == Isa::avx512 ? "avx512" : isa == Isa::avx2 ? "avx2" : "baseline";
}

} // namespace raphson::dsp
