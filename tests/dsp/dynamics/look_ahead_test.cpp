#include "catch.h"
#include "dsp/dynamics/look_ahead.h"

using namespace raphson;

TEST_CASE("Look-ahead: the audio comes out n samples late, after silence") {
  for (const std::size_t delay : {0u, 1u, 7u, 64u}) {
    dsp::LookAhead<double> ring;
    ring.prepare(delay);
    CHECK(ring.samples() == delay);
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t n = 0; n < 200; ++n)
        REQUIRE(ring(static_cast<double>(n + 1)) == (n < delay ? 0 : static_cast<double>(n + 1 - delay)));
      ring.reset();
    }
  }
}

TEST_CASE("Look-ahead: unprepared it lets audio through; a new delay within the prepared one reaches back at "
          "once") {
  dsp::LookAhead<float> ring;
  CHECK(ring(3.0f) == 3.0f);
  ring.prepare(10);
  for (int n = 0; n < 25; ++n) ring(static_cast<float>(n));
  ring.set(4);
  CHECK(ring(25.0f) == 21.0f);
  ring.set(10);
  CHECK(ring(26.0f) == 16.0f);
  ring.set(11);
  CHECK(ring.samples() == 10);
}
