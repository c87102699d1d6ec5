#include "catch.h"
#include "dsp/error.h"
#include "optim/engine/batches.h"

#include <algorithm>
#include <numeric>

using namespace raphson;
using namespace raphson::optim;
using Catch::Matchers::Contains;

namespace {

std::vector<std::size_t> copy(std::span<const std::size_t> rows) { return {rows.begin(), rows.end()}; }

std::vector<std::vector<std::size_t>> take(Batches& batches, int count) {
  std::vector<std::vector<std::size_t>> taken;
  for (int i = 0; i < count; ++i) taken.push_back(copy(batches.next()));
  return taken;
}

} // namespace

TEST_CASE("Every epoch visits every example once, in the order of the named stream") {
  Batches batches(10, 4, 7, "a name");
  RandomStream stream(7, "a name");
  std::vector<std::size_t> order(10);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::uint64_t epoch = 0; epoch < 3; ++epoch) {
    stream.shuffle(order);
    std::vector<std::size_t> seen;
    for (const std::size_t size : {4u, 4u, 2u}) {
      CHECK(batches.epoch() == epoch);
      const auto batch = batches.next();
      CHECK(batch.size() == size);
      seen.insert(seen.end(), batch.begin(), batch.end());
      CHECK(copy(batches.all()) == order);
    }
    CHECK(seen == order);
    CHECK(batches.epoch() == epoch + 1);
  }
  CHECK(batches.batches_per_epoch() == 3);
  CHECK(Batches(8, 4, 0).batches_per_epoch() == 2);
  CHECK(Batches(3, 100, 0).next().size() == 3);
}

TEST_CASE("Batches go on where a run was") {
  for (const std::size_t batch_size : {1, 4, 5, 10, 100})
    for (int before = 0; before < 9; ++before) {
      Batches run(10, batch_size, 3), resumed(10, batch_size, 3);
      take(run, before);
      take(resumed, 2); // a past that seek must forget
      resumed.seek(run.position());
      CHECK(resumed.position() == run.position());
      CHECK(take(resumed, 7) == take(run, 7));
    }
  Batches batches(10, 4, 3);
  CHECK_THROWS_WITH(batches.seek({0, 3}), Contains("no batch ends after 3 of 10 examples in batches of 4"));
  CHECK_THROWS_AS(batches.seek({0, 12}), InputError);
  CHECK_THROWS_AS(Batches(0, 4, 1), InputError);
  CHECK_THROWS_WITH(Batches(4, 0, 1), Contains("batches of 0 from 4 examples"));
}

TEST_CASE("Equal batches take as many of each set, and every example equally often") {
  const std::vector<std::size_t> sizes = {30, 4, 1};
  EqualBatches batches(sizes, 5, 2);
  std::vector<std::vector<int>> seen = {std::vector<int>(30), std::vector<int>(4), std::vector<int>(1)};
  for (int step = 0; step < 12; ++step) {
    batches.next();
    for (std::size_t s = 0; s < 3; ++s) {
      CHECK(batches.rows(s).size() == 5);
      for (const std::size_t row : batches.rows(s)) ++seen[s].at(row);
    }
  }
  for (const int count : seen[0]) CHECK(count == 2);
  for (const int count : seen[1]) CHECK(count == 15);
  CHECK(seen[2][0] == 60);
}

TEST_CASE("Equal batches: seeds, sets of one size differ, a run goes on") {
  const std::vector<std::size_t> sizes = {20, 20};
  EqualBatches run(sizes, 6, 2), other(sizes, 6, 3);
  run.next();
  other.next();
  CHECK(copy(run.rows(0)) != copy(other.rows(0)));
  CHECK(copy(run.rows(0)) != copy(run.rows(1)));
  for (int i = 0; i < 5; ++i) run.next();
  EqualBatches resumed(sizes, 6, 2);
  resumed.seek(run.position());
  for (int i = 0; i < 5; ++i) {
    run.next();
    resumed.next();
    CHECK(copy(run.rows(0)) == copy(resumed.rows(0)));
    CHECK(copy(run.rows(1)) == copy(resumed.rows(1)));
  }
  CHECK_THROWS_AS(EqualBatches(std::vector<std::size_t>{3, 0}, 2, 1), InputError);
  CHECK_THROWS_AS(EqualBatches(sizes, 0, 1), InputError);
  CHECK_THROWS_AS(EqualBatches(std::vector<std::size_t>{}, 2, 1), InputError);
}
