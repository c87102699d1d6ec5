#include "optim/tools/solvers/match_coreset.h"

#include "dsp/error.h"
#include "optim/data/standardise.h"
#include "optim/tools/solvers/goracs.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace raphson::optim::tools {
namespace {

using data::Audio;
using match::FrameRange;

constexpr double window_seconds = 0.01, shortest_seconds = 1;
constexpr double silence_db = -80, audible_db = -60;
constexpr std::size_t most_stretches = 1000, fewest_chosen = 4;
constexpr std::array quantiles{0.1, 0.5, 0.9};

/// Of all channels over [begin, end), what lies beyond the end counting as silence.
double level_db(const Audio& audio, std::size_t begin, std::size_t end) {
  double energy = 0;
  for (const std::vector<float>& channel : audio.channels)
    for (std::size_t n = begin; n < std::min(end, channel.size()); ++n)
      energy += static_cast<double>(channel[n]) * static_cast<double>(channel[n]);
  const auto samples = static_cast<double>((end - begin) * audio.channels.size());
  return std::max(silence_db, 10 * std::log10(energy / samples + 1e-30));
}

double quantile(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  const auto nth =
      values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

std::vector<FrameRange> stretches_of(const Audio& dry) {
  const double whole = static_cast<double>(dry.frames()) / dry.sample_rate;
  const auto count = static_cast<std::size_t>(
      std::clamp(whole / shortest_seconds, 1.0, static_cast<double>(most_stretches)));
  std::vector<FrameRange> list;
  for (std::size_t k = 0; k < count; ++k)
    list.push_back({dry.frames() * k / count, dry.frames() * (k + 1) / count});
  return list;
}

} // namespace

data::RowMatrix stretch_features(const Audio& dry, const Audio& wet,
                                 const std::vector<FrameRange>& stretches) {
  const auto window = static_cast<std::size_t>(window_seconds * dry.sample_rate);
  data::RowMatrix features(static_cast<Eigen::Index>(stretches.size()),
                           static_cast<Eigen::Index>(2 * quantiles.size() + 1));
  std::vector<double> levels, gains;
  for (std::size_t s = 0; s < stretches.size(); ++s) {
    levels.clear();
    gains.clear();
    double change = 0;
    for (std::size_t from = stretches[s].begin; from + window <= stretches[s].end; from += window) {
      const double level = level_db(dry, from, from + window);
      if (!levels.empty()) change += std::abs(level - levels.back());
      levels.push_back(level);
      if (level > audible_db) gains.push_back(level_db(wet, from, from + window) - level);
    }
    auto row = features.row(static_cast<Eigen::Index>(s));
    Eigen::Index at = 0;
    row[at++] = change / static_cast<double>(levels.size());
    for (const double share : quantiles) {
      row[at++] = quantile(levels, share);
      row[at++] = quantile(gains, share);
    }
  }
  return features;
}

MatchCoreset match_coreset(const Audio& dry, const Audio& wet, double seconds) {
  if (!(seconds > 0)) throw InputError("--coreset: it must be a positive number of seconds");
  const std::vector<FrameRange> stretches = stretches_of(dry);
  const double each =
      static_cast<double>(dry.frames()) / dry.sample_rate / static_cast<double>(stretches.size());
  const auto n = std::max(fewest_chosen, static_cast<std::size_t>(std::round(seconds / each)));
  if (n >= stretches.size())
    throw InputError("--coreset: the recording has " + std::to_string(stretches.size())
                     + " stretches of about a second, and as many are asked for; match it whole");
  data::RowMatrix features = stretch_features(dry, wet, stretches);
  data::standardisation_of(features).apply(features);
  const CostMatrix rows = features;
  const GoracsSelection chosen = goracs(goracs_costs(rows, rows, {}, 0), static_cast<int>(n));
  MatchCoreset coreset{{}, each, stretches.size(), chosen.refined};
  for (const int row : chosen.rows) coreset.ranges.push_back(stretches[static_cast<std::size_t>(row)]);
  return coreset;
}

} // namespace raphson::optim::tools
