// While one of these lives, its thread takes denormal numbers for 0: as the tails of filters die away they
// would otherwise cost a hundred times as much as other numbers do.
#pragma once

#include <cstdint>

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace raphson::plugin {

class FlushDenormals {
public:
  FlushDenormals() : before_(read()) { write(before_ | flush); }
  ~FlushDenormals() { write(before_); }
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

private:
#if defined(__SSE2__)
  using Register = unsigned;
  static constexpr Register flush = 0x8040; // FTZ, results; DAZ, operands
  static Register read() { return _mm_getcsr(); }
  static void write(Register value) { _mm_setcsr(value); }
#elif defined(__aarch64__)
  using Register = std::uint64_t;
  static constexpr Register flush = Register{1} << 24; // FZ
  static Register read() {
    Register value;
    asm volatile("mrs %0, fpcr" : "=r"(value));
    return value;
  }
  static void write(Register value) { asm volatile("msr fpcr, %0" : : "r"(value)); }
#else
  using Register = unsigned;
  static constexpr Register flush = 0;
  static Register read() { return 0; }
  static void write(Register) {}
#endif

  Register before_;
};

} // namespace raphson::plugin
