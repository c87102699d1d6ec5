#include "optim/tools/signals/deep_lk_scenes.h"

#include "dsp/error.h"
#include "optim/data/blurred_noise.h"
#include "optim/data/digits.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {
namespace {

constexpr double ground_blur = 1.7, texture_blur = 1.1; // pixels
constexpr int pair_side = 64;

data::Picture ground(int side, RandomStream& random) {
  data::Picture picture{side, side, data::blurred_noise(side, side, ground_blur, random), {}};
  for (float& level : picture.levels) level = 0.5f + 0.2f * level;
  return picture;
}

data::Picture part_of(const data::Picture& whole, int side, RandomStream& random) {
  data::Picture part{side, side, {}, {}};
  const auto top = static_cast<int>(random.index(static_cast<std::size_t>(whole.rows - side + 1)));
  const auto left = static_cast<int>(random.index(static_cast<std::size_t>(whole.columns - side + 1)));
  for (int r = 0; r < side; ++r)
    for (int c = 0; c < side; ++c) part.levels.push_back(whole.levels[(top + r) * whole.columns + left + c]);
  return part;
}

double laplace(double scale, double most, RandomStream& random) {
  const double u = random.uniform(-0.5, 0.5);
  const double value = -std::copysign(scale, u) * std::log(std::max(1e-300, 1 - 2 * std::abs(u)));
  return std::clamp(value, -most, most);
}

ObjectMotion random_motion(RandomStream& random) {
  const double mx = laplace(0.12, 0.4, random), my = laplace(0.12, 0.4, random);
  return {mx, my, laplace(0.05, 0.2, random)};
}

void add_pair(MotionPairs& pairs, const Crop& of_template, Crop of_image, const ObjectMotion& motion,
              RandomStream& random) {
  const auto gain = static_cast<float>(random.uniform(0.6, 1.4));
  const auto offset = static_cast<float>(random.uniform(-0.2, 0.2));
  for (float& level : of_image) level = gain * level + offset + 0.03f * static_cast<float>(random.normal());
  const auto append = [](std::vector<float>& to, const Crop& crop) {
    to.insert(to.end(), crop.begin(), crop.end());
  };
  append(pairs.templates, normalised(of_template));
  append(pairs.images, normalised(std::move(of_image)));
  const BoxMotion dp = motion_to_find(motion);
  for (const double p : {dp.tx, dp.ty, dp.s}) pairs.motions.push_back(static_cast<float>(p));
}

} // namespace

TrackBox moved(const TrackBox& box, const ObjectMotion& motion) {
  return {box.x + box.half_width * motion.mx, box.y + box.half_height * motion.my,
          box.half_width * std::exp(motion.growth), box.half_height * std::exp(motion.growth)};
}

BoxMotion motion_to_find(const ObjectMotion& motion) {
  const double shrink = std::exp(-motion.growth);
  return {-motion.mx * shrink, -motion.my * shrink, -motion.growth};
}

Card digit_card(const double* pixels) {
  Card card;
  for (int i = 0; i < card_side * card_side; ++i) card.push_back(static_cast<float>(0.1 + 0.75 * pixels[i]));
  return card;
}

DigitCards digit_cards(std::uint64_t seed, std::size_t count) {
  const data::Dataset digits = data::digits(count, seed);
  DigitCards cards;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    auto& to = digits.labels[i] <= 4 ? cards.known : cards.unseen;
    to.push_back(digit_card(digits.features.row(static_cast<Eigen::Index>(i)).data()));
  }
  return cards;
}

Card inverted(Card card) {
  for (float& level : card) level = 1.05f - level;
  return card;
}

Card texture_card(RandomStream& random) {
  Card card = data::blurred_noise(card_side, card_side, texture_blur, random);
  for (float& level : card) level = std::clamp(0.5f + 0.3f * level, 0.0f, 1.0f);
  return card;
}

// A pixel that the card's border crosses shows both, by their areas.
void draw(const Card& card, const TrackBox& box, data::Picture& picture) {
  const data::PictureView levels{card.data(), card_side, card_side};
  const auto cover = [](double distance, double half) { return std::clamp(half - distance + 0.5, 0.0, 1.0); };
  const auto place = [](double offset, double half) {
    return (offset / half + 1) * card_side / 2 - 0.5; // in the card's pixels
  };
  for (int r = 0; r < picture.rows; ++r)
    for (int c = 0; c < picture.columns; ++c) {
      const double dx = c - box.x, dy = r - box.y;
      const auto share =
          static_cast<float>(cover(std::abs(dx), box.half_width) * cover(std::abs(dy), box.half_height));
      if (share <= 0) continue;
      float& level = picture.levels[r * picture.columns + c];
      level +=
          share * (data::bilinear(levels, place(dy, box.half_height), place(dx, box.half_width)) - level);
    }
}

MotionPairs card_pairs(const std::vector<Card>& cards, std::size_t count, std::uint64_t seed) {
  RandomStream random(seed, "deep-lk pairs");
  const data::Picture grounds = ground(1024, random);
  MotionPairs pairs;
  for (std::size_t k = 0; k < count; ++k) {
    const Card& card = cards[random.index(cards.size())];
    data::Picture first = part_of(grounds, pair_side, random), second = first;
    const double half = random.uniform(10, 14), middle = (pair_side - 1) / 2.0;
    const TrackBox box{middle + random.uniform(-0.5, 0.5), middle + random.uniform(-0.5, 0.5), half, half};
    const ObjectMotion motion = random_motion(random);
    draw(card, box, first);
    draw(card, moved(box, motion), second);
    add_pair(pairs, crop_box(first.view(), box), crop_box(second.view(), box), motion, random);
  }
  return pairs;
}

// The whole picture moves: the image's place x shows what was at (x - m) e^-g.
MotionPairs picture_pairs(const std::vector<data::Picture>& pictures, std::size_t count, std::uint64_t seed) {
  for (const data::Picture& picture : pictures)
    if (std::min(picture.rows, picture.columns) < crop_side)
      throw InputError(picture.name + " has " + std::to_string(picture.columns) + " x "
                       + std::to_string(picture.rows) + " pixels: at least 24 x 24 are needed to train on");
  RandomStream random(seed, "deep-lk pairs");
  MotionPairs pairs;
  for (std::size_t k = 0; k < count; ++k) {
    const data::Picture& picture = pictures[random.index(pictures.size())];
    const double half = random.uniform(10, std::min(14.0, std::min(picture.rows, picture.columns) / 2.0));
    const TrackBox box{random.uniform(half - 0.5, picture.columns - half - 0.5),
                       random.uniform(half - 0.5, picture.rows - half - 0.5), half, half};
    const ObjectMotion motion = random_motion(random);
    const double shrink = std::exp(-motion.growth);
    const TrackBox seen{box.x - half * motion.mx * shrink, box.y - half * motion.my * shrink, half * shrink,
                        half * shrink};
    add_pair(pairs, crop_box(picture.view(), box), crop_box(picture.view(), seen), motion, random);
  }
  return pairs;
}

CardFilm card_film(const Card& card, int frames, RandomStream& random) {
  constexpr int side = 80;
  constexpr double border = 18;
  const data::Picture behind = ground(side, random);
  double place[2] = {random.uniform(30, 50), random.uniform(30, 50)}, speed[2] = {0, 0};
  double half = random.uniform(10, 14);
  const double phase = random.uniform(0, 6.283185307179586);
  CardFilm film;
  for (int k = 0; k < frames; ++k) {
    if (k > 0) {
      for (int axis = 0; axis < 2; ++axis) {
        speed[axis] = 0.9 * speed[axis] + 0.7 * random.normal();
        double& x = place[axis];
        x += speed[axis];
        const double last = side - 1 - border;
        if (x >= border && x <= last) continue;
        x = x < border ? 2 * border - x : 2 * last - x;
        speed[axis] = -speed[axis];
      }
      half = std::clamp(half * std::exp(0.02 * random.normal()), 9.0, 15.0);
    }
    film.boxes.push_back({place[0], place[1], half, half});
    data::Picture frame = behind;
    draw(card, film.boxes.back(), frame);
    const auto gain = static_cast<float>(1 + 0.4 * (std::sin(phase + k / 6.0) - std::sin(phase)));
    for (float& level : frame.levels) level *= gain;
    film.frames.push_back(std::move(frame));
  }
  return film;
}

} // namespace raphson::optim::tools
