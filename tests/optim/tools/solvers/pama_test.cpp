#include "optim/tools/solvers/pama.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/engine/random.h"
#include "optim/tools/solvers/pama_demo.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <unistd.h>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;

namespace {

using Values = std::vector<double>;

// min over the simplex of (sum c_i a_i)^2 by projected gradient, the projection by sorting (Held, Wolfe &
// Crowder).
Vector onto_simplex(Vector c) {
  Vector sorted = c;
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  double sum = 0, shift = 0;
  for (Eigen::Index k = 0; k < c.size(); ++k) {
    sum += sorted[k];
    const double candidate = (sum - 1) / static_cast<double>(k + 1);
    if (sorted[k] > candidate) shift = candidate;
  }
  return (c.array() - shift).cwiseMax(0);
}

double projected_gradient(const Values& a) {
  const Eigen::Map<const Vector> vector(a.data(), std::ssize(a));
  Vector c = Vector::Constant(vector.size(), 1.0 / static_cast<double>(a.size()));
  const double step = 1 / vector.squaredNorm();
  for (int k = 0; k < 20000; ++k) {
    const Vector next = onto_simplex(c - step * vector.dot(c) * vector);
    const double moved = (next - c).norm();
    c = next;
    if (moved < 1e-14) break;
  }
  return vector.dot(c);
}

struct TemporaryFile {
  std::filesystem::path path;
  explicit TemporaryFile(const std::string& text)
      : path(std::filesystem::temp_directory_path() / ("raphson-pama-test-" + std::to_string(::getpid()))) {
    std::ofstream(path) << text;
  }
  ~TemporaryFile() { std::filesystem::remove(path); }
};

std::vector<Reward> two_rewards(double factor = 1) {
  std::vector<Reward> rewards{mean_value_reward("value", {0, -1, 0.5, 1}), length_reward(4)};
  rewards[0].factor = factor;
  return rewards;
}

} // namespace

TEST_CASE("PAMA: s* and its weights solve the min-norm problem for any number of objectives and signs") {
  RandomStream random(1, "pama test");
  for (int instance = 0; instance < 1000; ++instance) {
    Values a(2 + static_cast<std::size_t>(instance % 5));
    const double shift = 2 * (instance % 3) - 2; // all below 0, mixed, all above
    for (auto& x : a) x = random.normal() + shift;
    const auto merged = merge_advantages(a);
    CHECK(merged.value == Approx(projected_gradient(a)).margin(1e-9));
    double combined = 0, sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      combined += merged.weights[i] * a[i];
      sum += merged.weights[i];
    }
    CHECK(combined == Approx(merged.value).margin(1e-12));
    CHECK(sum == Approx(1).epsilon(1e-12));
    CHECK(*std::min_element(merged.weights.begin(), merged.weights.end()) >= 0);
  }
}

TEST_CASE("PAMA: the cases of theorem 1") {
  CHECK(merge_advantages(Values{3, 1, 2}).value == 1);
  CHECK(merge_advantages(Values{3, 1, 2}).weights == Values{0, 1, 0});
  CHECK(merge_advantages(Values{-3, -1, -2}).value == -1);
  CHECK(merge_advantages(Values{-3, -1, -2}).weights == Values{0, 1, 0});
  CHECK(merge_advantages(Values{-1, 3, 0}).value == 0);
  CHECK(merge_advantages(Values{-1, 3, 0}).weights == Values{0.75, 0.25, 0});
  CHECK(merge_advantages(Values{2, 2, 5}).weights == Values{0.5, 0.5, 0});
  CHECK(merge_advantages(Values{0, 0}).weights == Values{0.5, 0.5});
  CHECK(merge_advantages(Values{0, 4}).weights == Values{1, 0});
}

TEST_CASE("PAMA: a token that is worse than expected on one objective gets 0, not its worst advantage") {
  const data::RowMatrix a{{0.5, -2}, {0.5, 0.2}, {-1, -2}};
  CHECK(merge(AdvantageMerge::pama, a) == Vector{{0, 0.2, 0}});
  CHECK(merge(AdvantageMerge::noon_mean, a).isApprox(Vector{{0.25, 0.35, 0}}));
  CHECK(merge(AdvantageMerge::mean, a).isApprox(Vector{{-0.75, 0.35, -1.5}}));
  const Vector wide = merge(AdvantageMerge::batch_wide, a);
  CHECK(wide.isApprox(Vector::Constant(3, 0.2 / 3)));
}

TEST_CASE(
    "PAMA stays at uniform play over rewards (1,0), (0,1), (0,0), though leaving out the third helps both") {
  const data::RowMatrix rewards{{1, 0}, {0, 1}, {0, 0}};
  CHECK(merge(AdvantageMerge::pama, rewards.rowwise() - rewards.colwise().mean()).isZero(0));
}

TEST_CASE("PAMA: a reward's unit does not matter") {
  RandomStream random(2, "pama test");
  const SequenceGenerator generator({.tokens = 4, .longest = 6});
  const Parameters theta = generator.layout().initial(1).cast<float>();
  const TokenBatch batch = generator.sample(theta, 100, random);
  const auto advantages = [&](double factor) {
    data::RowMatrix rewards = data::RowMatrix::Zero(static_cast<Eigen::Index>(batch.size()), 2);
    const auto given = two_rewards();
    for (std::size_t i = 0; i < batch.sequences(); ++i) {
      const auto last = static_cast<Eigen::Index>(batch.begin[i + 1]) - 1;
      rewards(last, 0) = factor * given[0].of(batch.sequence(i));
      rewards(last, 1) = given[1].of(batch.sequence(i));
    }
    return token_advantages(batch, rewards, data::RowMatrix::Zero(rewards.rows(), 2), {});
  };
  const Vector one = merge(AdvantageMerge::pama, advantages(1)),
               thousand = merge(AdvantageMerge::pama, advantages(1000));
  CHECK((one - thousand).cwiseAbs().maxCoeff() < 1e-6); // 1e-8 stands beside the deviations
  CHECK((one.array() > 0).count() > 10);
  CHECK(((one.array() > 0) == (thousand.array() > 0)).all());
  // A weighted sum is another matter.
  const Vector sum = merge(AdvantageMerge::mean, advantages(1));
  CHECK(((one.array() > 0) != (sum.array() > 0)).any());
}

TEST_CASE("PAMA: beyond the clip the surrogate has no slope, below it that of u A") {
  for (const double a : {0.7, -0.7}) {
    const auto slope = [&](double u) {
      return (clipped_surrogate(u + 1e-6, a, 0.2) - clipped_surrogate(u - 1e-6, a, 0.2)) / 2e-6;
    };
    CHECK(slope(1.1) == Approx(a));
    CHECK(slope(1.3) == Approx(a > 0 ? 0 : a).margin(1e-9));
    CHECK(slope(0.7) == Approx(a > 0 ? a : 0).margin(1e-9));
  }
}

TEST_CASE("PAMA: the surrogate's gradient is that of finite differences, and exactly 0 where every ratio is "
          "clipped") {
  RandomStream random(3, "pama test");
  const SequenceGenerator generator({.tokens = 4, .window = 2, .embedding = 3, .hidden = 5, .longest = 5});
  const Parameters theta = generator.layout().initial(2).cast<float>();
  const TokenBatch batch = generator.sample(theta, 20, random);
  Vector weight(static_cast<Eigen::Index>(batch.size()));
  for (auto& s : weight) s = std::max(0.0, random.normal());
  auto old = generator.log_probabilities(theta, batch);
  Tape<float> tape;
  Parameters gradient, unused;
  for (auto& logp : old) logp -= 0.05f; // u = 1.05
  surrogate(generator, theta, batch, old, weight, 0.2, tape, gradient);
  for (const Eigen::Index k : {0, 7, 20, static_cast<int>(theta.size()) - 2}) {
    Parameters up = theta, down = theta;
    up[k] += 1e-2f;
    down[k] -= 1e-2f;
    const double difference = surrogate(generator, up, batch, old, weight, 0.2, tape, unused)
                              - surrogate(generator, down, batch, old, weight, 0.2, tape, unused);
    CHECK(static_cast<double>(gradient[k]) == Approx(difference / 2e-2).margin(1e-4).epsilon(1e-2));
  }
  for (auto& logp : old) logp -= 0.25f; // u = 1.35
  const double value = surrogate(generator, theta, batch, old, weight, 0.2, tape, gradient);
  CHECK(value == Approx(1.2 * weight.mean()).epsilon(1e-5));
  CHECK(gradient.isZero(0));
}

TEST_CASE(
    "PAMA's generator: a batch is what was sampled, and its log-probabilities sum to 1 over the next token") {
  RandomStream random(4, "pama test");
  const SequenceGenerator generator({.tokens = 3, .longest = 4});
  const Parameters theta = generator.layout().initial(3).cast<float>();
  const std::vector<Sequence> next{{1, 2}, {1, 2, 1}, {1, 2, 2}};
  const auto batch = generator.batch_of(next);
  CHECK(batch.sequence(1) == Sequence{1, 2, 1});
  CHECK(batch.begin == std::vector<std::size_t>{0, 3, 7, 11});
  const auto logp = generator.log_probabilities(theta, batch);
  CHECK(std::exp(logp[2]) + std::exp(logp[5]) + std::exp(logp[9])
        == Approx(1).epsilon(1e-5)); // end, 1, 2 after 1 2
  const std::vector<Sequence> cut{{1, 1, 2, 2}, {1, 1, 2, 2, 1}};
  const auto long_ones = generator.batch_of(cut);
  CHECK(long_ones.size() == 8); // no end
  CHECK(long_ones.sequence(1) == Sequence{1, 1, 2, 2});
}

TEST_CASE("PAMA's generator draws tokens as often as it says") {
  const SequenceGenerator generator({.tokens = 3, .longest = 3});
  Parameters theta = generator.layout().initial(5).cast<float>();
  theta *= 2;
  RandomStream random(5, "pama test");
  const auto batch = generator.sample(theta, 20000, random);
  double first_is_one = 0;
  for (std::size_t i = 0; i < batch.sequences(); ++i)
    first_is_one += (batch.action[batch.begin[i]] == 1) / 20000.0;
  const std::vector<Sequence> one{{1}};
  const double said =
      std::exp(static_cast<double>(generator.log_probabilities(theta, generator.batch_of(one))[0]));
  CHECK(first_is_one == Approx(said).margin(4 * 0.5 / std::sqrt(20000.0)));
}

TEST_CASE("PAMA: an epoch's update does not depend on tokens without weight") {
  RandomStream random(6, "pama test");
  const SequenceGenerator generator({.tokens = 4, .longest = 5});
  const Parameters theta = generator.layout().initial(1).cast<float>();
  const TokenBatch batch = generator.sample(theta, 10, random);
  const auto old = generator.log_probabilities(theta, batch);
  Tape<float> tape;
  Parameters gradient;
  CHECK(surrogate(generator, theta, batch, old, Vector::Zero(static_cast<Eigen::Index>(batch.size())), 0.2,
                  tape, gradient)
        == 0);
  CHECK(gradient.isZero(0));
}

TEST_CASE("Rewards: length, lexicon, novelty") {
  const std::vector<Sequence> corpus{{1, 2, 3, 1}, {2, 2}};
  CHECK(length_reward(8).of(Sequence{1}) == 0.25);
  CHECK(length_reward(8).of(Sequence(6, 1)) == 0.75);
  CHECK(length_reward(8).of(Sequence(20, 1)) == 2);
  CHECK(mean_value_reward("", {0, 1, 4}).of(Sequence{1, 2, 2}) == 3);
  CHECK(mean_value_reward("", {0, 1, 4}).of(Sequence{}) == 0);
  const auto novelty = novelty_reward(corpus, 4);
  CHECK(novelty.of(Sequence{1, 2, 3, 1}) == 0);
  CHECK(novelty.of(Sequence{1, 2, 3, 3}) == 0.5);
  CHECK(novelty.of(Sequence{3, 3, 3}) == 1);
  CHECK(novelty.of(Sequence{1, 2}) == 0);
}

TEST_CASE("A corpus is read by characters or words") {
  std::string text;
  for (int i = 0; i < 20; ++i) text += i % 2 ? "x..x\r\n" : "\u00e9 x\n\n";
  const TemporaryFile file(text);
  const auto characters = read_corpus(file.path, false, 20);
  CHECK(characters.sequences.size() == 20);
  CHECK(characters.words == std::vector<std::string>{"", " ", ".", "x", "\u00e9"});
  CHECK(written(characters.sequences[1], characters) == "x..x");
  CHECK(read_corpus(file.path, true, 20).words == std::vector<std::string>{"", "x", "x..x", "\u00e9"});
  CHECK(written(read_corpus(file.path, true, 20).sequences[0], read_corpus(file.path, true, 20))
        == "\u00e9 x");
  CHECK(read_corpus(file.path, false, 2).sequences[1].size() == 2);
}

TEST_CASE("PAMA refuses what it cannot align") {
  const std::vector<Sequence> corpus{{1, 2, 3}};
  const std::vector<std::string> words{"", "a", "b", "c"};
  CHECK_THROWS_WITH(reward_of("loudness", corpus, words), Contains("length:TARGET") && Contains("loudness"));
  CHECK_THROWS_WITH(reward_of("length:0", corpus, words), Contains("above 0"));
  CHECK_THROWS_WITH(reward_of("length:8x", corpus, words), Contains("length:8x"));
  {
    const TemporaryFile lexicon("token,value\nz,1\n");
    CHECK_THROWS_WITH(reward_of("lexicon:" + lexicon.path.string(), corpus, words), Contains("no token"));
  }
  {
    const TemporaryFile lexicon("token,value\nb,1\nz,4\n");
    CHECK(reward_of("lexicon:" + lexicon.path.string(), corpus, words).of(Sequence{2, 3}) == 0.5);
  }
  {
    const TemporaryFile few("one\ntwo\n");
    CHECK_THROWS_WITH(read_corpus(few.path, false, 20), Contains("2 lines"));
  }
  const SequenceGenerator generator({.tokens = 4, .longest = 5});
  const Parameters theta = generator.layout().initial(1).cast<float>();
  const std::vector<Reward> one{length_reward(4)};
  CHECK_THROWS_WITH(align(generator, theta, one, Alignment::pama, {}), Contains("at least two"));
  const std::vector<Reward> constant{length_reward(4), mean_value_reward("flat", {0, 0, 0, 0})};
  CHECK_THROWS_WITH(align(generator, theta, constant, Alignment::pama, {}), Contains("flat"));
}

TEST_CASE("PAMA: the same seed gives the same generator") {
  const SequenceGenerator generator({.tokens = 4, .longest = 5});
  const Parameters theta = generator.layout().initial(1).cast<float>();
  const auto rewards = two_rewards();
  AlignmentSettings settings;
  settings.batch = 32;
  settings.iterations = 3;
  const auto first = align(generator, theta, rewards, Alignment::pama, settings);
  CHECK(first.theta == align(generator, theta, rewards, Alignment::pama, settings).theta);
  CHECK(first.theta != theta);
  CHECK(std::accumulate(first.limiting.begin(), first.limiting.end(), 0.0) == Approx(1));
}

TEST_CASE("PAMA: the brief experiment's claims hold") {
  const auto report = pama_demo({.brief = true});
  CHECK(report.claims.size() == 7);
  for (const auto& claim : report.claims) {
    INFO(claim.what << ": " << claim.measured << ", limit " << claim.limit);
    CHECK(claim.holds());
  }
}
