#include "catch.h"

#include "dsp/error.h"
#include "optim/engine/finite_differences.h"
#include "optim/match/compressor_fit.h"
#include "optim/match/compressor_objective.h"
#include "optim/match/recordings.h"
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
  const Stretches s = stretches_of(m.pair, 400);
  CHECK(s.seconds
        == Approx(static_cast<double>(m.pair.scored_end - m.pair.scored_begin) / m.pair.sample_rate / 32));
  CHECK(s.chunks.size() == 32 * m.pair.dry.size());
  std::size_t scored = 0;
  for (const match::ChunkView& chunk : s.chunks) scored += chunk.count - chunk.first_scored;
  CHECK(scored == (m.pair.scored_end - m.pair.scored_begin) * m.pair.dry.size());
  CHECK(s.chunks.back().first_scored
        == static_cast<std::size_t>(match::settling_seconds(400) * m.pair.sample_rate));
}

TEST_CASE("All stretches once are the match's own loss; twice drawn counts twice; derivatives are exact") {
  const Matched& m = la2a();
  const match::CompressorValues values = match::compressor_values(m.fit.chain);
  const Stretches s = stretches_of(m.pair, values[3]);
  const match::CompressorObjective objective(s.chunks, m.pair.sample_rate, {});
  const Vector z = match::CompressorObjective::unconstrained(values);
  const match::CompressorObjective whole(m.pair, {});
  CHECK(objective.value_over(s.chunks, z) / whole.target_energy() == Approx(whole.value(z)).epsilon(1e-5));

  const std::vector<match::ChunkView> some{s.chunks[3], s.chunks[3], s.chunks[7]}, one{s.chunks[3]},
      other{s.chunks[7]};
  CHECK(objective.value_over(some, z)
        == Approx(2 * objective.value_over(one, z) + objective.value_over(other, z)).epsilon(1e-12));
  struct F {
    const match::CompressorObjective& objective;
    std::span<const match::ChunkView> chunks;
    double value(const Vector& at) const { return objective.value_over(chunks, at); }
    double value_and_gradient(const Vector& at, Vector& g) const {
      Matrix h;
      return objective.derivatives_over(chunks, at, g, h);
    }
  } f{objective, some};
  Vector g;
  Matrix h;
  CHECK(objective.derivatives_over(some, z, g, h) == Approx(f.value(z)).epsilon(1e-12));
  CHECK((g - finite_difference_gradient(f, z)).norm() < 1e-4 * g.norm());
  CHECK((h - finite_difference_hessian(f, z)).norm() < 1e-4 * h.norm());
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
  CHECK(b.result.treated <= 6);
  for (std::size_t k = 0; k < 5; ++k) {
    const auto j = static_cast<Eigen::Index>(k);
    const match::ParameterEstimate& p = m.fit.parameters[k];
    INFO(p.name << ": fit " << p.value << " +- " << p.standard_error << ", bootstrap " << b.result.estimate[j]
                << " +- " << b.result.standard_error[j] << ", " << b.result.low[j] << " to "
                << b.result.high[j]);
    CHECK(b.names[k] == p.name);
    CHECK(b.result.minimum[j] == Approx(p.value).epsilon(0.02));
    CHECK(b.result.standard_error[j] > 0.4 * p.standard_error);
    CHECK(b.result.standard_error[j] < 2.5 * p.standard_error);
    CHECK(b.result.low[j] < p.value);
    CHECK(b.result.high[j] > p.value);
  }
}

TEST_CASE("The bootstrap of a match is for the compressor alone") {
  const Matched& m = la2a();
  CHECK_THROWS_WITH(bootstrap_match(m.pair, dsp::parse_chain("compressor+eq"), {}), Contains("--bootstrap"));
}
