#include "catch.h"
#include "dsp/delay/delay_line.h"

using namespace raphson;

TEST_CASE("Delay line: blocks come back as late as asked, silence before the first") {
  dsp::DelayLine line;
  line.prepare(50, 16);
  double written = 0;
  for (const std::size_t count : {1u, 16u, 7u, 16u, 16u, 3u, 16u, 16u, 16u, 16u, 11u}) {
    std::vector<double> in(count), out(count);
    for (double& x : in) x = ++written;
    line.write(in.data(), count);
    for (const std::size_t delay : {0u, 1u, 20u, 50u}) {
      line.read(delay, out.data(), count);
      for (std::size_t t = 0; t < count; ++t)
        REQUIRE(out[t] == std::max(0.0, in[t] - static_cast<double>(delay)));
    }
  }
  line.reset();
  double out = 1;
  line.read(3, &out, 1);
  CHECK(out == 0);
}
