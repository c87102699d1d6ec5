// Films of a handwritten digit that turns, grows, shrinks, sways or keeps still on a moving ground, as a
// camera in the air sees a small target: what it does, where it is and how large are known.
#pragma once

#include "optim/data/dataset.h"
#include "optim/engine/random.h"

#include <array>
#include <vector>

namespace raphson::optim::data {

enum class DigitAction { turn_left, turn_right, grow, shrink, sway, still };
inline constexpr int digit_actions = 6;
const char* name_of(DigitAction action);

struct MovingDigitOptions {
  int frames = 8, rows = 80, columns = 80;
  double smallest = 5, largest = 8; ///< half the height of the strokes, pixels, when neither grown nor shrunk
  double ground = 0.35, ground_deviation = 0.12; ///< levels; the ground is noise blurred by a Gaussian
  double ground_blur = 1.7;                      ///< its deviation, pixels
  double noise = 0.04;                           ///< of every pixel of every frame
  double camera = 1.5;                           ///< deviation of the camera's step, pixels a frame
  double drift = 0.8;                            ///< v <- 0.8 v + N(0, drift), the target's own path
  bool camera_follows = false; ///< the camera moves with the target, which drifts in the picture alone
};

struct MovingDigit {
  struct Place {
    double x = 0, y = 0, size = 0; ///< of the target's middle, pixels; half the height of its strokes
  };
  std::vector<float> frames; ///< [frame][row][column], levels from 0 to about 1
  std::vector<Place> places; ///< of each frame
};

/// digit: an image of 28 x 28 pixels in [0, 1], as the digits that come with the program.
MovingDigit moving_digit(const double* digit, DigitAction action, const MovingDigitOptions& options,
                         RandomStream& random);

} // namespace raphson::optim::data
