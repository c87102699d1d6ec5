#include "catch.h"
#include "plugin/learn/audition.h"

#include <cmath>

using raphson::plugin::Audition;
using raphson::plugin::Excerpt;

namespace {

constexpr int frames = 1000;

Excerpt excerpt(double rate = 48000) {
  Excerpt e;
  e.sample_rate = rate;
  const auto constant = [](float value) {
    return std::vector<std::vector<float>>{std::vector<float>(frames, value)};
  };
  e.dry = constant(0.1f);
  e.wet = constant(0.2f);
  e.clone = constant(0.3f);
  e.difference = constant(0.4f);
  e.difference[0][0] = 0.9f; // where the loop begins
  return e;
}

std::vector<float> play(Audition& audition, int samples) {
  std::vector<float> left(static_cast<std::size_t>(samples), -0.5f), right = left;
  float* const channels[] = {left.data(), right.data()};
  audition.process(channels, 2, samples);
  CHECK(left == right);
  return left;
}

} // namespace

TEST_CASE("Each source is heard in place of what is live, and then live again", "[plugin]") {
  Audition audition;
  audition.prepare(48000);
  audition.load(excerpt());
  CHECK(play(audition, 10) == std::vector<float>(10, -0.5f));
  const std::pair<Audition::Source, float> sources[] = {{Audition::Source::dry, 0.1f},
                                                        {Audition::Source::wet, 0.2f},
                                                        {Audition::Source::clone, 0.3f},
                                                        {Audition::Source::live, -0.5f}};
  for (const auto& [source, level] : sources) {
    audition.play(source);
    const auto heard = play(audition, 600);
    CHECK(heard.back() == Approx(level)); // after 10 ms
    for (std::size_t n = 1; n < heard.size(); ++n) REQUIRE(std::abs(heard[n] - heard[n - 1]) < 0.003f);
  }
}

TEST_CASE("The excerpt goes round at its own length", "[plugin]") {
  Audition audition;
  audition.prepare(48000);
  audition.load(excerpt());
  audition.play(Audition::Source::difference);
  const auto heard = play(audition, 3 * frames);
  for (std::size_t n = 500; n < heard.size(); ++n) CHECK(heard[n] == Approx(n % frames == 0 ? 0.9f : 0.4f));
}

TEST_CASE("Without an excerpt live stays live", "[plugin]") {
  Audition audition;
  audition.play(Audition::Source::wet);
  CHECK(play(audition, 10).back() == -0.5f);
  audition.prepare(48000);
  CHECK(play(audition, 1000).back() == -0.5f);
  audition.load(Excerpt{});
  CHECK(play(audition, 1000).back() == -0.5f);
}

TEST_CASE("At another rate the excerpt keeps its time", "[plugin]") {
  Audition audition;
  audition.load(excerpt(48000));
  audition.prepare(96000);
  audition.play(Audition::Source::dry);
  const auto heard = play(audition, 4000);
  CHECK(heard[1500] == Approx(0.1f).epsilon(0.01));
}
