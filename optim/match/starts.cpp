#include "optim/match/starts.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace raphson::optim::match {
namespace {

constexpr std::array ratios{1.6, 3.0, 8.0};
constexpr std::array attacks_ms{0.5, 4.0, 30.0};
constexpr std::array releases_ms{40.0, 200.0, 1000.0};
constexpr std::array level_shares{0.3, 0.55, 0.75, 0.9, 0.98};

/// Levels in dB below which these shares of the recording's 10 ms peaks lie, silence left out.
std::array<double, level_shares.size()> peak_levels_db(const std::vector<ChunkView>& chunks,
                                                       double sample_rate) {
  const auto window = std::max<std::size_t>(1, static_cast<std::size_t>(0.01 * sample_rate));
  std::vector<float> peaks;
  for (const ChunkView& chunk : chunks)
    for (std::size_t from = 0; from < chunk.count; from += window) {
      float peak = 0;
      for (std::size_t n = from; n < std::min(from + window, chunk.count); ++n)
        peak = std::max(peak, std::abs(chunk.dry[n]));
      if (peak > 1e-4f) peaks.push_back(peak);
    }
  if (peaks.empty()) peaks.push_back(1e-4f);
  std::sort(peaks.begin(), peaks.end());
  std::array<double, level_shares.size()> levels;
  for (std::size_t i = 0; i < levels.size(); ++i)
    levels[i] = 20
                * std::log10(
                    peaks[static_cast<std::size_t>(level_shares[i] * static_cast<double>(peaks.size() - 1))]);
  return levels;
}

struct GridPoint {
  std::array<int, 4> index;
  CompressorValues values;
  double loss;
};

bool neighbours(const GridPoint& a, const GridPoint& b) {
  int apart = 0;
  for (int i = 0; i < 4; ++i) apart += std::abs(a.index[i] - b.index[i]);
  return apart < 2;
}

} // namespace

std::vector<CompressorValues> find_starts(const CompressorObjective& objective,
                                          const std::vector<ChunkView>& chunks, double sample_rate,
                                          int count) {
  std::vector<GridPoint> grid;
  const auto levels = peak_levels_db(chunks, sample_rate);
  for (int t = 0; t < static_cast<int>(levels.size()); ++t)
    for (int r = 0; r < static_cast<int>(ratios.size()); ++r)
      for (int a = 0; a < static_cast<int>(attacks_ms.size()); ++a)
        for (int e = 0; e < static_cast<int>(releases_ms.size()); ++e)
          grid.push_back({{t, r, a, e},
                          {std::clamp(levels[t], -79.0, -0.5), ratios[r], attacks_ms[a], releases_ms[e], 0},
                          0});
  std::vector<CompressorValues> values;
  for (const GridPoint& point : grid) values.push_back(point.values);
  const auto fits = objective.fit_makeup(values);
  for (std::size_t i = 0; i < grid.size(); ++i) {
    grid[i].values[4] = fits[i].makeup_db;
    grid[i].loss = fits[i].value;
  }
  std::stable_sort(grid.begin(), grid.end(),
                   [](const GridPoint& a, const GridPoint& b) { return a.loss < b.loss; });

  std::vector<GridPoint> chosen;
  for (const GridPoint& point : grid) {
    if (static_cast<int>(chosen.size()) == count) break;
    if (std::none_of(chosen.begin(), chosen.end(), [&](const GridPoint& c) { return neighbours(c, point); }))
      chosen.push_back(point);
  }
  std::vector<CompressorValues> starts;
  for (const GridPoint& point : chosen) starts.push_back(point.values);
  return starts;
}

} // namespace raphson::optim::match
