// What an .isa.cpp file must not do, for the test of the test: an inline function that knows nothing of
// instruction sets, left out of line in every copy; and a constructor that runs at start-up.
#include <cstdlib>

namespace raphson::test {

[[gnu::noinline]] inline float shared_by_every_copy(float x) { return x * 3 + 1; }

const char* const read_at_start = std::getenv("RAPHSON_ISA");

#define RAPHSON_CONCATENATE_(a, b) a##b
#define RAPHSON_CONCATENATE(a, b) RAPHSON_CONCATENATE_(a, b)
float RAPHSON_CONCATENATE(triple_, RAPHSON_ISA)(float x) {
  return read_at_start ? shared_by_every_copy(x) : x;
}

} // namespace raphson::test
