#include "optim/data/moving_digits.h"

#include "optim/data/bilinear.h"
#include "optim/data/blurred_noise.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::data {
namespace {

constexpr int digit_side = 28;
constexpr double digit_middle = (digit_side - 1) / 2.0;
constexpr double digit_half = 10; ///< of the strokes, in the digit's own pixels
constexpr float stroke = 1;

struct Canvas {
  int rows = 0, columns = 0;
  std::vector<float> pixels = {};
  PictureView view() const { return {pixels.data(), rows, columns}; }
};

Canvas ground_of(int rows, int columns, const MovingDigitOptions& o, RandomStream& random) {
  Canvas ground{rows, columns, blurred_noise(rows, columns, o.ground_blur, random)};
  for (float& value : ground.pixels)
    value = static_cast<float>(o.ground) + static_cast<float>(o.ground_deviation) * value;
  return ground;
}

struct Pose {
  double angle = 0, size = 0;
};

/// u from -1/2 to 1/2 over the film, t its frame.
Pose pose_of(DigitAction action, double u, int t, double base_angle, double base_size, double phase) {
  switch (action) {
  case DigitAction::turn_left:
    return {base_angle + 2.0 * u, base_size};
  case DigitAction::turn_right:
    return {base_angle - 2.0 * u, base_size};
  case DigitAction::grow:
    return {base_angle, base_size * std::exp(0.8 * u)};
  case DigitAction::shrink:
    return {base_angle, base_size * std::exp(-0.8 * u)};
  case DigitAction::sway:
    return {base_angle + 0.7 * std::sin(phase + 2.1 * t), base_size};
  case DigitAction::still:
    break;
  }
  return {base_angle, base_size};
}

/// Lays the digit over a frame; a pixel is the mean of four samples of it.
void draw(const PictureView& digit, const MovingDigit::Place& place, double angle, Canvas& frame) {
  const double scale = digit_half / place.size, c = std::cos(angle) * scale, s = std::sin(angle) * scale;
  const int reach = static_cast<int>(std::ceil(place.size * digit_middle / digit_half * 1.45)) + 1;
  const int top = std::max(0, static_cast<int>(place.y) - reach),
            left = std::max(0, static_cast<int>(place.x) - reach);
  const int bottom = std::min(frame.rows - 1, static_cast<int>(place.y) + reach),
            right = std::min(frame.columns - 1, static_cast<int>(place.x) + reach);
  for (int row = top; row <= bottom; ++row)
    for (int column = left; column <= right; ++column) {
      float level = 0;
      for (const double a : {-0.25, 0.25})
        for (const double b : {-0.25, 0.25}) {
          const double dy = row + a - place.y, dx = column + b - place.x;
          const double y = digit_middle + c * dy - s * dx, x = digit_middle + s * dy + c * dx;
          if (x > -1 && y > -1 && x < digit_side && y < digit_side) level += bilinear(digit, y, x) / 4;
        }
      float& pixel = frame.pixels[static_cast<std::size_t>(row * frame.columns + column)];
      pixel += level * (stroke - pixel);
    }
}

} // namespace

const char* name_of(DigitAction action) {
  switch (action) {
  case DigitAction::turn_left:
    return "turn left";
  case DigitAction::turn_right:
    return "turn right";
  case DigitAction::grow:
    return "grow";
  case DigitAction::shrink:
    return "shrink";
  case DigitAction::sway:
    return "sway";
  case DigitAction::still:
    return "still";
  }
  return "";
}

MovingDigit moving_digit(const double* digit, DigitAction action, const MovingDigitOptions& o,
                         RandomStream& random) {
  std::array<float, digit_side * digit_side> levels;
  std::transform(digit, digit + levels.size(), levels.begin(),
                 [](double v) { return static_cast<float>(v); });
  const PictureView digit_view{levels.data(), digit_side, digit_side};
  const double base_angle = random.uniform(-0.5, 0.5), base_size = random.uniform(o.smallest, o.largest),
               phase = random.uniform(0, 6.283185307179586);
  const double edge = 2.5 * o.largest; // the target starts so far inside, and stays half as far
  const int beyond = static_cast<int>(std::ceil(5 * o.camera * std::sqrt(double(o.frames)))) + 1;
  const Canvas ground = ground_of(o.rows + 2 * beyond, o.columns + 2 * beyond, o, random);
  double x = random.uniform(edge, o.columns - 1 - edge), y = random.uniform(edge, o.rows - 1 - edge);
  double vx = 0, vy = 0, camera_x = 0, camera_y = 0;
  MovingDigit film;
  for (int t = 0; t < o.frames; ++t) {
    const double u = o.frames > 1 ? static_cast<double>(t) / (o.frames - 1) - 0.5 : 0;
    const Pose pose = pose_of(action, u, t, base_angle, base_size, phase);
    const double from_x = o.camera_follows ? 0 : camera_x, from_y = o.camera_follows ? 0 : camera_y;
    const MovingDigit::Place place{std::clamp(x - from_x, edge / 2, o.columns - 1 - edge / 2),
                                   std::clamp(y - from_y, edge / 2, o.rows - 1 - edge / 2), pose.size};
    Canvas frame{o.rows, o.columns};
    frame.pixels.resize(static_cast<std::size_t>(o.rows * o.columns));
    for (int r = 0; r < o.rows; ++r)
      for (int c = 0; c < o.columns; ++c)
        frame.pixels[static_cast<std::size_t>(r * o.columns + c)] =
            bilinear(ground.view(), r + beyond + camera_y, c + beyond + camera_x);
    draw(digit_view, place, pose.angle, frame);
    for (float& pixel : frame.pixels) pixel += static_cast<float>(o.noise * random.normal());
    film.frames.insert(film.frames.end(), frame.pixels.begin(), frame.pixels.end());
    film.places.push_back(place);
    camera_x += o.camera * random.normal();
    camera_y += o.camera * random.normal();
    vx = 0.8 * vx + o.drift * random.normal();
    vy = 0.8 * vy + o.drift * random.normal();
    x += vx;
    y += vy;
  }
  return film;
}

} // namespace raphson::optim::data
