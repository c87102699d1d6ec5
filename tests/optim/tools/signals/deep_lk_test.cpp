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

TEST_CASE("Deep-LK: a crop equal to the template gives no motion at all") {
  RandomStream random(1, "deep-lk test");
  const FeatureMap map = random_map(random);
  const BoxMotion dp = LinearRegressor(map).step(map);
  CHECK(dp.tx == 0);
  CHECK(dp.ty == 0);
  CHECK(dp.s == 0);
  CHECK(LinearRegressor(map).residual(map) == 0);
}

TEST_CASE("Deep-LK: the step is the damped normal equations with the template's Jacobian, by hand") {
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

TEST_CASE("Deep-LK: the Jacobian is the derivative of the features under a small warp") {
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

TEST_CASE("Deep-LK: a motion of 0.05 on grey levels, within a tenth in one step and to 1e-3 in four") {
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

TEST_CASE("Deep-LK: the composition is that of the inverse, exactly and for large motions") {
  const BoxMotion dp{0.4, -0.3, 0.2};
  const TrackBox box = compose_inverse(middle, dp);
  // W(x; dp) of the new box is the old one: c' + h' t = c, h' e^s = h.
  CHECK(box.x + box.half_width * dp.tx == Approx(middle.x).epsilon(1e-14));
  CHECK(box.y + box.half_height * dp.ty == Approx(middle.y).epsilon(1e-14));
  CHECK(box.half_width * std::exp(dp.s) == Approx(middle.half_width).epsilon(1e-14));
  CHECK(box.half_height * std::exp(dp.s) == Approx(middle.half_height).epsilon(1e-14));
}

TEST_CASE("Deep-LK: a factor on the features changes the step by the damping alone") {
  RandomStream random(3, "deep-lk test");
  const FeatureMap t = random_map(random), i = random_map(random);
  const auto step = [&](double factor, double damping) {
    return LinearRegressor(scaled(t, factor), damping).step(scaled(i, factor));
  };
  CHECK(step(1, 0).tx == Approx(step(0.01, 0).tx).epsilon(1e-9));
  CHECK(step(1, 0).s == Approx(step(0.01, 0).s).epsilon(1e-9));
  CHECK(std::abs(step(0.01, 1e-3).tx) < 0.9 * std::abs(step(1, 1e-3).tx));
}

TEST_CASE("Deep-LK: a frame takes as many crops as iterations, fewer where it has settled") {
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

TEST_CASE("Deep-LK: with an update the template takes on what is seen") {
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
}

TEST_CASE("Deep-LK: the step on the tape is the regressor's, and features on it those of following") {
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

TEST_CASE("Deep-LK: the loss's gradient through the regressor agrees with finite differences") {
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

TEST_CASE("Deep-LK: Huber's loss: quadratic within delta, linear beyond") {
  Tape<double> tape;
  const std::vector<double> r{0.02, -0.05, 0.5, 0, -0.03, 0.1};
  const auto losses = huber(tape.constant({2, 3}, r.data()), 0.05);
  CHECK(losses.data()[0] == Approx((0.0002 + 0.00125 + 0.05 * 0.475) / 3));
  CHECK(losses.data()[1] == Approx((0 + 0.00045 + 0.05 * 0.075) / 3));
}

TEST_CASE("Deep-LK: pairs of cards and of pictures have the motion that brings the box onto the object") {
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

TEST_CASE("Deep-LK: training lowers the loss, and the error on other pairs by a tenth at least") {
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

TEST_CASE("Deep-LK's experiment trains on digits 0 to 4 and follows others") {
  const auto [known, unseen] = digit_cards(1, 300);
  const data::Dataset digits = data::digits(300, 1);
  CHECK(known.size() + unseen.size() == 300);
  std::size_t low = 0, high = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const Card card = digit_card(digits.features.row(static_cast<Eigen::Index>(i)).data());
    CHECK((digits.labels[i] <= 4 ? known[low++] : unseen[high++]) == card);
  }
}

TEST_CASE("Deep-LK: features are the same after a file; those that come with the program follow a texture") {
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

TEST_CASE("Deep-LK: the report measures against a truth and says where the box was lost") {
  RandomStream random(11, "deep-lk test");
  CardFilm film = card_film(texture_card(random), 12, random);
  for (std::size_t k = 8; k < 12; ++k) // the object has gone
    for (float& value : film.frames[k].levels) value = static_cast<float>(random.uniform());
  const auto estimator = lucas_kanade(normalised_features);
  const auto report =
      follow_report(film.frames, *estimator, {.box = film.boxes[0], .truth = film.boxes}, "film");
  REQUIRE(report.warnings.size() == 1);
  CHECK_THAT(report.warnings[0], Contains("probably lost from frame 9"));
  REQUIRE(report.tables[0].table.rows.size() == 12);
  CHECK(*report.tables[0].table.rows[3].back().number > 0.7);
}

TEST_CASE("Deep-LK: films and boxes that are wrong are refused in one line") {
  RandomStream random(12, "deep-lk test");
  CardFilm film = card_film(any_digit(0), 3, random);
  const auto estimator = lucas_kanade(normalised_features);
  const auto refused = [&](const std::vector<data::Picture>& frames, const FollowOptions& options,
                           const std::string& line) {
    CHECK_THROWS_WITH(follow_report(frames, *estimator, options, "film"), Contains(line));
  };
  refused({film.frames[0]}, {.box = film.boxes[0]}, "film has 1 frame: at least 2");
  refused(film.frames, {.box = box_of_edges(70, 20, 20, 20)},
          "does not lie within the first frame, which has 80 x 80");
  refused(film.frames, {.box = box_of_edges(20, 20, 7, 20)}, "smaller than 8 x 8");
  refused(film.frames, {.box = box_of_edges(20, NAN, 9, 20)}, "not finite");
  refused(film.frames, {.box = film.boxes[0], .truth = {film.boxes[0]}},
          "--truth has 1 boxes, film has 3 frames");
  auto frames = film.frames;
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

TEST_CASE("Deep-LK's experiment, in short") { check_claims(deep_lk_demo({.brief = true})); }
