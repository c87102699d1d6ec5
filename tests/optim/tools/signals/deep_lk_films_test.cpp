// Deep-LK on films: its pairs and training, its report, what it refuses, its experiment.
#include "optim/tools/signals/deep_lk.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/data/asset.h"
#include "optim/data/scratch_folder.h"
#include "optim/tools/signals/deep_lk_demo.h"
#include "optim/tools/signals/deep_lk_report.h"
#include "optim/tools/signals/deep_lk_training.h"
#include "optim/tools/signals/deep_lk_training_report.h"
#include "tests/optim/tools/signals/deep_lk_cards.h"
#include "tool_demo.h"

#include <cmath>
#include <fstream>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;

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
