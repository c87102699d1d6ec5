// The instruction sets one binary carries, and the choice at run time.
//
// A file NAME.isa.cpp is compiled once for each of them (cmake/isa.cmake); every template it instantiates
// carries the Isa as an argument (Lanes does), so that no two copies share a symbol and an old machine never
// runs a new one's code. RAPHSON_ISA=baseline|avx2|avx512 in the environment asks for less than the machine
// has.
#pragma once

/// name_baseline, name_avx2 or name_avx512 in a file NAME.isa.cpp: the symbol that its copy for that set
/// defines.
#define RAPHSON_JOIN_(a, b) a##_##b
#define RAPHSON_JOIN(a, b) RAPHSON_JOIN_(a, b)
#define RAPHSON_FOR_ISA(name) RAPHSON_JOIN(name, RAPHSON_ISA)

/// Beside it, in NAME.cpp: declares the copies of a constant that NAME.isa.cpp defines, and picks one of
/// them.
#if defined(__x86_64__)
#define RAPHSON_DECLARE_COPIES(type, name) extern const type name##_baseline, name##_avx2, name##_avx512
#define RAPHSON_COPY_FOR(isa, name)                                                                          \
  ((isa) == ::raphson::dsp::Isa::avx512 ? name##_avx512                                                      \
   : (isa) == ::raphson::dsp::Isa::avx2 ? name##_avx2                                                        \
                                        : name##_baseline)
#else
#define RAPHSON_DECLARE_COPIES(type, name) extern const type name##_baseline
#define RAPHSON_COPY_FOR(isa, name) (static_cast<void>(isa), name##_baseline)
#endif

namespace raphson::dsp {

enum class Isa { baseline, avx2, avx512 };

/// The best instruction set of this machine, or the lesser one the environment asks for. Decided once.
Isa detect_isa();

const char* to_string(Isa isa);

/// Bytes in one vector register.
constexpr int register_bytes(Isa isa) { return isa == Isa::avx512 ? 64 : isa == Isa::avx2 ? 32 : 16; }

/// Lanes of T that fill one register.
template <class T> constexpr int lane_count(Isa isa) {
  return register_bytes(isa) / static_cast<int>(sizeof(T));
}

} // namespace raphson::dsp
