#include "optim/tools/signals/lp_dictionary.h"

#include "dsp/error.h"
#include "optim/autodiff/kernels/product.h"
#include "optim/engine/parallel.h"
#include "optim/engine/random.h"
#include "optim/engine/svd.h"
#include "optim/engine/symmetric_eigen.h"

#include <Eigen/QR>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Blocks stay in the cache. Each lane sums up its own blocks, so that sums are the same with any threads.
constexpr std::size_t lanes = 8;
Index block_columns(Index n) { return std::max<Index>(64, 32768 / n); }

/// body(lane, block with the mean taken off).
template <class Body>
void for_blocks(const ColumnSource& y, const Vector& mean, std::size_t threads, const Body& body) {
  const Index width = block_columns(y.rows);
  parallel_for(lanes, threads, [&](std::size_t lane, std::size_t) {
    Matrix block;
    for (Index begin = static_cast<Index>(lane) * width; begin < y.columns;
         begin += static_cast<Index>(lanes) * width) {
      block.resize(y.rows, std::min(width, y.columns - begin));
      y.read(begin, block);
      if (mean.size() > 0) block.colwise() -= mean;
      body(lane, block);
    }
  });
}

Vector mean_column(const ColumnSource& y, std::size_t threads) {
  std::array<Vector, lanes> sums;
  sums.fill(Vector::Zero(y.rows));
  for_blocks(y, {}, threads,
             [&](std::size_t lane, const Matrix& block) { sums[lane] += block.rowwise().sum(); });
  return std::accumulate(sums.begin() + 1, sums.end(), sums[0]) / static_cast<double>(y.columns);
}

/// Y Y^T / r.
Matrix second_moments(const ColumnSource& y, const Vector& mean, std::size_t threads) {
  std::array<Matrix, lanes> sums;
  sums.fill(Matrix::Zero(y.rows, y.rows));
  for_blocks(y, mean, threads, [&](std::size_t lane, const Matrix& block) {
    sums[lane].selfadjointView<Eigen::Lower>().rankUpdate(block);
  });
  for (std::size_t lane = 1; lane < lanes; ++lane) sums[0] += sums[lane];
  return Matrix(sums[0].selfadjointView<Eigen::Lower>()) / static_cast<double>(y.columns);
}

/// |z|^(p-1) sign z, entry by entry.
void stretch(const RowMatrix& z, double p, RowMatrix& out) {
  const auto a = z.array();
  if (p == 3)
    out = a.abs() * a;
  else if (p == 4)
    out = a.square() * a;
  else if (p == 5)
    out = a.square() * a * a.abs();
  else if (p == 6)
    out = a.square().square() * a;
  else
    out = a.sign() * a.abs().pow(p - 1);
}

/// W, and W^-1 on the data's space; `scale` brings W Y to unit RMS.
struct Whitening {
  Matrix forward, back;
  double scale = 1;
};

Whitening whitening_of(const Matrix& c, Index atoms, bool orthogonal) {
  const Index n = c.rows();
  if (orthogonal)
    return {Matrix::Identity(n, n), Matrix::Identity(n, n), std::sqrt(static_cast<double>(n) / c.trace())};
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(c);
  const Vector& values = eigen.eigenvalues();
  const Index rank = (values.array() > 1e-10 * values[n - 1]).count();
  if (atoms > rank)
    throw InputError("the data have rank " + std::to_string(rank) + " of " + std::to_string(n) + ": "
                     + std::to_string(atoms) + " atoms cannot be told apart; --atoms " + std::to_string(rank)
                     + " or fewer, or data without rows that follow from the others");
  const Vector root = values.tail(rank).cwiseSqrt();
  const auto vectors = eigen.eigenvectors().rightCols(rank);
  return {vectors * root.cwiseInverse().asDiagonal() * vectors.transpose(),
          vectors * root.asDiagonal() * vectors.transpose(), 1};
}

void check(const ColumnSource& y, const LpOptions& options) {
  if (!(options.p > 2 && options.p <= 20)) // beyond it the powers leave only the largest entries
    throw InputError("--p, the exponent of the norm: a number above 2, at most 20, expected; 3 is best");
  if (y.rows < 2) throw InputError("the data have one row: at least two expected");
  if (y.columns < y.rows)
    throw InputError(std::to_string(y.columns) + " columns of data for " + std::to_string(y.rows)
                     + " rows: at least as many columns as rows expected, 20 times as many are good");
  if (options.atoms < 0 || options.atoms > y.rows)
    throw InputError("--atoms " + std::to_string(options.atoms) + ": 1 to " + std::to_string(y.rows)
                     + " (the rows of the data) expected");
  if (options.restarts < 1 || options.maximum_iterations < 1)
    throw InputError("at least one start and one iteration expected");
}

Matrix random_rotation(Index k, Index n, RandomStream& random) {
  Matrix gaussian(n, n);
  for (double& entry : gaussian.reshaped()) entry = random.normal();
  return Matrix(Eigen::HouseholderQR<Matrix>(gaussian).householderQ()).topRows(k);
}

/// One start, to the end.
struct Climb {
  Matrix a;
  std::vector<double> objective = {};
  int iterations = 0;
  bool converged = false, unique = true;

  void run(const ColumnSource& y, const Vector& mean, const Whitening& whitening, const LpOptions& options,
           int start) {
    const Matrix w = whitening.scale * whitening.forward;
    while (true) {
      if (options.progress) options.progress(start, iterations);
      const LpGradient gradient = lp_gradient(y, mean, a * w, options.p, options.threads);
      objective.push_back(gradient.value);
      if (converged || iterations == options.maximum_iterations) return;
      PolarFactor next = polar_factor(gradient.product * w);
      unique = unique && next.unique;
      converged = (next.factor - a).norm() < options.tolerance * static_cast<double>(a.cols());
      a = std::move(next.factor);
      ++iterations;
    }
  }
};

/// Rows of A in the order of their coefficients' energy times the atom's norm, atoms with their largest entry
/// positive.
Matrix in_order(const Matrix& a, const Whitening& w, const Matrix& c) {
  const Matrix atoms = w.back * a.transpose(), analysis = a * w.forward;
  const Vector weight =
      (analysis * c * analysis.transpose()).diagonal().cwiseProduct(atoms.colwise().norm().transpose());
  std::vector<Index> order(static_cast<std::size_t>(a.rows()));
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index i, Index j) { return weight[i] > weight[j]; });
  Matrix result = a(order, Eigen::all);
  for (Index i = 0; i < result.rows(); ++i) {
    Index largest = 0;
    const auto atom = atoms.col(order[static_cast<std::size_t>(i)]);
    atom.cwiseAbs().maxCoeff(&largest);
    if (atom[largest] < 0) result.row(i) *= -1;
  }
  return result;
}

} // namespace

ColumnSource columns_of(const Matrix& y) {
  return {y.rows(), y.cols(),
          [&y](Index begin, Eigen::Ref<Matrix> block) { block = y.middleCols(begin, block.cols()); }};
}

LpGradient lp_gradient(const ColumnSource& y, const Vector& mean, const Matrix& b, double p,
                       std::size_t threads) {
  const Index k = b.rows(), n = y.rows;
  struct Lane {
    double value = 0;
    RowMatrix product, z, stretched;
  };
  std::array<Lane, lanes> all;
  for (Lane& lane : all) lane.product.setZero(k, n);
  for_blocks(y, mean, threads, [&](std::size_t index, const Matrix& block) {
    Lane& lane = all[index];
    const Index width = block.cols();
    lane.z.resize(k, width);
    product<double>(k, width, n, {b.data(), 1, k}, {block.data(), 1, n}, lane.z.data(), width,
                    Store::overwrite);
    stretch(lane.z, p, lane.stretched);
    lane.value += lane.z.cwiseProduct(lane.stretched).sum();
    product<double>(k, n, width, row_major(lane.stretched.data(), width), {block.data(), n, 1},
                    lane.product.data(), n, Store::add);
  });
  for (std::size_t lane = 1; lane < lanes; ++lane) {
    all[0].value += all[lane].value;
    all[0].product += all[lane].product;
  }
  const auto r = static_cast<double>(y.columns);
  return {all[0].value / r, all[0].product / r};
}

LpDictionary learn_lp_dictionary(const ColumnSource& y, const LpOptions& options) {
  check(y, options);
  const Index n = y.rows, k = options.atoms == 0 ? n : options.atoms;
  LpDictionary result;
  if (options.centre) result.mean = mean_column(y, options.threads);
  const Matrix c = second_moments(y, result.mean, options.threads);
  if (!c.allFinite())
    throw InputError("the data hold values that are not finite, or too large to be squared");
  if (!(c.trace() > 0)) throw InputError("the data are zero throughout");
  const Whitening w = whitening_of(c, k, options.orthogonal);
  RandomStream random(options.seed, "rotations");
  for (int start = 0; start < options.restarts; ++start) {
    Climb climb{random_rotation(k, n, random)};
    climb.run(y, result.mean, w, options, start);
    result.values.push_back(climb.objective.back());
    if (start > 0 && !(climb.objective.back() > result.objective.back())) continue;
    result.rotation = climb.a;
    result.objective = std::move(climb.objective);
    result.iterations = climb.iterations;
    result.converged = climb.converged;
    result.unique = climb.unique;
  }
  result.rotation = in_order(result.rotation, w, c);
  result.whitening = w.forward;
  result.analysis = result.rotation * w.forward;
  result.dictionary = w.back * result.rotation.transpose();
  if (result.mean.size() == 0) result.mean = Vector::Zero(n);
  return result;
}

double recovery_error(const Matrix& a, const Matrix& d) {
  return 1 - (a * d).array().square().square().sum() / static_cast<double>(d.cols());
}

Vector interference_ratios_db(const Matrix& global) {
  const Matrix power = global.cwiseAbs2();
  const Vector most = power.rowwise().maxCoeff();
  return 10 * (most.array() / (power.rowwise().sum() - most).array()).log10();
}

} // namespace raphson::optim::tools
