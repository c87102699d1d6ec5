#include "optim/tools/signals/aztr_model.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/autodiff/operations/reduction.h"
#include "optim/autodiff/operations/softmax.h"
#include "optim/data/digits.h"
#include "optim/data/moving_digits.h"
#include "optim/engine/random.h"
#include "optim/tools/signals/aztr_demo.h"
#include "optim/tools/signals/aztr_report.h"
#include "tool_demo.h"

#include <cmath>
#include <numeric>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;

namespace {

Crops random_crops(Index clips, const RecogniserSpec& spec) {
  RandomStream random(4, "crops");
  Crops crops(clips, Index{spec.frames} * spec.size * spec.size);
  for (float& value : crops.reshaped()) value = static_cast<float>(random.normal());
  return crops;
}

/// The frames of every clip in another order.
Crops reordered(const Crops& crops, const RecogniserSpec& spec, const std::vector<int>& order) {
  const Index frame = Index{spec.size} * spec.size;
  Crops other(crops.rows(), crops.cols());
  for (std::size_t t = 0; t < order.size(); ++t)
    other.middleCols(static_cast<Index>(t) * frame, frame) = crops.middleCols(order[t] * frame, frame);
  return other;
}

/// A white square of this half a side at (x, y) of a grey frame, on a path.
Clips square_clip(const std::vector<std::pair<double, double>>& path, double half) {
  Clips clips{
      .count = 1, .frames = static_cast<int>(path.size()), .rows = 40, .columns = 48, .name = "square"};
  for (const auto& [x, y] : path)
    for (int r = 0; r < 40; ++r)
      for (int c = 0; c < 48; ++c)
        clips.pixels.push_back(std::abs(c - x) <= half && std::abs(r - y) <= half ? 1.0f : 0.2f);
  return clips;
}

} // namespace

TEST_CASE("Key frames are every K-th and the last", "[aztr]") {
  CHECK(key_frames(8, 2) == std::vector<int>{0, 2, 4, 6, 7});
  CHECK(key_frames(8, 1) == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7});
  CHECK(key_frames(8, 7) == std::vector<int>{0, 7});
  CHECK(key_frames(8, 100) == std::vector<int>{0, 7});
  CHECK_THROWS_WITH(key_frames(8, 0), Contains("every 0"));
}

TEST_CASE("The path is linear between detections, the zoom one for the clip", "[aztr]") {
  const std::vector<int> keys{0, 2, 4, 6, 7};
  std::vector<Detection> found{
      {10, 20, 4, 0.9}, {14, 22, 5, 0.8}, {90, 90, 30, 0.05}, {20, 30, 8, 0.7}, {21, 30, 6, 0.02}};
  const ZoomPath all = zoom_path(keys, found, 0, 8);
  CHECK(all.x == std::vector<double>{10, 12, 14, 52, 90, 55, 20, 21});
  CHECK(all.half == 45); // 1.5 times the largest
  const ZoomPath sure = zoom_path(keys, found, 0.5, 8);
  CHECK(sure.x == std::vector<double>{10, 12, 14, 15.5, 17, 18.5, 20, 20}); // constant behind the last
  CHECK(sure.y[5] == Approx(28));
  CHECK(sure.half == 12);
  CHECK(zoom_path(keys, found, 0.99, 8).x == std::vector<double>(8, 10)); // never without the best
}

TEST_CASE("In the crops a growing target grows", "[aztr]") {
  Clips clips{.count = 1, .frames = 8, .rows = 60, .columns = 60, .name = "growing"};
  std::vector<Detection> found;
  for (int t = 0; t < 8; ++t) {
    const double half = 4 * std::exp(0.1 * t);
    for (int r = 0; r < 60; ++r)
      for (int c = 0; c < 60; ++c) clips.pixels.push_back(std::hypot(r - 30, c - 30) < half ? 1.0f : 0.0f);
    if (t % 2 == 0 || t == 7) found.push_back({30, 30, half, 1});
  }
  const ZoomPath path[] = {zoom_path(key_frames(8, 2), found, 0, 8)};
  const Crops crops = zoomed(clips, path, 16, {});
  const float first = crops.row(0).head(256).sum(), last = crops.row(0).tail(256).sum();
  CHECK(std::sqrt(last / first) == Approx(std::exp(0.7)).epsilon(0.1));
}

TEST_CASE("A target that goes with the picture looks the same in every crop", "[aztr]") {
  const Clips clips = square_clip({{20, 15}, {23, 16}, {19, 20}, {26, 22}}, 3);
  const std::vector<int> keys = key_frames(4, 1);
  std::vector<Detection> found{{20, 15, 3, 1}, {23, 16, 3, 1}, {19, 20, 3, 1}, {26, 22, 3, 1}};
  const ZoomPath path[] = {zoom_path(keys, found, 0, 4)};
  const Crops crops = zoomed(clips, path, 8, {});
  for (int t = 1; t < 4; ++t) CHECK(crops.middleCols(64 * t, 64) == crops.middleCols(0, 64));
  CHECK(crops.maxCoeff() > 0.99f);
  // Whole frames show how it moves.
  const Crops whole = whole_frames(clips, 8, {});
  CHECK((whole.middleCols(64, 64) - whole.middleCols(0, 64)).norm() > 0.1f);
  CHECK(whole.mean()
        == Approx(Eigen::Map<const Eigen::ArrayXf>(clips.pixels.data(), std::ssize(clips.pixels)).mean())
               .epsilon(1e-4));
}

TEST_CASE("A recogniser without place in time and local part does not see the order of frames", "[aztr]") {
  const std::vector<int> order{3, 1, 7, 0, 2, 6, 5, 4};
  struct Case {
    bool local, attention, position, sees;
  };
  for (const Case& c :
       {Case{false, true, false, false}, Case{false, false, false, false}, Case{true, true, false, true},
        Case{false, true, true, true}, Case{true, true, true, true}}) {
    INFO(c.local << c.attention << c.position);
    const RecogniserSpec spec{.local = c.local, .attention = c.attention, .position = c.position};
    const Recogniser recogniser(spec);
    RandomStream random(3, "weights");
    Vector theta(recogniser.layout().size());
    for (double& value : theta) value = 0.2 * random.normal();
    const Crops crops = random_crops(3, spec);
    const double change = (recogniser.probabilities(theta, crops)
                           - recogniser.probabilities(theta, reordered(crops, spec, order)))
                              .cwiseAbs()
                              .maxCoeff();
    if (c.sees)
      CHECK(change > 1e-3);
    else
      CHECK(change < 1e-5);
  }
}

TEST_CASE("The recogniser's gradient is that of differences", "[aztr]") {
  const RecogniserSpec spec{.size = 4, .frames = 3, .classes = 2};
  const Recogniser recogniser(spec);
  const data::RowMatrix crops = random_crops(2, spec).cast<double>();
  const std::vector<int> labels{0, 1};
  const auto loss = [&](const Vector& theta, Vector* gradient) {
    Tape<double> tape;
    Vector g = Vector::Zero(theta.size());
    const nn::Weights<double> w(tape, theta.data(), {.gradient = g.data()});
    const auto y =
        mean(cross_entropy(recogniser.logits(w, tape.constant({2, crops.cols()}, crops.data())), labels));
    tape.backward(y);
    if (gradient) *gradient = g;
    return y.item();
  };
  const Vector theta = recogniser.layout().initial(5);
  Vector gradient;
  loss(theta, &gradient);
  RandomStream random(1, "directions");
  for (int k = 0; k < 5; ++k) {
    Vector v(theta.size());
    for (double& value : v) value = random.normal();
    CHECK(
        gradient.dot(v)
        == Approx((loss(theta + 1e-6 * v, nullptr) - loss(theta - 1e-6 * v, nullptr)) / 2e-6).epsilon(1e-4));
  }
}

TEST_CASE("Costs are counted in multiply-adds", "[aztr]") {
  const Detector detector(2);
  // 40 x 40 x 9 x 8, then on 20 x 20 cells 9 x (8 x 12 + 12 x 12 + 12 x 2).
  CHECK(detector.cost(80, 80) == 115200 + 400 * 2376);
  const Recogniser recogniser({});
  CHECK(recogniser.spatial_cost() == 64 * 72 + 16 * 72 * 16 + 256 * 32);
  CHECK(recogniser.temporal_cost() == 8 * 96 * 32 + 3 * 8 * 32 * 32 + 2 * 64 * 32 + 32 * 6);
  CHECK(cost_of({}, detector, recogniser, 80, 80)
        == 5 * detector.cost(80, 80) + 8 * recogniser.spatial_cost() + recogniser.temporal_cost());
  const std::vector<BudgetPair> pairs{
      {1, 12, 9e6}, {1, 16, 9.2e6}, {2, 24, 6e6}, {2, 16, 5.6e6}, {4, 24, 4e6}};
  CHECK(choose_pair(pairs, 1e7).size == 16);
  CHECK(choose_pair(pairs, 1e7).every == 1);
  CHECK(choose_pair(pairs, 8e6).every == 2);
  CHECK(choose_pair(pairs, 8e6).size == 24);
  CHECK(choose_pair(pairs, 5e6).every == 4);
  CHECK_THROWS_WITH(choose_pair(pairs, 1e6), Contains("--budget") && Contains("4 million"));
}

TEST_CASE("A cell's place is the middle of the pixels that are in it", "[aztr]") {
  for (const int pool : {1, 2, 5}) {
    const Detector detector(pool);
    for (const int cell : {0, 3}) {
      double sum = 0;
      int count = 0;
      for (int pixel = 0; pixel < 100; ++pixel)
        if (detector.cell_of(pixel, 8) == cell) {
          sum += pixel;
          ++count;
        }
      CHECK(count == 2 * pool);
      CHECK(detector.place_of(cell) == Approx(sum / count));
    }
  }
}

TEST_CASE("The local part sees the frame before and the one behind", "[aztr]") {
  const RecogniserSpec spec{.local = true, .attention = false, .position = false};
  const Recogniser recogniser(spec);
  const Vector theta = recogniser.layout().initial(2);
  Vector turned = theta; // W's parts for t - 1 and t + 1 exchanged
  for (const auto& entry : recogniser.layout().entries()) {
    if (entry.name != "local.weight") continue;
    const bool rows = entry.block.shape[0] == 96; // the inputs are W's rows
    REQUIRE(entry.block.shape[rows ? 0 : 1] == 96);
    for (Index in = 0; in < 32; ++in)
      for (Index out = 0; out < 32; ++out) {
        const auto at = [&](Index k) { return entry.block.offset + (rows ? k * 32 + out : out * 96 + k); };
        std::swap(turned[at(in)], turned[at(64 + in)]);
      }
  }
  const Crops crops = random_crops(3, spec);
  const Crops back = reordered(crops, spec, {7, 6, 5, 4, 3, 2, 1, 0});
  const data::RowMatrix forth = recogniser.probabilities(theta, crops);
  CHECK((recogniser.probabilities(theta, back) - forth).norm() > 1e-3);
  CHECK((recogniser.probabilities(turned, back) - forth).norm() < 1e-5);
}

TEST_CASE("Attention whose values are nothing leaves the features as they are", "[aztr]") {
  const RecogniserSpec without{.attention = false}, with{};
  const Recogniser plain(without), full(with);
  Vector theta = full.layout().initial(2);
  for (const auto& entry : full.layout().entries())
    if (entry.name == "values") theta.segment(entry.block.offset, entry.block.shape.size()).setZero();
  Vector of_plain(plain.layout().size());
  for (const auto& entry : plain.layout().entries())
    for (const auto& other : full.layout().entries())
      if (other.name == entry.name)
        of_plain.segment(entry.block.offset, entry.block.shape.size()) =
            theta.segment(other.block.offset, other.block.shape.size());
  const Crops crops = random_crops(3, with);
  CHECK((full.probabilities(theta, crops) - plain.probabilities(of_plain, crops)).norm() < 1e-6);
}

TEST_CASE("The detector finds a target that keeps still on a moving ground; motion does not", "[aztr]") {
  const auto digits = data::digits_split(600, 300, 1);
  const DigitClips training = digit_clips(digits.training, 240, 1, "training");
  const DigitClips test = digit_clips(digits.held_out, 60, 1, "test");
  std::vector<std::size_t> all(240);
  std::iota(all.begin(), all.end(), std::size_t{0});
  const PixelScale scale = pixel_scale_of(training.clips, all);
  const Detector detector(pool_for(training.places));
  CHECK(detector.pool() == 2);
  const Vector theta = train_detector(detector, training.clips, training.places, scale, {.steps = 150});
  const std::vector<int> keys = key_frames(8, 2);
  // The camera follows the target, which keeps still: only the ground moves.
  const data::MovingDigitOptions held{.drift = 0, .camera_follows = true};
  int near = 0, motion_near = 0, count = 0;
  for (std::size_t clip = 0; clip < 12; ++clip) {
    RandomStream random(clip, "held");
    const auto film = data::moving_digit(digits.held_out.features.row(static_cast<Index>(clip)).data(),
                                         data::DigitAction::still, held, random);
    const Clips one{film.frames, 1, 8, 80, 80, {}, "held"};
    const auto found = detect(detector, theta, scale, one, 0, keys);
    const auto motion = detect_motion(one, 0, keys, 6);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto& truth = film.places[static_cast<std::size_t>(keys[i])];
      CHECK(truth.x == film.places[0].x);
      near += std::hypot(found[i].x - truth.x, found[i].y - truth.y) <= 4;
      motion_near += std::hypot(motion[i].x - truth.x, motion[i].y - truth.y) <= 4;
      CHECK(found[i].score <= 1);
      ++count;
    }
  }
  CHECK(near >= 0.8 * count);
  CHECK(motion_near <= 0.3 * count);
  // Sizes that were not told: those of growing and shrinking targets, from frame to frame.
  double product = 0, squares = 0;
  for (std::size_t clip = 0; clip < 60; ++clip) {
    const auto found = detect(detector, theta, scale, test.clips, clip, keys);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const double truth = std::log(test.places[clip * 8 + static_cast<std::size_t>(keys[i])].size / 6.5);
      product += truth * std::log(found[i].size / 6.5);
      squares += truth * truth;
    }
  }
  CHECK(product > 0.3 * squares);
}

TEST_CASE("A detector refuses what it cannot read, and no size goes beyond the frame", "[aztr]") {
  const Detector detector(2);
  Clips clips = square_clip({{20, 15}, {23, 16}, {19, 20}}, 3);
  const std::vector<int> keys{0, 2};
  Vector theta = detector.layout().initial(1);
  for (const float by : {1.0f, 1e4f, 1e10f}) {
    for (float& pixel : clips.pixels) pixel *= by;
    for (const Detection& found : detect(detector, theta, {}, clips, 0, keys)) {
      CHECK(found.size <= 24); // half the frame's 48 columns
      CHECK(std::abs(found.x - 24) <= 24);
    }
  }
  theta.setConstant(1e30);
  CHECK_THROWS_WITH(detect(detector, theta, {}, clips, 0, keys),
                    Contains("square: what the detector makes of clip 1 is not finite"));
  CHECK_THROWS_WITH(detect(Detector(20), Detector(20).layout().initial(1), {}, clips, 0, keys),
                    Contains("frames of 40 x 48 pixels") && Contains("needs 60 x 60"));
}

TEST_CASE("Motion is found where it is", "[aztr]") {
  const Clips clips = square_clip({{9, 9}, {21, 15}, {33, 21}, {39, 33}, {9, 33}}, 3);
  const std::vector<int> frames{1, 3};
  const auto found = detect_motion(clips, 0, frames, 6);
  CHECK(std::hypot(found[0].x - 21, found[0].y - 15) <= 4.3);
  CHECK(std::hypot(found[1].x - 39, found[1].y - 33) <= 4.3);
  CHECK(found[0].size == 6);
  // In the rest of a frame whose columns are no multiple of the cell, too.
  const Clips corner = square_clip({{9, 9}, {46, 38}, {33, 21}, {39, 33}, {9, 33}}, 1);
  const std::vector<int> second{1};
  const auto at_border = detect_motion(corner, 0, second, 7);
  CHECK(at_border[0].x == 48 - 4);
  CHECK(at_border[0].y == 40 - 4);
}

TEST_CASE("The experiment of auto zoom, in short", "[aztr]") { check_claims(aztr_demo({.brief = true})); }
