// Sparse recovery problems whose truth is known: the matrices on which message passing without damping fails
// and those on which it does not, rows of X that follow each other, and taps on recorded speech.
#pragma once

#include "optim/engine/linear_operator.h"

#include <array>
#include <cstdint>
#include <string>

namespace raphson::optim::tools {

enum class MatrixKind { independent, low_rank, correlated, ill_conditioned, mean_shifted };
inline constexpr std::array all_matrix_kinds{MatrixKind::independent, MatrixKind::low_rank,
                                             MatrixKind::correlated, MatrixKind::ill_conditioned,
                                             MatrixKind::mean_shifted};
const char* name_of(MatrixKind kind);

/// independent      standard normal entries
/// low_rank         the product of two such factors of rank 0.9 M
/// correlated       rows that are AR(1) sequences with coefficient 0.9
/// ill_conditioned  singular values falling geometrically from 1 to 0.01
/// mean_shifted     variance 1/N and mean 1/sqrt(N)
Matrix random_matrix(MatrixKind kind, Eigen::Index rows, Eigen::Index columns, std::uint64_t seed);

struct RecoveryProblem {
  Matrix a, y;
  Matrix x; // the truth
  std::vector<Eigen::Index> support = {};
  double noise = 0; // variance
};

struct SparseProblemShape {
  Eigen::Index rows = 256, columns = 512, nonzeros = 40, vectors = 1;
  double beta = 0;    // of rows of x along the vectors
  double snr_db = 40; // of A x against the noise
};

RecoveryProblem sparse_problem(MatrixKind kind, const SparseProblemShape& shape, std::uint64_t seed);

/// |estimate - truth|^2 / |truth|^2 in dB.
double nmse_db(const Matrix& estimate, const Matrix& truth);

/// A stretch of speech through taps, with noise: lag 0 at 1 and taps +-0.7 e^(-lag / 700).
struct SpeechProblem {
  std::vector<double> dry; // the recording
  std::size_t first = 0;   // of the stretch in it
  Vector taps, y;
  std::vector<Eigen::Index> support = {};
  double noise = 0;

  ConvolutionOperator operator_of() const {
    return {dry, first, static_cast<std::size_t>(y.size()), static_cast<std::size_t>(taps.size())};
  }
};

/// The loudest 500 samples of what a speaker of the spoken digits (assets/data/fsdd) said: of the first time
/// of this digit, or of all (below 0).
SpeechProblem speech_problem(const std::string& speaker, int digit, std::uint64_t seed);

/// Where `count` samples with the most energy begin.
std::size_t loudest_stretch(std::span<const double> signal, std::size_t count);

} // namespace raphson::optim::tools
