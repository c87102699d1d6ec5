// Stretches of a recording held against fits that really leave them out.
#include "optim/match/attribution.h"

#include "catch.h"
#include "optim/engine/newton.h"
#include "optim/engine/rank_correlation.h"
#include "optim/match/compressor_fit.h"
#include "optim/match/compressor_objective.h"
#include "optim/match/recordings.h"
#include "optim/match/stretches.h"

#include <cmath>
#include <numeric>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::match;

namespace {

const std::string folder = std::string(RAPHSON_SOURCE_DIR) + "/assets/recordings/";

struct Matched {
  MatchOptions options;
  Recordings recordings;
  MatchResult fit;
  Pair pair;

  Matched(const std::string& unit, const std::string& model)
      : recordings(read_recordings(folder + unit + "-dry.flac", folder + unit + "-wet.flac")) {
    options.held_out = false;
    options.model = model;
    fit = match_in_place(recordings, options);
    pair = pair_of(recordings.dry, recordings.wet, fit.scored_begin, fit.scored_end);
  }
};

/// The parameters fitted to all stretches but one, less those fitted to all.
Vector refitted_without(int left_out, const Stretches& stretches, const Pair& pair,
                        const CompressorValues& from) {
  const auto fit_of = [&](bool all) {
    std::vector<ChunkView> chunks;
    for (std::size_t i = 0; i < stretches.chunks.size(); ++i)
      if (all || stretches.number[i] != left_out) chunks.push_back(stretches.chunks[i]);
    const CompressorObjective objective(chunks, pair.sample_rate, {});
    const Result r = minimise(objective, CompressorObjective::unconstrained(from), NewtonOptions{});
    const CompressorValues v = CompressorObjective::physical(r.x);
    return Vector(Eigen::Map<const Vector>(v.data(), static_cast<Eigen::Index>(v.size())));
  };
  return fit_of(false) - fit_of(true);
}

} // namespace

TEST_CASE("what a stretch is said to have done to the fit is what leaving it out undoes", "[attribution]") {
  const Matched m("cl1b", "compressor");
  const auto list = attribute(m.pair, m.fit.chain, m.fit.parameters, m.options);
  const CompressorValues values = compressor_values(m.fit.chain);
  const Stretches stretches = stretches_of(m.pair, values[3]);
  REQUIRE(list.size() == static_cast<std::size_t>(stretches.count()));

  double shares = 0;
  for (const AttributedStretch& s : list) shares += s.loss_share;
  CHECK(shares == Approx(1));
  CHECK(list.front().begin_seconds == Approx(static_cast<double>(m.pair.scored_begin) / m.pair.sample_rate));
  CHECK(list.back().end_seconds == Approx(static_cast<double>(m.pair.scored_end) / m.pair.sample_rate));

  Matrix foretold(5, stretches.count()), true_shift(5, stretches.count());
  for (int b = 0; b < stretches.count(); ++b) {
    foretold.col(b) = list[static_cast<std::size_t>(b)].shift;
    true_shift.col(b) = refitted_without(b, stretches, m.pair, values);
  }
  for (int k = 0; k < 5; ++k) {
    INFO(m.fit.parameters[static_cast<std::size_t>(k)].name);
    CHECK(spearman_correlation(foretold.row(k), true_shift.row(k)) > 0.9);
    CHECK((foretold.row(k) - true_shift.row(k)).norm() < 0.5 * true_shift.row(k).norm());
  }
}

TEST_CASE("a stretch that was spoilt has most of the error, and pulls more than it did", "[attribution]") {
  Matched m("la2a", "compressor");
  const auto clean = attribute(m.pair, m.fit.chain, m.fit.parameters, m.options);
  const std::size_t spoilt = 20; // in the loud half, of little pull as it was played
  const auto sample = [&](double seconds) { return static_cast<std::size_t>(seconds * m.pair.sample_rate); };
  for (auto& channel : m.recordings.wet.channels)
    for (std::size_t n = sample(clean[spoilt].begin_seconds); n < sample(clean[spoilt].end_seconds); ++n)
      channel[n] *= 1.3F;
  const MatchResult fit = match::match(m.recordings.dry, m.recordings.wet, m.options);
  const auto list = attribute(m.pair, fit.chain, fit.parameters, m.options);
  for (const AttributedStretch& other : list)
    CHECK((&other == &list[spoilt] || other.loss_share < 0.3 * list[spoilt].loss_share));
  CHECK(list[spoilt].pull > 3 * clean[spoilt].pull);
}

TEST_CASE("the attribution of a chain has a shift for each parameter that was fitted", "[attribution]") {
  const Matched m("cl1b", "dynamics[level-db,knee]");
  const auto list = attribute(m.pair, m.fit.chain, m.fit.parameters, m.options);
  for (const AttributedStretch& s : list) {
    CHECK(static_cast<std::size_t>(s.shift.size()) == m.fit.parameters.size());
    CHECK(s.shift.allFinite());
  }
}
