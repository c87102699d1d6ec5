#include "catch.h"
#include "dsp/allocation_count.h"
#include "dsp/error.h"
#include "optim/data/loader.h"

#include <cmath>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::data;
using Catch::Matchers::Contains;

namespace {

/// n images of 3 x 4 pixels, all with i + 1; target i, class i mod 3.
Dataset images(int n) {
  Dataset data{.class_names = {"a", "b", "c"}, .image_rows = 3, .image_columns = 4, .name = "images"};
  data.features.resize(n, 12);
  data.target.resize(n);
  for (int i = 0; i < n; ++i) {
    data.features.row(i).setConstant(i + 1);
    data.target[i] = i;
    data.labels.push_back(i % 3);
  }
  return data;
}

std::vector<Augmentation> all_augmentations() {
  return {shift_pixels(3, 4, 2), add_noise(0.1), drop_inputs(0.25, true)};
}

/// An image moved by (down, across), as the definition says.
RowMatrix shifted(const RowMatrix& image, int down, int across) {
  RowMatrix moved = RowMatrix::Zero(image.rows(), image.cols());
  for (int r = 0; r < image.rows(); ++r)
    for (int c = 0; c < image.cols(); ++c) {
      const int from_r = r - down, from_c = c - across;
      if (from_r >= 0 && from_r < image.rows() && from_c >= 0 && from_c < image.cols())
        moved(r, c) = image(from_r, from_c);
    }
  return moved;
}

} // namespace

TEST_CASE("A batch has the rows it names, with target and class") {
  const Dataset data = images(10);
  Loader loader(data, {.batch_size = 4, .seed = 5, .stream = "training"});
  Batches expected(10, 4, 5, "training");
  for (int step = 0; step < 7; ++step) {
    const Batch batch = loader.next();
    const auto rows = expected.next();
    REQUIRE(std::vector<std::size_t>(batch.rows.begin(), batch.rows.end())
            == std::vector<std::size_t>(rows.begin(), rows.end()));
    REQUIRE(batch.features.rows() == static_cast<Eigen::Index>(rows.size()));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      CHECK(batch.features.row(static_cast<Eigen::Index>(i))
            == data.features.row(static_cast<Eigen::Index>(rows[i])));
      CHECK(batch.target[i] == static_cast<double>(rows[i]));
      CHECK(batch.labels[i] == static_cast<int>(rows[i] % 3));
    }
  }
  CHECK(loader.epoch() == 2);
  Dataset bare;
  bare.features = RowMatrix::Ones(3, 2);
  Loader without(bare, {.batch_size = 2});
  CHECK(without.next().labels.empty());
  CHECK(without.next().target.empty());
  CHECK_THROWS_AS(Loader(data, LoaderOptions{.batch_size = 0}), InputError);
  const Dataset empty;
  CHECK_THROWS_AS(Loader(empty, LoaderOptions{}), InputError);
  CHECK_THROWS_WITH(Loader(data, LoaderOptions{.augmentations = {add_noise(1), add_noise(2)}}),
                    Contains("two augmentations are named 'noise'"));
}

TEST_CASE("A resumed loader sees the same batches, augmented alike") {
  const Dataset data = images(10);
  const LoaderOptions options{.batch_size = 4, .seed = 5, .augmentations = all_augmentations()};
  for (int before : {0, 1, 2, 3, 5}) {
    Loader run(data, options), resumed(data, options);
    for (int i = 0; i < before; ++i) run.next();
    resumed.seek(run.position());
    for (int i = 0; i < 5; ++i) {
      const Batch a = run.next(), b = resumed.next();
      CHECK(a.features == b.features);
    }
  }
}

TEST_CASE("Augmentations differ between batches and epochs, and do not disturb each other") {
  const Dataset data = images(4);
  Loader noisy(data, {.batch_size = 4, .seed = 5, .augmentations = {add_noise(1)}});
  const RowMatrix first = noisy.next().features, second = noisy.next().features;
  CHECK((first.rowwise().mean() - second.rowwise().mean()).norm() > 0);
  // The same noise with a shift by nothing before it: one more stream changes nothing in this one.
  Loader both(data, {.batch_size = 4, .seed = 5, .augmentations = {shift_pixels(3, 4, 0), add_noise(1)}});
  CHECK(RowMatrix(both.next().features) == first);
  CHECK(data.features(2, 3) == 3); // the dataset stays
}

TEST_CASE("A shift moves an image as a whole, every way equally often") {
  RowMatrix image(4, 5);
  for (int i = 0; i < 20; ++i) image(i / 5, i % 5) = i + 1;
  const Augmentation shift = shift_pixels(4, 5, 2);
  RandomStream stream(1, shift.stream);
  Eigen::MatrixXi seen = Eigen::MatrixXi::Zero(5, 5);
  constexpr int draws = 5000;
  for (int i = 0; i < draws; ++i) {
    RowMatrix moved = image;
    shift.change(FeatureBatch(moved.data(), 1, 20), stream);
    int matches = 0;
    for (int down = -2; down <= 2; ++down)
      for (int across = -2; across <= 2; ++across)
        if (moved == shifted(image, down, across)) {
          ++seen(down + 2, across + 2);
          ++matches;
        }
    REQUIRE(matches == 1);
  }
  // 200 of each expected, deviation 13.9: five deviations.
  CHECK(seen.minCoeff() > 130);
  CHECK(seen.maxCoeff() < 270);
  CHECK_THROWS_AS(shift_pixels(4, 5, 4), InputError);
  CHECK_THROWS_AS(shift_pixels(4, 5, -1), InputError);
}

TEST_CASE("Noise and dropout have their moments") {
  constexpr int n = 100000;
  RowMatrix noise = RowMatrix::Constant(1, n, 2), dropped = noise, scaled = noise;
  const auto change = [](const Augmentation& augmentation, RowMatrix& x) {
    RandomStream stream(1, augmentation.stream);
    augmentation.change(FeatureBatch(x.data(), x.rows(), x.cols()), stream);
  };
  change(add_noise(0.5), noise);
  CHECK(noise.mean() == Approx(2).margin(5 * 0.5 / std::sqrt(n)));
  CHECK((noise.array() - 2).square().mean() == Approx(0.25).margin(5 * 0.25 * std::sqrt(2.0 / n)));
  change(drop_inputs(0.3), dropped);
  const double share = static_cast<double>((dropped.array() == 0).count()) / n;
  CHECK(share == Approx(0.3).margin(5 * std::sqrt(0.21 / n)));
  CHECK((dropped.array() == 0 || dropped.array() == 2).all());
  change(drop_inputs(0.3, true), scaled);
  CHECK(scaled.maxCoeff() == Approx(2 / 0.7));
  CHECK((scaled.array() == 0).count() == (dropped.array() == 0).count());
  for (const double bad : {-0.1, 1.0, std::nan("")}) CHECK_THROWS_AS(drop_inputs(bad), InputError);
  for (const double bad : {-0.1, HUGE_VAL, std::nan("")}) CHECK_THROWS_AS(add_noise(bad), InputError);
}

TEST_CASE("A loader allocates nothing once it is made") {
  const Dataset data = images(10);
  Loader loader(data, {.batch_size = 4, .seed = 5, .augmentations = all_augmentations()});
  double sum = 0;
  const std::size_t before = allocation_count();
  for (int step = 0; step < 50; ++step) sum += loader.next().features.sum();
  CHECK(allocation_count() == before);
  CHECK(sum > 0);
}
