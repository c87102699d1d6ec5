#include "optim/tools/signals/deep_lk.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/autodiff/operations/reduction.h"
#include "optim/data/asset.h"
#include "optim/data/digits.h"
#include "optim/data/scratch_folder.h"
#include "optim/tools/signals/deep_lk_demo.h"
#include "optim/tools/signals/deep_lk_report.h"
#include "optim/tools/signals/deep_lk_training.h"
#include "optim/tools/signals/deep_lk_training_report.h"
#include "tool_demo.h"

#include <Eigen/LU>

#include <cmath>
#include <fstream>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;

namespace {

/// A smooth function of the plane, in pixels.
double level(double x, double y) {
  return 0.5 + 0.2 * std::sin(0.21 * x + 0.05 * y) + 0.15 * std::cos(0.17 * y - 0.06 * x + 1)
         + 0.1 * std::sin(0.13 * (x + y));
}

/// Its object, in the box at first, moved by m half-sizes and grown by e^g: place p shows what was at
/// c + (p - c - h m) e^-g.
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

Card any_digit(std::size_t at) {
  return digit_card(data::digits(50).features.row(static_cast<Eigen::Index>(at)).data());
}

Crop any_digit_crop(std::size_t at) {
  const Card card = any_digit(at);
  return Crop(card.begin(), card.begin() + crop_side * crop_side);
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

TEST_CASE("Deep-LK: films have the experiment's gain and sizes", "[deep-lk]") {
  RandomStream random(14, "deep-lk test");
  const CardFilm film = card_film(any_digit(3), 600, random);
  double least = 1, most = 1, smallest = 100, largest = 0;
  for (std::size_t k = 0; k < film.frames.size(); ++k) { // the corner is never covered
    const double gain = film.frames[k].levels[0] / film.frames[0].levels[0];
    least = std::min(least, gain);
    most = std::max(most, gain);
    smallest = std::min(smallest, film.boxes[k].half_width);
    largest = std::max(largest, film.boxes[k].half_width);
    CHECK(film.boxes[k].half_height == film.boxes[k].half_width);
  }
  CHECK(most - least == Approx(0.8).epsilon(0.02)); // sin goes from -1 to 1
  CHECK(smallest >= 9);
  CHECK(largest <= 15);
  CHECK((smallest == 9 || largest == 15));
}

TEST_CASE("Deep-LK: pairs of cards and of pictures have the motion that brings the box onto the object",
          "[deep-lk]") {
  RandomStream random(6, "deep-lk test");
  const auto estimator = lucas_kanade(normalised_features);
  std::vector<data::Picture> pictures(3, data::Picture{64, 90, {}, "noise"});
  for (data::Picture& picture : pictures) {
    const double shift = random.uniform(0, 50);
    for (int i = 0; i < 64 * 90; ++i) // smooth, so that one linear step goes most of the way
      picture.levels.push_back(static_cast<float>(level(i % 90 + shift, i / 90)));
  }
  for (const bool cards : {true, false}) {
    const MotionPairs pairs = cards ? card_pairs({any_digit(0), any_digit(3), any_digit(5)}, 200, 7)
                                    : picture_pairs(pictures, 200, 7);
    REQUIRE(pairs.size() == 200);
    REQUIRE(pairs.templates.size() == 200 * 576);
    double length = 0;
    for (std::size_t k = 0; k < 200; ++k) {
      const float* m = pairs.motions.data() + 3 * k;
      length += std::hypot(m[0], m[1], m[2]) / 200;
      CHECK(std::abs(m[2]) <= 0.2f);
    }
    CHECK(length > 0.1);
    CHECK(step_error(*estimator, pairs) < 0.85 * length); // the wrong sign would be above 1
  }
}

TEST_CASE("Deep-LK: training lowers the loss, and the error on other pairs by a tenth at least",
          "[deep-lk]") {
  std::vector<Card> cards;
  for (std::size_t i = 0; i < 20; ++i) cards.push_back(any_digit(i));
  const MotionPairs pairs = card_pairs(cards, 100 * 32, 1), others = card_pairs(cards, 100, 2);
  const TrainedMotion trained = train_features(pairs, {.steps = 100});
  REQUIRE(trained.losses.size() == 100);
  double early = 0, late = 0;
  for (std::size_t k = 0; k < 10; ++k) {
    early += trained.losses[k] / 10;
    late += trained.losses[90 + k] / 10;
  }
  CHECK(late < early);
  nn::Layout layout;
  const FeatureNetwork network(layout);
  const auto before = lucas_kanade(learned_features(layout.initial(1))),
             after = lucas_kanade(learned_features(trained.parameters));
  CHECK(step_error(*after, others) < 0.9 * step_error(*before, others));
}

TEST_CASE("Deep-LK's experiment trains on digits 0 to 4 and follows others", "[deep-lk]") {
  const auto [known, unseen] = digit_cards(1, 300);
  const data::Dataset digits = data::digits(300, 1);
  CHECK(known.size() + unseen.size() == 300);
  std::size_t low = 0, high = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const Card card = digit_card(digits.features.row(static_cast<Eigen::Index>(i)).data());
    CHECK((digits.labels[i] <= 4 ? known[low++] : unseen[high++]) == card);
  }
}

TEST_CASE("Deep-LK: features are the same after a file; those that come with the program follow a texture",
          "[deep-lk]") {
  ScratchFolder folder;
  nn::Layout layout;
  const FeatureNetwork network(layout);
  const FeatureFile features{layout.initial(2), {{"made by", "a test"}}};
  std::ofstream(folder / "f.network.json") << to_json(features);
  const FeatureFile read = read_features(folder / "f.network.json");
  CHECK((read.parameters - features.parameters.cast<float>().cast<double>()).norm() == 0);
  CHECK(read.recipe == features.recipe);
  std::ofstream(folder / "bad.json") << R"({"format": "raphson network"})";
  CHECK_THROWS_WITH(read_features(folder / "bad.json"), Contains("bad.json: not features of deep-lk"));
  std::string cut = to_json(features);
  cut.replace(cut.find("\"first.bias\":["), 14, "\"first.bias\":[0,");
  std::ofstream(folder / "cut.json") << cut;
  CHECK_THROWS_WITH(read_features(folder / "cut.json"),
                    Contains("first.bias: it has 9 numbers and must have 8"));

  RandomStream random(9, "deep-lk test");
  const CardFilm film = card_film(texture_card(random), 15, random);
  const auto estimator =
      lucas_kanade(learned_features(read_features(data::asset("models/deep-lk.network.json")).parameters));
  Tracker tracker(*estimator, film.frames[0].view(), film.boxes[0]);
  for (std::size_t k = 1; k < film.frames.size(); ++k)
    CHECK(overlap(tracker.follow(film.frames[k].view()).box, film.boxes[k]) > 0.7);
}

TEST_CASE("Deep-LK: the report measures against a truth and says where the box was lost", "[deep-lk]") {
  RandomStream random(11, "deep-lk test");
  CardFilm film = card_film(texture_card(random), 12, random);
  for (std::size_t k = 8; k < 12; ++k) // the object has gone
    for (float& value : film.frames[k].levels) value = static_cast<float>(random.uniform());
  const auto estimator = lucas_kanade(normalised_features);
  const auto report =
      follow_report(film.frames, *estimator, {.box = film.boxes[0], .truth = film.boxes}, "film");
  REQUIRE(report.warnings.size() == 1);
  CHECK_THAT(report.warnings[0], Contains("probably lost from frame 9"));
  // Lost before there are five frames to compare with; and in a film of three frames.
  CardFilm gone = card_film(texture_card(random), 12, random);
  for (std::size_t k = 2; k < 12; ++k)
    std::fill(gone.frames[k].levels.begin(), gone.frames[k].levels.end(), 0.0f);
  const auto deep =
      lucas_kanade(learned_features(read_features(data::asset("models/deep-lk.network.json")).parameters));
  for (const std::size_t frames : {12, 3}) {
    const std::vector<data::Picture> some(gone.frames.begin(), gone.frames.begin() + std::ptrdiff_t(frames));
    const auto lost = follow_report(some, *deep, {.box = gone.boxes[0]}, "film");
    REQUIRE(lost.warnings.size() == 1);
    CHECK_THAT(lost.warnings[0], Contains("probably lost from frame 3"));
  }
  // None where it is followed, though the first residuals are next to nothing.
  CardFilm still = card_film(texture_card(random), 12, random);
  for (std::size_t k = 12; k-- > 1;) { // stays for six frames
    still.frames[k] = still.frames[k < 6 ? 0 : k - 6];
    still.boxes[k] = still.boxes[k < 6 ? 0 : k - 6];
  }
  const auto followed =
      follow_report(still.frames, *deep, {.box = still.boxes[0], .truth = still.boxes}, "film");
  CHECK(*followed.tables[0].table.rows[11].back().number > 0.7);
  CHECK(followed.warnings.empty());
  REQUIRE(report.tables[0].table.rows.size() == 12);
  CHECK(*report.tables[0].table.rows[3].back().number > 0.7);
}

TEST_CASE("Deep-LK: boxes of files have their names, and unequal ones are spoken of", "[deep-lk]") {
  RandomStream random(15, "deep-lk test");
  CardFilm film = card_film(texture_card(random), 3, random);
  const auto estimator = lucas_kanade(normalised_features);
  for (int k = 0; k < 3; ++k) film.frames[k].name = "film/frame" + std::to_string(k + 8) + ".png";
  const FollowOptions options{.box = film.boxes[0], .files = true};
  const auto report = follow_report(film.frames, *estimator, options, "film");
  CHECK(report.tables[0].table.rows[1].back().text == "frame9.png");
  REQUIRE(report.warnings.size() == 1);
  CHECK_THAT(report.warnings[0], Contains("number them with zeros"));
}

// The distributions that deep_lk_report.cpp's limits lie between.
TEST_CASE("Deep-LK: residuals of boxes that are on the object, and of lost ones", "[.][deep-lk-residuals]") {
  const auto features = read_features(data::asset("models/deep-lk.network.json")).parameters;
  std::vector<double> on, off;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    RandomStream random(seed, "deep-lk residuals");
    const DigitCards cards = digit_cards(seed, 500);
    for (int k = 0; k < 36; ++k) {
      Card card = k % 3 == 2 ? texture_card(random) : cards.unseen[random.index(cards.unseen.size())];
      if (k % 3 == 1) card = inverted(std::move(card));
      const CardFilm film = card_film(card, 40, random);
      const auto estimator = lucas_kanade(learned_features(features));
      Tracker tracker(*estimator, film.frames[0].view(), film.boxes[0]);
      for (std::size_t t = 1; t < film.frames.size(); ++t) {
        const TrackedFrame found = tracker.follow(film.frames[t].view());
        const double common = overlap(found.box, film.boxes[t]);
        if (common > 0.7) on.push_back(found.residual);
        if (common < 0.3) off.push_back(found.residual);
      }
    }
  }
  for (auto* residuals : {&on, &off}) {
    std::sort(residuals->begin(), residuals->end());
    const auto at = [&](double share) {
      return (*residuals)[std::size_t(share * double(residuals->size() - 1))];
    };
    WARN(residuals->size() << " frames: least " << at(0) << ", 1 % " << at(0.01) << ", 10 % " << at(0.1)
                           << ", half " << at(0.5) << ", 90 % " << at(0.9) << ", 99 % " << at(0.99)
                           << ", most " << at(1));
  }
}

TEST_CASE("Deep-LK: films and boxes that are wrong are refused in one line", "[deep-lk]") {
  RandomStream random(12, "deep-lk test");
  CardFilm film = card_film(any_digit(0), 3, random);
  const auto estimator = lucas_kanade(normalised_features);
  const auto refused = [&](const std::vector<data::Picture>& frames, const FollowOptions& options,
                           const std::string& line) {
    CHECK_THROWS_WITH(follow_report(frames, *estimator, options, "film"), Contains(line));
  };
  refused({film.frames[0]}, {.box = film.boxes[0]}, "film has one frame: at least 2");
  refused(film.frames, {.box = box_of_edges(70, 20, 20, 20)},
          "does not lie within the first frame, which has 80 x 80");
  refused(film.frames, {.box = box_of_edges(20, 20, 7, 20)}, "smaller than 8 x 8");
  refused(film.frames, {.box = box_of_edges(20, 20, -7, 20)}, "not above 0");
  refused(film.frames, {.box = box_of_edges(20, NAN, 9, 20)}, "not finite");
  refused(film.frames, {.box = film.boxes[0], .truth = {film.boxes[0]}},
          "--truth: boxes of 1 frames, film has 3");
  auto frames = film.frames;
  for (float& value : frames[0].levels) value *= 1e-3f;
  refused(frames, {.box = film.boxes[0]}, "levels from 0 to 1 would be right");
  for (float& value : frames[0].levels) value = 0.4f;
  refused(frames, {.box = film.boxes[0]}, "nothing to hold on to in this box");
  for (int i = 0; i < 80 * 80; ++i) frames[0].levels[i] = static_cast<float>(std::sin(0.3 * (i % 80)));
  refused(frames, {.box = film.boxes[0]}, "nothing to hold on to in this box"); // stripes
  frames = film.frames;
  frames[2] = {40, 80, std::vector<float>(3200), "frame-3.png"};
  refused(frames, {.box = film.boxes[0]}, "frame-3.png has 80 x 40 pixels");

  ScratchFolder folder;
  const auto boxes = [&](const std::string& rows, const std::string& line) {
    std::ofstream(folder / "b.csv") << rows;
    CHECK_THROWS_WITH(read_boxes((folder / "b.csv").string()), Contains(line));
  };
  boxes("x,y,w,h\n1,2,3,0\n", "line 2: w and h must be above 0");
  boxes("frame,x,y,w,h\n2,2,3,4,5\n", "line 2: frame 2 where 1 was expected");
  boxes("x,y,w\n1,2,3\n", "h");
  CHECK_THROWS_WITH(picture_pairs({{20, 90, std::vector<float>(1800), "small.png"}}, 1, 1),
                    Contains("small.png has 90 x 20 pixels: at least 24 x 24"));
}

TEST_CASE("Deep-LK's experiment, in short", "[deep-lk]") { check_claims(deep_lk_demo({.brief = true})); }
