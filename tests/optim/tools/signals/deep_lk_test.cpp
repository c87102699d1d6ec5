#include "optim/tools/signals/deep_lk.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/autodiff/operations/reduction.h"
#include "optim/tools/signals/deep_lk_training.h"
#include "tests/optim/tools/signals/deep_lk_cards.h"

#include <Eigen/LU>

#include <cmath>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;

namespace {

/// level(), its object, in the box at first, moved by m half-sizes and grown by e^g: place p shows what was
/// at c + (p - c - h m) e^-g.
data::Picture smooth_picture(const TrackBox& box, double mx = 0, double my = 0, double g = 0) {
  data::Picture picture{80, 80, {}, "smooth"};
  for (int r = 0; r < 80; ++r)
    for (int c = 0; c < 80; ++c)
      picture.levels.push_back(
          static_cast<float>(level(box.x + (c - box.x - box.half_width * mx) * std::exp(-g),
                                   box.y + (r - box.y - box.half_height * my) * std::exp(-g))));
  return picture;
}

constexpr TrackBox middle{40, 38, 14, 12};

FeatureMap random_map(RandomStream& random, int channels = 8, int side = 12) {
  FeatureMap map{channels, side, {}};
  for (int i = 0; i < channels * side * side; ++i) map.values.push_back(random.normal());
  return map;
}

FeatureMap scaled(FeatureMap map, double by) {
  for (double& value : map.values) value *= by;
  return map;
}

} // namespace

TEST_CASE("Deep-LK: a crop equal to the template gives no motion at all", "[deep-lk]") {
  RandomStream random(1, "deep-lk test");
  const FeatureMap map = random_map(random);
  const BoxMotion dp = LinearRegressor(map).step(map);
  CHECK(dp.tx == 0);
  CHECK(dp.ty == 0);
  CHECK(dp.s == 0);
  CHECK(LinearRegressor(map).residual(map) == 0);
}

TEST_CASE("Deep-LK: the step is the damped normal equations with the template's Jacobian, by hand",
          "[deep-lk]") {
  RandomStream random(2, "deep-lk test");
  const FeatureMap t = random_map(random, 2, 6), i = random_map(random, 2, 6);
  Eigen::Matrix3d square = 1e-3 * Eigen::Matrix3d::Identity();
  Eigen::Vector3d right = Eigen::Vector3d::Zero();
  const double n = 2 * 4 * 4;
  for (int c = 0; c < 2; ++c)
    for (int row = 1; row < 5; ++row)
      for (int column = 1; column < 5; ++column) {
        const auto at = [&](const FeatureMap& map, int r, int k) { return map.values[(c * 6 + r) * 6 + k]; };
        // Cells are 2 / 6 wide, two apart 4 / 6.
        const double along_x = (at(t, row, column + 1) - at(t, row, column - 1)) / (4.0 / 6);
        const double along_y = (at(t, row + 1, column) - at(t, row - 1, column)) / (4.0 / 6);
        const double x = (2 * column + 1) / 6.0 - 1, y = (2 * row + 1) / 6.0 - 1;
        const Eigen::Vector3d j(along_x, along_y, x * along_x + y * along_y);
        square += j * j.transpose() / n;
        right += j * (at(i, row, column) - at(t, row, column)) / n;
      }
  const Eigen::Vector3d expected = square.fullPivLu().solve(right);
  const BoxMotion dp = LinearRegressor(t).step(i);
  CHECK(dp.tx == Approx(expected[0]).epsilon(1e-10));
  CHECK(dp.ty == Approx(expected[1]).epsilon(1e-10));
  CHECK(dp.s == Approx(expected[2]).epsilon(1e-10));
  // The same through what follows a box, on crops.
  const Crop a = normalised(any_digit_crop(0)), b = normalised(any_digit_crop(1));
  const auto estimator = lucas_kanade(grey_features);
  estimator->set_template(a);
  const BoxMotion estimated = estimator->estimate(b),
                  direct = LinearRegressor(grey_features(a)).step(grey_features(b));
  CHECK(estimated.tx == direct.tx);
  CHECK(estimated.s == direct.s);
  // R belongs to the template: that of the image is another.
  CHECK((LinearRegressor(t).matrix() - LinearRegressor(i).matrix()).norm() > 0.1);
}

TEST_CASE("Deep-LK: the Jacobian is the derivative of the features under a small warp", "[deep-lk]") {
  const data::Picture picture = smooth_picture(middle);
  const LinearRegressor of_template(grey_features(crop_box(picture.view(), middle)));
  const double step = 0.02;
  const auto warped = [&](double tx, double ty, double s) { // c + h (e^s x + t)
    const TrackBox box{middle.x + middle.half_width * tx, middle.y + middle.half_height * ty,
                       middle.half_width * std::exp(s), middle.half_height * std::exp(s)};
    return inner_cells(grey_features(crop_box(picture.view(), box)));
  };
  const Eigen::VectorXd columns[] = {(warped(step, 0, 0) - warped(-step, 0, 0)) / (2 * step),
                                     (warped(0, step, 0) - warped(0, -step, 0)) / (2 * step),
                                     (warped(0, 0, step) - warped(0, 0, -step)) / (2 * step)};
  for (int k = 0; k < 3; ++k)
    CHECK((of_template.jacobian().col(k) - columns[k]).norm() < 0.05 * columns[k].norm());
}

TEST_CASE("Deep-LK: a motion of 0.05 on grey levels, within a tenth in one step and to 1e-3 in four",
          "[deep-lk]") {
  const data::Picture first = smooth_picture(middle);
  const double motions[][3] = {{0.05, 0, 0}, {0, 0.05, 0}, {0, 0, 0.05}, {-0.05, 0.03, -0.05}};
  for (const auto& [mx, my, g] : motions) {
    const data::Picture second = smooth_picture(middle, mx, my, g);
    const LinearRegressor regressor(grey_features(crop_box(first.view(), middle)), 1e-6);
    const BoxMotion dp = regressor.step(grey_features(crop_box(second.view(), middle)));
    CHECK(dp.tx == Approx(-mx * std::exp(-g)).margin(0.006));
    CHECK(dp.ty == Approx(-my * std::exp(-g)).margin(0.006));
    CHECK(dp.s == Approx(-g).margin(0.006));
    const auto estimator = lucas_kanade(grey_features, 1e-6);
    Tracker tracker(*estimator, first.view(), middle);
    const TrackBox box = tracker.follow(second.view()).box;
    CHECK((box.x - middle.x) / middle.half_width == Approx(mx).margin(1e-3));
    CHECK((box.y - middle.y) / middle.half_height == Approx(my).margin(1e-3));
    CHECK(std::log(box.half_width / middle.half_width) == Approx(g).margin(1e-3));
    CHECK(box.half_width / box.half_height == Approx(14.0 / 12));
  }
}

TEST_CASE("Deep-LK: the composition is that of the inverse, exactly and for large motions", "[deep-lk]") {
  const BoxMotion dp{0.4, -0.3, 0.2};
  const TrackBox box = compose_inverse(middle, dp);
  // W(x; dp) of the new box is the old one: c' + h' t = c, h' e^s = h.
  CHECK(box.x + box.half_width * dp.tx == Approx(middle.x).epsilon(1e-14));
  CHECK(box.y + box.half_height * dp.ty == Approx(middle.y).epsilon(1e-14));
  CHECK(box.half_width * std::exp(dp.s) == Approx(middle.half_width).epsilon(1e-14));
  CHECK(box.half_height * std::exp(dp.s) == Approx(middle.half_height).epsilon(1e-14));
}

TEST_CASE("Deep-LK: a factor on the features changes the step by the damping alone", "[deep-lk]") {
  RandomStream random(3, "deep-lk test");
  const FeatureMap t = random_map(random), i = random_map(random);
  const auto step = [&](double factor, double damping) {
    return LinearRegressor(scaled(t, factor), damping).step(scaled(i, factor));
  };
  CHECK(step(1, 0).tx == Approx(step(0.01, 0).tx).epsilon(1e-9));
  CHECK(step(1, 0).s == Approx(step(0.01, 0).s).epsilon(1e-9));
  CHECK(std::abs(step(0.01, 1e-3).tx) < 0.9 * std::abs(step(1, 1e-3).tx));
}

TEST_CASE("Deep-LK: a frame takes as many crops as iterations, fewer where it has settled", "[deep-lk]") {
  const data::Picture first = smooth_picture(middle), second = smooth_picture(middle, 0.2, -0.2, 0.1);
  int crops = 0;
  const auto estimator = lucas_kanade([&crops](const Crop& crop) {
    ++crops;
    return normalised_features(crop);
  });
  Tracker tracker(*estimator, first.view(), middle, {.iterations = 3, .settled = 0});
  CHECK(crops == 1); // the template
  CHECK(tracker.follow(second.view()).crops == 3);
  CHECK(crops == 4);
  Tracker still(*estimator, first.view(), middle);
  CHECK(still.follow(first.view()).crops == 1);
}

TEST_CASE("Deep-LK: with an update of a the template takes on a of what is seen", "[deep-lk]") {
  const data::Picture first = smooth_picture(middle);
  data::Picture brighter = first;
  for (float& value : brighter.levels) value += 0.2f;
  const auto fixed = lucas_kanade(grey_features), updated = lucas_kanade(grey_features);
  Tracker stays(*fixed, first.view(), middle, {.iterations = 1}),
      follows(*updated, first.view(), middle, {.iterations = 1, .update = 1});
  stays.follow(brighter.view());
  follows.follow(brighter.view());
  CHECK(stays.follow(brighter.view()).residual > 0.1);
  CHECK(follows.follow(brighter.view()).residual < 0.05);
  const auto partly = lucas_kanade(grey_features); // and the box kept where it is
  Tracker some(*partly, first.view(), middle,
               {.iterations = 1, .update = 0.3, .largest_shift = 0, .largest_growth = 0});
  const double before = some.follow(brighter.view()).residual;
  CHECK(some.follow(brighter.view()).residual == Approx(0.7 * before).epsilon(1e-3));
  CHECK(some.follow(brighter.view()).residual == Approx(0.49 * before).epsilon(1e-3));
}

TEST_CASE("Deep-LK: steps are cut to half a half-size and to e^0.2", "[deep-lk]") {
  class Far final : public MotionEstimator {
  public:
    void set_template(const Crop&) override {}
    BoxMotion estimate(const Crop&) override { return {0.9, -3, 1}; }
    double residual() const override { return 0; }
    double condition() const override { return 0; }
  } far;
  const data::Picture picture = smooth_picture(middle);
  Tracker tracker(far, picture.view(), middle, {.iterations = 1});
  const TrackBox box = tracker.follow(picture.view()).box;
  CHECK(box.half_width == Approx(14 * std::exp(-0.2)));
  CHECK(box.x == Approx(40 - 0.5 * 14 * std::exp(-0.2)));
  CHECK(box.y == Approx(38 + 0.5 * 12 * std::exp(-0.2)));
}

TEST_CASE("Deep-LK: the residual is 0 for the template and about sqrt 2 for another picture", "[deep-lk]") {
  RandomStream random(13, "deep-lk test");
  FeatureMap map = random_map(random);
  for (int i = 0; i < 144; ++i) map.values[i] += 100; // a channel's mean says nothing
  FeatureMap other = random_map(random);
  for (int i = 0; i < 144; ++i) other.values[i] += 100;
  for (const double factor : {1.0, 20.0}) {
    const LinearRegressor of_template(scaled(map, factor));
    CHECK(of_template.residual(scaled(map, factor)) == 0);
    CHECK(of_template.residual(scaled(other, factor)) == Approx(std::sqrt(2)).epsilon(0.08));
  }
}

TEST_CASE("Deep-LK: the step on the tape is the regressor's, and features on it those of following",
          "[deep-lk]") {
  RandomStream random(4, "deep-lk test");
  const FeatureMap maps[] = {random_map(random), random_map(random), random_map(random), random_map(random)};
  std::vector<double> templates = maps[0].values, images = maps[2].values;
  templates.insert(templates.end(), maps[1].values.begin(), maps[1].values.end());
  images.insert(images.end(), maps[3].values.begin(), maps[3].values.end());
  Tape<double> tape;
  const auto dp = lucas_kanade_step(tape.constant({2, 8, 12, 12}, templates.data()),
                                    tape.constant({2, 8, 12, 12}, images.data()));
  REQUIRE(dp.shape() == Shape{2, 3});
  for (int e = 0; e < 2; ++e) {
    const BoxMotion expected = LinearRegressor(maps[e]).step(maps[2 + e]);
    CHECK(dp.data()[3 * e] == Approx(expected.tx).epsilon(1e-9));
    CHECK(dp.data()[3 * e + 1] == Approx(expected.ty).epsilon(1e-9));
    CHECK(dp.data()[3 * e + 2] == Approx(expected.s).epsilon(1e-9));
  }
}

TEST_CASE("Deep-LK: the loss's gradient through the regressor agrees with finite differences", "[deep-lk]") {
  nn::Layout layout;
  const FeatureNetwork network(layout);
  const Vector theta = layout.initial(3);
  const MotionPairs pairs = card_pairs({any_digit(0), any_digit(1)}, 2, 5);
  const std::vector<double> templates(pairs.templates.begin(), pairs.templates.end()),
      images(pairs.images.begin(), pairs.images.end()), motions(pairs.motions.begin(), pairs.motions.end());
  const auto loss = [&](const Vector& at, Vector* gradient) {
    Tape<double> tape;
    if (gradient) *gradient = Vector::Zero(layout.size());
    const nn::Weights<double> w = gradient
                                      ? nn::Weights<double>(tape, at.data(), {.gradient = gradient->data()})
                                      : nn::Weights<double>(tape, at.data());
    const auto dp = lucas_kanade_step(network(w, tape.constant({2, 1, 24, 24}, templates.data())),
                                      network(w, tape.constant({2, 1, 24, 24}, images.data())));
    const auto value = mean(huber(dp - tape.constant({2, 3}, motions.data()), 0.05));
    if (gradient) tape.backward(value);
    return value.item();
  };
  Vector gradient;
  loss(theta, &gradient);
  const double scale = gradient.cwiseAbs().maxCoeff();
  CHECK(scale > 1e-4);
  RandomStream random(5, "deep-lk test");
  for (int k = 0; k < 60; ++k) {
    const auto at = static_cast<Index>(random.index(static_cast<std::size_t>(layout.size())));
    Vector up = theta, down = theta;
    up[at] += 1e-5;
    down[at] -= 1e-5;
    CHECK(gradient[at] == Approx((loss(up, nullptr) - loss(down, nullptr)) / 2e-5).margin(1e-5 * scale));
  }
}

TEST_CASE("Deep-LK: Huber's loss: quadratic within delta, linear beyond", "[deep-lk]") {
  Tape<double> tape;
  const std::vector<double> r{0.02, -0.05, 0.5, 0, -0.03, 0.1};
  const auto losses = huber(tape.constant({2, 3}, r.data()), 0.05);
  CHECK(losses.data()[0] == Approx((0.0002 + 0.00125 + 0.05 * 0.475) / 3));
  CHECK(losses.data()[1] == Approx((0 + 0.00045 + 0.05 * 0.075) / 3));
}

TEST_CASE("Deep-LK: the motion to find brings the box onto the object, exactly", "[deep-lk]") {
  for (const ObjectMotion& motion : {ObjectMotion{0.4, -0.1, 0.2}, ObjectMotion{-0.3, 0.2, -0.2}}) {
    const TrackBox object = moved(middle, motion), found = compose_inverse(middle, motion_to_find(motion));
    CHECK(found.x == Approx(object.x).epsilon(1e-14));
    CHECK(found.y == Approx(object.y).epsilon(1e-14));
    CHECK(found.half_width == Approx(object.half_width).epsilon(1e-14));
    CHECK(found.half_height == Approx(object.half_height).epsilon(1e-14));
  }
}
