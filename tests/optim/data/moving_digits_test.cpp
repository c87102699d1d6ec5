#include "optim/data/moving_digits.h"

#include "catch.h"
#include "optim/data/bilinear.h"

#include <algorithm>
#include <cmath>

using namespace raphson::optim;
using namespace raphson::optim::data;

namespace {

/// 2 r + 3 c + 1, which bilinear reading has to give back between the pixels.
struct Plane {
  std::vector<float> pixels;
  Plane() {
    for (int r = 0; r < 9; ++r)
      for (int c = 0; c < 7; ++c) pixels.push_back(static_cast<float>(2 * r + 3 * c + 1));
  }
  PictureView view() const { return {pixels.data(), 9, 7}; }
};

/// A digit that is a disc, whose turning is not to be seen, half as high as a digit's strokes.
std::vector<double> disc() {
  std::vector<double> digit(28 * 28);
  for (int r = 0; r < 28; ++r)
    for (int c = 0; c < 28; ++c)
      digit[static_cast<std::size_t>(28 * r + c)] = std::hypot(r - 13.5, c - 13.5) < 5 ? 1 : 0;
  return digit;
}

struct Spot {
  double x = 0, y = 0, area = 0;
};
Spot spot_in(const float* frame, int rows, int columns) {
  Spot spot;
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < columns; ++c) {
      const double level = frame[r * columns + c];
      spot.area += level;
      spot.x += level * c;
      spot.y += level * r;
    }
  spot.x /= spot.area;
  spot.y /= spot.area;
  return spot;
}

} // namespace

TEST_CASE("Bilinear reading is exact on planes, and holds the border outside", "[bilinear]") {
  const Plane plane;
  CHECK(bilinear(plane.view(), 3, 4) == 19);
  CHECK(bilinear(plane.view(), 2.25, 3.5) == Approx(2 * 2.25 + 3 * 3.5 + 1));
  CHECK(bilinear(plane.view(), 8, 6) == 35);
  CHECK(bilinear(plane.view(), -5, 2) == 7);
  CHECK(bilinear(plane.view(), 20, 20) == 35);
  const float one = 4;
  CHECK(bilinear({&one, 1, 1}, 0.3, -2) == 4);
}

TEST_CASE("A crop's cells are read in their middles, wide ones in the middles of their quarters",
          "[bilinear]") {
  const Plane plane;
  for (const double half : {1.0, 2.5}) { // cells of 0.5 and 1.25 pixels
    float cells[16];
    crop(plane.view(), {4, 3, half}, 4, cells);
    for (int i = 0; i < 4; ++i)
      for (int j = 0; j < 4; ++j) {
        const double row = 4 - half + (i + 0.5) * half / 2, column = 3 - half + (j + 0.5) * half / 2;
        CHECK(cells[4 * i + j] == Approx(2 * row + 3 * column + 1));
      }
  }
  // A chessboard is grey to a cell of two pixels; single samples would see a square.
  std::vector<float> board;
  for (int k = 0; k < 256; ++k) board.push_back(static_cast<float>((k / 16 + k % 16) % 2));
  float cells[16];
  crop({board.data(), 16, 16}, {7.5, 7.5, 4}, 4, cells);
  for (const float cell : cells) CHECK(cell == Approx(0.5));
}

TEST_CASE("The film shows the digit where it says, as large as it says", "[moving digits]") {
  const std::vector<double> digit = disc();
  MovingDigitOptions options{.ground = 0, .ground_deviation = 0, .noise = 0};
  for (int k = 0; k < digit_actions; ++k) {
    RandomStream random(1, "film");
    const auto action = static_cast<DigitAction>(k);
    INFO(name_of(action));
    const MovingDigit film = moving_digit(digit.data(), action, options, random);
    REQUIRE(film.frames.size() == 8 * 80 * 80);
    for (int t = 0; t < 8; ++t) {
      const auto& place = film.places[static_cast<std::size_t>(t)];
      const Spot spot = spot_in(film.frames.data() + t * 6400, 80, 80);
      CHECK(spot.x == Approx(place.x).margin(0.05));
      CHECK(spot.y == Approx(place.y).margin(0.05));
      CHECK(std::sqrt(spot.area / 3.14159)
            == Approx(place.size / 2).epsilon(0.06)); // the disc has half the height
    }
    const double grown = film.places[7].size / film.places[0].size;
    CHECK(grown
          == Approx(action == DigitAction::grow     ? std::exp(0.8)
                    : action == DigitAction::shrink ? std::exp(-0.8)
                                                    : 1));
  }
}

TEST_CASE("A film backwards turns and grows the other way", "[moving digits]") {
  std::vector<double> bar(28 * 28); // upright, with a mark above: it shows which way it turns
  for (int r = 4; r < 14; ++r)
    for (int c = 12; c < 16; ++c) bar[static_cast<std::size_t>(28 * r + c)] = 1;
  const MovingDigitOptions options{.ground = 0, .ground_deviation = 0, .noise = 0, .camera = 0, .drift = 0};
  const auto film = [&](DigitAction action) {
    RandomStream random(2, "film");
    return moving_digit(bar.data(), action, options, random).frames;
  };
  const auto same = [&](DigitAction a, DigitAction b, int from, int to) {
    const auto x = film(a), y = film(b);
    double most = 0;
    for (int k = 0; k < 6400; ++k)
      most = std::max(most, std::abs(static_cast<double>(x[static_cast<std::size_t>(from * 6400 + k)]
                                                         - y[static_cast<std::size_t>(to * 6400 + k)])));
    return most < 1e-5;
  };
  for (int t = 0; t < 8; ++t) {
    CHECK(same(DigitAction::turn_left, DigitAction::turn_right, t, 7 - t));
    CHECK(same(DigitAction::grow, DigitAction::shrink, t, 7 - t));
    CHECK(same(DigitAction::still, DigitAction::still, 0, t));
    CHECK_FALSE(same(DigitAction::turn_left, DigitAction::turn_right, t, t));
  }
}

TEST_CASE("The ground has the mean and deviation asked for, and moves with the camera", "[moving digits]") {
  const std::vector<double> nothing(28 * 28);
  RandomStream random(3, "film");
  const MovingDigit film =
      moving_digit(nothing.data(), DigitAction::still, {.rows = 200, .columns = 200, .noise = 0}, random);
  double sum = 0, squares = 0, along = 0;
  for (int k = 0; k < 40000; ++k) {
    const double level = film.frames[static_cast<std::size_t>(k)];
    sum += level;
    squares += level * level;
    if (k % 200 < 198) along += level * film.frames[static_cast<std::size_t>(k + 2)];
  }
  const double mean = sum / 40000, variance = squares / 40000 - mean * mean;
  CHECK(mean == Approx(0.35).margin(0.02));
  CHECK(std::sqrt(variance) == Approx(0.12).epsilon(0.1));
  // Blurred by sigma: pixels d apart correlate by exp(-d^2 / (4 sigma^2)).
  CHECK((along / (198 * 200) - mean * mean) / variance
        == Approx(std::exp(-4 / (4 * 1.7 * 1.7))).margin(0.06));
}
