#include "catch.h"

#include "dsp/error.h"
#include "optim/match/compressor_fit.h"
#include "optim/match/compressor_objective.h"
#include "optim/match/recordings.h"
#include "optim/match/stretches.h"
#include "optim/tools/solvers/match_bootstrap.h"

#include <cmath>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;

namespace {

const std::string folder = std::string(RAPHSON_SOURCE_DIR) + "/assets/recordings/";

/// The LA-2A's four seconds, matched.
struct Matched {
  match::Recordings recordings;
  match::MatchResult fit;
  match::Pair pair; ///< points into the recordings

  Matched() : recordings(match::read_recordings(folder + "la2a-dry.flac", folder + "la2a-wet.flac")) {
    match::MatchOptions options;
    options.held_out = false;
    fit = match::match_in_place(recordings, options);
    pair = match::pair_of(recordings.dry, recordings.wet, fit.scored_begin, fit.scored_end);
  }
};
const Matched& la2a() {
  static const Matched matched;
  return matched;
}

} // namespace

TEST_CASE("Stretches score every sample once, after a settling that fits before them") {
  const Matched& m = la2a();
  const match::Stretches s = match::stretches_of(m.pair, 400);
  CHECK(s.seconds
        == Approx(static_cast<double>(m.pair.scored_end - m.pair.scored_begin) / m.pair.sample_rate / 32));
  CHECK(s.chunks.size() == 32 * m.pair.dry.size());
  std::size_t scored = 0;
  for (const match::ChunkView& chunk : s.chunks) scored += chunk.count - chunk.first_scored;
  CHECK(scored == (m.pair.scored_end - m.pair.scored_begin) * m.pair.dry.size());
  CHECK(s.chunks.back().first_scored
        == static_cast<std::size_t>(match::settling_seconds(400) * m.pair.sample_rate));
}

TEST_CASE("All stretches once are the match's own loss; weights are so many copies of a stretch") {
  const Matched& m = la2a();
  const match::CompressorValues values = match::compressor_values(m.fit.chain);
  const match::Stretches s = match::stretches_of(m.pair, values[3]);
  const match::CompressorObjective objective(s.chunks, m.pair.sample_rate, {}), whole(m.pair, {});
  const Vector z = match::CompressorObjective::unconstrained(values);
  std::vector<double> weights(s.chunks.size(), 1);
  Vector g, g_whole;
  Matrix h, h_whole;
  // Held against Jets and differences by its own tests. It differs by how well the stretches settle.
  const double value = whole.value_gradient_and_hessian(z, g_whole, h_whole);
  CHECK(objective.weighted_derivatives(z, weights, g, h) == Approx(value).epsilon(1e-5));
  CHECK((g - g_whole).norm() < 1e-5 * h_whole.norm());
  CHECK((h - h_whole).norm() < 1e-4 * h_whole.norm());

  std::fill(weights.begin(), weights.end(), 0);
  weights[3] = 2;
  weights[17] = 1;
  const match::CompressorObjective copies({s.chunks[3], s.chunks[3], s.chunks[17]}, m.pair.sample_rate, {});
  const double share = copies.target_energy() / objective.target_energy();
  CHECK(objective.weighted_derivatives(z, weights, g, h)
        == Approx(share * copies.value_gradient_and_hessian(z, g_whole, h_whole)).epsilon(1e-10));
  CHECK((g - share * g_whole).norm() < 1e-10 * g.norm());
  CHECK((h - share * h_whole).norm() < 1e-10 * h.norm());
}

// The Hessian's sandwich and the bootstrap estimate the same thing by other means and from other pieces of
// the recording: they agree in size, not in digits.
TEST_CASE("The LA-2A's bootstrap errors are of the size of the Hessian's, its intervals around the fit") {
  const Matched& m = la2a();
  MatchBootstrapOptions options;
  options.draws = 600;
  options.threads = 2;
  const MatchBootstrap b = bootstrap_match(m.pair, m.fit.chain, options);
  REQUIRE(b.names.size() == 5);
  CHECK(b.result.autocorrelation.mean() == Approx(0.7).margin(0.1));
  CHECK(b.result.treated == 0);
  for (std::size_t k = 0; k < 5; ++k) {
    const auto j = static_cast<Eigen::Index>(k);
    const match::ParameterEstimate& p = m.fit.parameters[k];
    INFO(p.name << ": fit " << p.value << " +- " << p.standard_error << ", bootstrap " << b.result.estimate[j]
                << " +- " << b.result.standard_error[j] << ", " << b.result.low[j] << " to "
                << b.result.high[j]);
    CHECK(b.names[k] == p.name);
    CHECK(b.result.minimum[j] == Approx(p.value).epsilon(0.02));
    CHECK(b.result.standard_error[j] > 0.6 * p.standard_error);
    CHECK(b.result.standard_error[j] < 1.6 * p.standard_error);
    CHECK(b.result.low[j] < p.value);
    CHECK(b.result.high[j] > p.value);
  }
}

TEST_CASE("The bootstrap of a match is for the compressor alone") {
  const Matched& m = la2a();
  CHECK_THROWS_WITH(bootstrap_match(m.pair, dsp::parse_chain("compressor+eq"), {}), Contains("--bootstrap"));
}
