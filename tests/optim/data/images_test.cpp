#include "catch.h"
#include "dsp/error.h"
#include "optim/data/digits.h"
#include "optim/data/image_transforms.h"

#include <algorithm>
#include <cmath>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::data;
using Catch::Matchers::Contains;

namespace {

/// One image whose pixels count up from `first`, row by row.
Dataset counting(int rows, int columns, int first = 0) {
  Dataset image{.labels = {4}, .image_rows = rows, .image_columns = columns, .name = "counting"};
  image.features.resize(1, rows * columns);
  for (int i = 0; i < rows * columns; ++i) image.features(0, i) = first + i;
  return image;
}

std::vector<double> pixels(const Dataset& images, Eigen::Index i = 0) {
  return {images.features.row(i).begin(), images.features.row(i).end()};
}

} // namespace

TEST_CASE("Pooling takes means of blocks") {
  const Dataset pooled = pool(counting(2, 6), 1, 3);
  CHECK(pixels(pooled) == std::vector<double>{3.5, 5.5, 7.5}); // of 0 1 6 7, 2 3 8 9, 4 5 10 11
  CHECK(pooled.image_rows == 1);
  CHECK(pooled.image_columns == 3);
  CHECK(pooled.labels == std::vector<int>{4});
  CHECK(pixels(pool(counting(3, 3), 3, 3)) == pixels(counting(3, 3)));
  CHECK_THROWS_WITH(pool(counting(4, 4), 3, 2),
                    Contains("counting: images of 4 x 4 pixels cannot be averaged to 3 x 2"));
  CHECK_THROWS_AS(pool(counting(4, 4), 0, 2), InputError);
  CHECK_THROWS_WITH(pool(Dataset{.name = "table"}, 1, 1), Contains("table: no images"));
}

TEST_CASE("Resizing keeps what pooling gives, the mean, and a ramp") {
  CHECK(pixels(resize(counting(2, 6), 1, 3)) == pixels(pool(counting(2, 6), 1, 3)));
  // 3 pixels to 2: each covers one and a half.
  const Dataset narrow = resize(counting(1, 3, 1), 1, 2);
  CHECK(narrow.features(0, 0) == Approx((1 + 0.5 * 2) / 1.5));
  CHECK(narrow.features(0, 1) == Approx((0.5 * 2 + 3) / 1.5));
  CHECK(pixels(resize(counting(1, 2), 2, 4)) == std::vector<double>{0, 0, 1, 1, 0, 0, 1, 1});
  CHECK(resize(counting(28, 28), 11, 17).features.mean() == Approx(783 / 2.0).epsilon(1e-12));
}

TEST_CASE("The middle is cut out") {
  CHECK(pixels(crop_centre(counting(4, 4), 2, 2)) == std::vector<double>{5, 6, 9, 10});
  CHECK(pixels(crop_centre(counting(4, 3), 1, 1)) == std::vector<double>{4});
  CHECK_THROWS_WITH(crop_centre(counting(4, 4), 5, 2), Contains("cannot be cut to 5 x 2"));
}

TEST_CASE("Quarter turns are numpy.rot90's") {
  // numpy.rot90([[0, 1, 2], [3, 4, 5]]) = [[2, 5], [1, 4], [0, 3]].
  const Dataset turned = rotate_quarters(counting(2, 3));
  CHECK(pixels(turned) == std::vector<double>{2, 5, 1, 4, 0, 3});
  CHECK(turned.image_rows == 3);
  CHECK(turned.image_columns == 2);
  CHECK(pixels(rotate_quarters(counting(2, 3), 2)) == std::vector<double>{5, 4, 3, 2, 1, 0});
  CHECK(pixels(rotate_quarters(counting(2, 3), -1)) == std::vector<double>{3, 0, 4, 1, 5, 2});
  CHECK(pixels(rotate_quarters(counting(2, 3), 4)) == pixels(counting(2, 3)));

  Dataset two = counting(2, 2);
  two.features.conservativeResize(2, 4);
  two.features.row(1) << 4, 5, 6, 7;
  rotate_quarters(two, std::vector<std::size_t>{1});
  CHECK(pixels(two, 0) == std::vector<double>{0, 1, 2, 3});
  CHECK(pixels(two, 1) == std::vector<double>{5, 7, 4, 6});
  Dataset oblong = counting(2, 3);
  CHECK_THROWS_WITH(rotate_quarters(oblong, std::vector<std::size_t>{0}), Contains("are not square"));
  CHECK_THROWS_WITH(rotate_quarters(two, std::vector<std::size_t>{2}), Contains("there is no image 2"));
}

TEST_CASE("The digits: 10,000, every class, pixels in [0, 1]") {
  const Dataset all = digits();
  CHECK(all.size() == 10000);
  CHECK(all.features.cols() == 784);
  CHECK(all.image_rows == 28);
  CHECK(all.classes() == 10);
  CHECK(all.features.minCoeff() == 0);
  CHECK(all.features.maxCoeff() == 1);
  // MNIST's published mean and deviation of the training images, 0.1307 and 0.3081, here of a sample.
  CHECK(all.features.mean() == Approx(0.1307).margin(0.003));
  CHECK(std::sqrt(all.features.array().square().mean() - std::pow(all.features.mean(), 2))
        == Approx(0.3081).margin(0.003));
  for (int c = 0; c < 10; ++c) CHECK(std::count(all.labels.begin(), all.labels.end(), c) > 850);

  const Dataset first = digits(25);
  CHECK(first.features == all.features.topRows(25));
  CHECK(first.labels == std::vector<int>(all.labels.begin(), all.labels.begin() + 25));
  CHECK_THROWS_WITH(digits(10001), Contains("10001 handwritten digits are asked for, 1 to 10000"));
  CHECK_THROWS_AS(digits(0, 1), InputError);
}

TEST_CASE("Digits drawn by a seed, and split without overlap") {
  const Dataset drawn = digits(40, 3);
  CHECK(drawn.features == digits(40, 3).features);
  CHECK(drawn.features.topRows(10) == digits(10, 3).features);
  CHECK(drawn.features != digits(40, 4).features);
  const TrainingAndHeldOut parts = digits_split(30, 10, 3);
  CHECK(parts.training.features == drawn.features.topRows(30));
  CHECK(parts.held_out.features == drawn.features.bottomRows(10));
  CHECK(parts.held_out.labels == std::vector<int>(drawn.labels.begin() + 30, drawn.labels.end()));
  CHECK_THROWS_AS(digits_split(9000, 1001, 3), InputError);
}
