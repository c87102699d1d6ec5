// Runs of samples at full scale, counted by hand.
#include "catch.h"
#include "optim/data/clipping.h"

#include <vector>

using namespace raphson::optim::data;

TEST_CASE("Three samples in a row at full scale are clipped, two are not") {
  const std::vector<float> x{1, 1, 0.5f, -1, -1, -1, 0, 0.99995f, 1, 1, 1};
  const std::vector<ClippedRun> runs = clipped_runs(x);
  REQUIRE(runs.size() == 2);
  CHECK(runs[0].begin == 3);
  CHECK(runs[0].frames == 3);
  CHECK(runs[1].begin == 7);
  CHECK(runs[1].frames == 4);
  CHECK(clipped_samples(x) == 7);
  CHECK(clipped_samples(x, 0.4f) == 10);
  CHECK(clipped_samples({}) == 0);
}
