// Training the network: its gradient, that it finds a network that was there, and that it keeps none that
// does not help.
#include "../../dsp/dynamics/gru_reference.h"
#include "catch.h"
#include "dsp/chain/processor.h"
#include "dsp/error.h"
#include "optim/match/chain_objective.h"
#include "optim/match/gru_match.h"

#include <cstring>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::match;

namespace {

constexpr double rate = 16000;

struct Recording {
  std::vector<float> dry, wet;
  Pair pair() const { return {{dry}, {wet}, rate, 0, dry.size()}; }
};

std::vector<float> stepped_noise(double seconds) {
  std::vector<float> x(static_cast<std::size_t>(seconds * rate));
  std::uint32_t state = 1;
  const auto uniform = [&state] {
    state = state * 1664525u + 1013904223u;
    return static_cast<double>(state >> 8) / 8388608.0 - 1;
  };
  double level = 0.5;
  for (std::size_t t = 0; t < x.size(); ++t) {
    if (t % 1600 == 0) level = std::pow(10.0, (-20 + 17 * uniform()) / 20);
    x[t] = static_cast<float>(level * uniform());
  }
  return x;
}

dsp::ChainSettings compressor(const char* name = "compressor") {
  dsp::ChainSettings chain = dsp::parse_chain(name);
  auto values = chain.values();
  const auto set = [&](const char* parameter, double value) { values[chain.index(parameter)] = value; };
  set("threshold_db", -30);
  set("release_ms", 60);
  set("makeup_db", 4);
  if (chain.blocks.size() > 1) {
    set("eq.low_shelf_db", 4);
    set("eq.peak1_db", -5);
    set("eq.high_shelf_db", 3);
    set("eq.gain_db", -1);
  }
  chain.set_values(values);
  return chain;
}

Recording played(const dsp::ChainSettings& chain, double seconds) {
  Recording r{stepped_noise(seconds), {}};
  r.wet.resize(r.dry.size());
  dsp::ChainProcessor(chain, rate).process(r.dry, std::span<float>(r.wet));
  return r;
}

std::vector<const GruChunk*> all(const GruChunks& chunks) {
  std::vector<const GruChunk*> list;
  for (const GruChunk& chunk : chunks.list) list.push_back(&chunk);
  return list;
}

Vector weights_of(int units) {
  const dsp::GruWeights weights = test::random_network(units, 11, 0.4);
  Vector w(static_cast<Eigen::Index>(weights.values.size()));
  for (Eigen::Index i = 0; i < w.size(); ++i)
    w[i] = static_cast<double>(weights.values[static_cast<std::size_t>(i)]);
  return w;
}

constexpr std::array<double, 3> unit_scale{1, 1, 1};

} // namespace

TEST_CASE("GRU training: the gradient is that of finite differences, equalisers before and behind") {
  for (const char* name : {"compressor", "compressor+eq", "eq+compressor"}) {
    const dsp::ChainSettings chain = compressor(name);
    const Recording r = played(compressor("compressor"), 0.5); // another chain: there is an error
    const Pair pair = r.pair();
    const GruChunks chunks =
        gru_chunks(pair, chain, {.scored_seconds = 0.02, .warm_up_seconds = 0.01, .maximum = 18});
    REQUIRE(chunks.list.size() == 18); // more than the lanes of a batch
    for (const int units : {2, 5}) {
      const LinearTail tail = linear_tail(chain, rate);
      GruObjective<double> f(chunks, all(chunks), tail, 0.995, units, unit_scale, 2);
      f.set_decay(1e-3);
      const Vector w = weights_of(units);
      Vector gradient;
      CHECK(f.value_and_gradient(w, gradient) == Approx(f.value(w)).epsilon(1e-12));
      for (Eigen::Index i = 0; i < w.size(); ++i) {
        Vector up = w, down = w;
        up[i] += 1e-5;
        down[i] -= 1e-5;
        const double difference = (f.value(up) - f.value(down)) / 2e-5;
        CAPTURE(name, units, i);
        CHECK(std::abs(gradient[i] - difference) < 1e-8 + 1e-6 * gradient.cwiseAbs().maxCoeff());
      }
      GruObjective<float> narrow(chunks, all(chunks), tail, 0.995, units, unit_scale, 1);
      narrow.set_decay(1e-3);
      Vector in_float;
      CHECK(narrow.value_and_gradient(w, in_float) == Approx(f.value(w)).epsilon(1e-5));
      CHECK((in_float - gradient).norm() < 1e-4 * gradient.norm());
    }
  }
}

TEST_CASE("GRU training: its loss is that of the chain that plays the network") {
  const dsp::ChainSettings chain = compressor("compressor+eq");
  const Recording r = played(compressor("compressor"), 1);
  const Pair pair = r.pair();
  dsp::GruWeights weights = test::random_network(6, 2, 0.3, rate);
  const dsp::ChainSettings whole = with_network(chain, weights);
  Vector w(static_cast<Eigen::Index>(weights.values.size()));
  for (Eigen::Index i = 0; i < w.size(); ++i) w[i] = double(weights.values[std::size_t(i)]);
  // One chunk that scores all after its warm-up, without pre-emphasis: the ESR.
  Pair late = pair;
  late.scored_begin = 8000;
  const GruChunks chunks = gru_chunks(late, chain, {.scored_seconds = 0.5, .warm_up_seconds = 0.5});
  const GruObjective<float> f(chunks, all(chunks), linear_tail(chain, rate), 1.0, 6, unit_scale, 1);
  CHECK(f.value(w) == Approx(chain_esr(late, whole, 1)).epsilon(1e-3));
}

TEST_CASE("GRU training: a network that was there is found, and the compressor is left alone") {
  dsp::GruWeights hidden = test::random_network(3, 4, 0.6, rate);
  const dsp::ChainSettings chain = compressor();
  const Recording r = played(with_network(chain, hidden), 4);
  const Pair pair = r.pair();
  const GruFit fit =
      fit_gru(pair, chain, {.units = 4, .seconds = 30, .maximum_iterations = 120, .threads = 2});
  CAPTURE(fit.training_esr_before, fit.validation_esr_before, fit.iterations);
  CHECK(fit.training_esr_before > 1e-3);
  CHECK(fit.validation_esr < 0.05 * fit.validation_esr_before);
  REQUIRE(fit.weights);
  const dsp::ChainSettings whole = with_network(chain, *fit.weights);
  CHECK(chain_esr(pair, whole, 1) < 0.05 * chain_esr(pair, chain, 1));
  CHECK(whole.values() == chain.values());

  const GruFitOptions few{.units = 4, .seed = 1, .maximum_iterations = 5};
  CHECK(fit_gru(pair, chain, few).weights->values == fit_gru(pair, chain, few).weights->values);
  GruFitOptions other = few;
  other.seed = 2;
  CHECK(fit_gru(pair, chain, few).weights->values != fit_gru(pair, chain, other).weights->values);
}

TEST_CASE("GRU training: no network is kept that does not help what it has not heard") {
  // What is left is noise that has nothing to do with the recording.
  Recording r = played(compressor(), 3);
  std::uint32_t state = 77;
  for (float& y : r.wet) {
    state = state * 1664525u + 1013904223u;
    y += 0.02f * static_cast<float>(static_cast<double>(state >> 8) / 8388608.0 - 1);
  }
  Pair pair = r.pair();
  MatchResult result{};
  result.chain = compressor();
  result.esr = chain_esr(pair, result.chain, 1);
  result.held_out = HeldOut{0, 0, 0, 0, result.chain, result.chain};
  {
    const ScoredWithin half(pair, pair.frames() / 2, pair.frames());
    result.held_out->other_half_esr = chain_esr(pair, result.chain, 1);
  }
  {
    const ScoredWithin half(pair, 0, pair.frames() / 2);
    result.held_out->second_other_half_esr = chain_esr(pair, result.chain, 1);
  }
  const MatchResult before = result;
  const NetworkResult network =
      add_network(pair, result, {.units = 8, .seconds = 3, .patience = 40, .weight_decay = 0});
  CHECK(network.validation_esr <= network.validation_esr_before);
  if (network.kept) {
    CHECK(network.held_out->other_half_esr <= before.held_out->other_half_esr);
    CHECK(network.held_out->second_other_half_esr <= before.held_out->second_other_half_esr);
  } else {
    CHECK(!network.reason.empty());
    CHECK(to_string(result.chain) == "compressor");
    CHECK(result.esr == before.esr);
  }
}

TEST_CASE("GRU training: what cannot be trained or fitted is refused by name") {
  const Recording r = played(compressor(), 0.5);
  Pair pair = r.pair();
  CHECK_THROWS_WITH(fit_gru(pair, dsp::parse_chain("eq"), {}),
                    Catch::Matchers::Contains("has no compressor"));
  CHECK_THROWS_WITH(fit_gru(pair, compressor(), {}), Catch::Matchers::Contains("too short"));
  CHECK_THROWS_WITH(fit_gru(pair, compressor(), {.units = 65}), Catch::Matchers::Contains("1 to 64"));
  const dsp::ChainSettings chain = with_network(compressor(), test::random_network(2, 1));
  CHECK_THROWS_WITH(ChainObjective({}, rate, chain, {0}, Mode::forward, {}),
                    Catch::Matchers::Contains("train it afterwards"));
}
