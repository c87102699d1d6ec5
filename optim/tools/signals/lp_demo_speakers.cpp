#include "optim/data/clips.h"
#include "optim/engine/random.h"
#include "optim/engine/svd.h"
#include "optim/engine/symmetric_eigen.h"
#include "optim/tools/signals/lp_demo_parts.h"

#include <algorithm>
#include <limits>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;

Matrix random_mix(std::uint64_t seed) {
  RandomStream random(seed, "mix");
  Matrix m(4, 4);
  for (double& entry : m.reshaped()) entry = random.normal();
  return m;
}

/// U diag V^T with singular values from 1 to `condition`.
Matrix mix_of_condition(double condition) {
  const Svd svd = thin_svd(random_mix(50));
  return svd.left * Vector::LinSpaced(4, 1, condition).asDiagonal() * svd.right.transpose();
}

double mean_sir(const Matrix& sources, const Matrix& mix, double p, std::uint64_t seed) {
  const Matrix y = mix * sources;
  const LpDictionary learnt = learn_lp_dictionary(columns_of(y), {.p = p, .seed = seed});
  return interference_ratios_db(learnt.analysis * mix).mean();
}

/// Rows along the principal axes of the mix, at unit power.
double whitened_sir(const Matrix& sources, const Matrix& mix) {
  const Matrix y = mix * sources;
  const Matrix c = y * y.transpose() / static_cast<double>(y.cols());
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(c);
  return interference_ratios_db(eigen.eigenvalues().cwiseSqrt().cwiseInverse().asDiagonal()
                                * eigen.eigenvectors().transpose() * mix)
      .mean();
}

} // namespace

Matrix speakers_in_rows(double seconds) {
  std::vector<std::vector<float>> rows;
  std::size_t shortest = std::numeric_limits<std::size_t>::max();
  for (const char* speaker : {"jackson", "theo", "george", "lucas"}) {
    auto& row = rows.emplace_back();
    for (const data::Clip& clip : data::spoken_digits({.speakers = {speaker}}))
      row.insert(row.end(), clip.samples.begin(), clip.samples.end());
    shortest = std::min(shortest, row.size());
  }
  if (seconds > 0) shortest = std::min(shortest, static_cast<std::size_t>(8000 * seconds));
  Matrix result(std::ssize(rows), static_cast<Index>(shortest));
  for (Index i = 0; i < result.rows(); ++i) {
    result.row(i) =
        Eigen::Map<const Eigen::RowVectorXf>(rows[static_cast<std::size_t>(i)].data(), result.cols())
            .cast<double>();
    result.row(i) /= std::sqrt(result.row(i).squaredNorm() / static_cast<double>(shortest));
  }
  return result;
}

void lp_mixed_speakers(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options) {
  const Matrix whole = speakers_in_rows(0), beginning = whole.leftCols(3 * 8000);
  std::vector<std::pair<std::string, Matrix>> mixes;
  for (const std::uint64_t seed : seeds) mixes.emplace_back("seed " + std::to_string(seed), random_mix(seed));
  mixes.emplace_back("condition 50", mix_of_condition(50));
  const int highest = options.brief ? 4 : 6;
  report::Table table{
      {{"mix"}, {"p = 3"}, {"p = 4"}, {"p = 5"}, {"p = 6"}, {"whitening alone"}, {"first 3 s, p = 3"}}, {}};
  double least = std::numeric_limits<double>::infinity(), most = 0;
  for (const auto& [name, mix] : mixes) {
    options.say("four speakers, " + name);
    const bool first = table.rows.empty();
    std::vector<report::Cell> row{name};
    double before = 0;
    for (int p = 3; p <= highest; ++p) {
      const double sir = mean_sir(whole, mix, p, seeds.front());
      row.push_back(report::Cell::fixed(sir, 1));
      if (p == 3) least = std::min(least, sir), most = std::max(most, sir);
      if (first && p > 3)
        report.claims.push_back(report::at_least("SIR of p = " + std::to_string(p - 1)
                                                     + " over p = " + std::to_string(p) + " (dB)",
                                                 before - sir, 0));
      before = sir;
    }
    row.resize(5, "");
    const double whitened = whitened_sir(whole, mix), early = mean_sir(beginning, mix, 3, seeds.front());
    row.push_back(report::Cell::fixed(whitened, 1));
    row.push_back(report::Cell::fixed(early, 1));
    table.rows.push_back(row);
    report.claims.push_back(report::at_most("SIR of whitening alone (dB), " + name, whitened, 15));
    if (first) report.claims.push_back(report::at_least("SIR on the first 3 s, p = 3 (dB)", early, 22));
  }
  report.claims.push_back(
      report::at_least("four speakers, mean SIR (dB), p = 3, least of all mixes", least, 40));
  report.claims.push_back(report::at_most("by how much the mix matters (dB)", most - least, 0.1));
  report.tables.push_back(
      {"speakers",
       "Four speakers, mean signal-to-interference ratio (dB): after whitening every mix is "
       "the same but for a rotation, so that the mix does not matter",
       table});
}

} // namespace raphson::optim::tools
