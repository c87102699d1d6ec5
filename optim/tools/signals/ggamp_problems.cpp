#include "optim/tools/signals/ggamp_problems.h"

#include "optim/data/clips.h"
#include "optim/engine/random.h"

#include <Eigen/QR>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace raphson::optim::tools {
namespace {

Matrix normal_matrix(Eigen::Index rows, Eigen::Index columns, RandomStream& random) {
  Matrix a(rows, columns);
  for (double& entry : a.reshaped()) entry = random.normal();
  return a;
}

/// Orthonormal columns, uniformly distributed up to signs.
Matrix orthonormal(Eigen::Index rows, Eigen::Index columns, RandomStream& random) {
  const Matrix a = normal_matrix(rows, columns, random);
  return Eigen::HouseholderQR<Matrix>(a).householderQ() * Matrix::Identity(rows, columns);
}

Matrix correlated_rows(Eigen::Index rows, Eigen::Index columns, RandomStream& random) {
  constexpr double coefficient = 0.9;
  Matrix a = normal_matrix(rows, columns, random);
  const double fresh = std::sqrt(1 - coefficient * coefficient);
  for (Eigen::Index j = 1; j < columns; ++j) a.col(j) = coefficient * a.col(j - 1) + fresh * a.col(j);
  return a;
}

std::vector<Eigen::Index> draw_without_replacement(Eigen::Index first, Eigen::Index end, Eigen::Index count,
                                                   RandomStream& random) {
  std::vector<Eigen::Index> all(static_cast<std::size_t>(end - first));
  std::iota(all.begin(), all.end(), first);
  random.shuffle(all);
  all.resize(static_cast<std::size_t>(count));
  std::sort(all.begin(), all.end());
  return all;
}

/// Adds noise so many dB below; its variance.
double add_noise(Eigen::Ref<Matrix> y, double snr_db, RandomStream& random) {
  const double variance = y.squaredNorm() / static_cast<double>(y.size()) * std::pow(10, -snr_db / 10);
  for (double& value : y.reshaped()) value += std::sqrt(variance) * random.normal();
  return variance;
}

} // namespace

const char* name_of(MatrixKind kind) {
  switch (kind) {
  case MatrixKind::independent:
    return "i.i.d.";
  case MatrixKind::low_rank:
    return "rank 0.9 M";
  case MatrixKind::correlated:
    return "AR(1) rows";
  case MatrixKind::ill_conditioned:
    return "ill-conditioned";
  case MatrixKind::mean_shifted:
    return "mean-shifted";
  }
  return "";
}

Matrix random_matrix(MatrixKind kind, Eigen::Index rows, Eigen::Index columns, std::uint64_t seed) {
  RandomStream random(seed, std::string("matrix ") + name_of(kind));
  switch (kind) {
  case MatrixKind::independent:
    break;
  case MatrixKind::low_rank: {
    const Eigen::Index rank = rows * 9 / 10;
    const Matrix left = normal_matrix(rows, rank, random);
    return left * normal_matrix(rank, columns, random);
  }
  case MatrixKind::correlated:
    return correlated_rows(rows, columns, random);
  case MatrixKind::ill_conditioned: {
    Vector singular(rows);
    for (Eigen::Index i = 0; i < rows; ++i)
      singular[i] = std::pow(0.01, static_cast<double>(i) / static_cast<double>(rows - 1));
    const Matrix left = orthonormal(rows, rows, random);
    return left * singular.asDiagonal() * orthonormal(columns, rows, random).transpose();
  }
  case MatrixKind::mean_shifted: {
    const Matrix a = normal_matrix(rows, columns, random);
    return (a.array() + 1) / std::sqrt(static_cast<double>(columns));
  }
  }
  return normal_matrix(rows, columns, random);
}

RecoveryProblem sparse_problem(MatrixKind kind, const SparseProblemShape& shape, std::uint64_t seed) {
  RecoveryProblem p;
  p.a = random_matrix(kind, shape.rows, shape.columns, seed);
  RandomStream random(seed, "sparse coefficients");
  p.support = draw_without_replacement(0, shape.columns, shape.nonzeros, random);
  p.x.setZero(shape.columns, shape.vectors);
  for (const Eigen::Index n : p.support)
    for (Eigen::Index t = 0; t < shape.vectors; ++t)
      p.x(n, t) = t == 0
                      ? random.normal()
                      : shape.beta * p.x(n, t - 1) + std::sqrt(1 - shape.beta * shape.beta) * random.normal();
  p.y = p.a * p.x;
  p.noise = add_noise(p.y, shape.snr_db, random);
  return p;
}

double nmse_db(const Matrix& estimate, const Matrix& truth) {
  return 10 * std::log10((estimate - truth).squaredNorm() / truth.squaredNorm());
}

std::size_t loudest_stretch(std::span<const double> signal, std::size_t count) {
  double energy = 0, most = 0;
  std::size_t best = 0;
  for (std::size_t i = 0; i < signal.size(); ++i) {
    energy += signal[i] * signal[i];
    if (i >= count) energy -= signal[i - count] * signal[i - count];
    if (i + 1 >= count && energy > most) {
      most = energy;
      best = i + 1 - count;
    }
  }
  return best;
}

SpeechProblem speech_problem(const std::string& speaker, int digit, std::uint64_t seed) {
  constexpr std::size_t samples = 500;
  constexpr Eigen::Index lags = 800, echoes = 14;
  data::SpokenDigits wanted{.speakers = {speaker}};
  if (digit >= 0) {
    wanted.digits = {digit};
    wanted.last_take = 0;
  }
  SpeechProblem p;
  for (const data::Clip& clip : data::spoken_digits(wanted))
    p.dry.insert(p.dry.end(), clip.samples.begin(), clip.samples.end());
  p.first = loudest_stretch(p.dry, samples);
  RandomStream random(seed, "speech taps");
  p.support = draw_without_replacement(1, lags, echoes, random);
  p.support.insert(p.support.begin(), 0);
  p.taps.setZero(lags);
  p.taps[0] = 1;
  for (const Eigen::Index lag : p.support)
    if (lag > 0)
      p.taps[lag] = (random.uniform() < 0.5 ? -0.7 : 0.7) * std::exp(-static_cast<double>(lag) / 700);
  Matrix y = ConvolutionOperator(p.dry, p.first, samples, lags).apply(p.taps);
  p.noise = add_noise(y, 40, random);
  p.y = y;
  return p;
}

} // namespace raphson::optim::tools
