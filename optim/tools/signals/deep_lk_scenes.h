// Made pictures for Deep-LK, whose true boxes are known: an opaque square card with a picture of 28 x 28
// pixels on blurred noise, in pairs to train on and in films to follow.
#pragma once

#include "optim/data/pictures.h"
#include "optim/engine/random.h"
#include "optim/tools/signals/deep_lk.h"

#include <cstdint>
#include <vector>

namespace raphson::optim::tools {

inline constexpr int card_side = 28;
using Card = std::vector<float>; ///< card_side x card_side levels

Card digit_card(const double* pixels);   ///< 0.1 + 0.75 x pixel
Card inverted(Card card);                ///< 1.05 - level: dark on bright
Card texture_card(RandomStream& random); ///< 0.5 + 0.3 x blurred noise, cut to [0, 1]
void draw(const Card& card, const TrackBox& box, data::Picture& picture);

/// `count` of the handwritten digits that come with the program, by the seed: 0 to 4 to train on, 5 to 9 kept
/// for films.
struct DigitCards {
  std::vector<Card> known = {}, unseen = {};
};
DigitCards digit_cards(std::uint64_t seed, std::size_t count);

/// How an object moves, in half-sizes of its box, and grows, by e^growth.
struct ObjectMotion {
  double mx = 0, my = 0, growth = 0;
};
TrackBox moved(const TrackBox& box, const ObjectMotion& motion);
/// What the regression is to find of it: dp = (-m e^-g, -g), with which compose_inverse moves the box as
/// the object has moved.
BoxMotion motion_to_find(const ObjectMotion& motion);

/// Crops of templates and of images in which the object has moved, normalised, and motion_to_find of each.
struct MotionPairs {
  std::vector<float> templates = {}, images = {}; ///< [pair][24 x 24]
  std::vector<float> motions = {};                ///< [pair][3]
  std::size_t size() const { return motions.size() / 3; }
};

/// Of cards: half-size 10 to 14 pixels, m ~ Laplace(0, 0.12) cut at 0.4, g ~ Laplace(0, 0.05) cut at 0.2; the
/// image with gain U(0.6, 1.4), offset U(-0.2, 0.2) and noise of 0.03.
MotionPairs card_pairs(const std::vector<Card>& cards, std::size_t count, std::uint64_t seed);

/// Of any pictures: the same motions of squares anywhere in them. Throws InputError for one below 24 pixels a
/// side.
MotionPairs picture_pairs(const std::vector<data::Picture>& pictures, std::size_t count, std::uint64_t seed);

struct CardFilm {
  std::vector<data::Picture> frames = {};
  std::vector<TrackBox> boxes = {};
};

/// 80 x 80 pixels: v <- 0.9 v + N(0, 0.7) pixels, reflected 18 pixels from the border; the size times e^N(0,
/// 0.02) within 9 to 15; gain 1 + 0.4 (sin(a + k / 6) - sin a).
CardFilm card_film(const Card& card, int frames, RandomStream& random);

} // namespace raphson::optim::tools
