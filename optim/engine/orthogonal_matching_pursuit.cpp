#include "optim/engine/orthogonal_matching_pursuit.h"

#include "dsp/error.h"
#include "optim/engine/parallel.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace raphson::optim {
namespace {

using Eigen::Index;

constexpr Index block = 64; // columns a product

template <class Body> void for_blocks(Index columns, std::size_t threads, const Body& body) {
  const auto count = static_cast<std::size_t>((columns + block - 1) / block);
  parallel_for(count, threads, [&](std::size_t index, std::size_t) {
    const Index begin = static_cast<Index>(index) * block;
    body(begin, std::min(block, columns - begin));
  });
}

Matrix unit_vectors(Index n, Index begin, Index count) {
  Matrix e = Matrix::Zero(n, count);
  for (Index j = 0; j < count; ++j) e(begin + j, j) = 1;
  return e;
}

} // namespace

Matrix DenseDictionary::multiply(const Eigen::Ref<const Matrix>& coefficients) const {
  return d_ * coefficients;
}

Matrix DenseDictionary::multiply_transposed(const Eigen::Ref<const Matrix>& signals) const {
  return d_.transpose() * signals;
}

OrthogonalMatchingPursuit::OrthogonalMatchingPursuit(const Dictionary& dictionary)
    : dictionary_(dictionary), scale_(dictionary.atoms()) {
  const Index n = dictionary.atoms();
  if (n < 1 || dictionary.rows() < 1) throw InputError("matching pursuit: the dictionary is empty");
  for (Index begin = 0; begin < n; begin += block) {
    const Index count = std::min(block, n - begin);
    scale_.segment(begin, count) = dictionary.multiply(unit_vectors(n, begin, count)).colwise().norm();
  }
  if (!scale_.allFinite())
    throw InputError("matching pursuit: the dictionary holds values that are not finite");
  const double none = 1e-14 * scale_.maxCoeff();
  for (double& s : scale_) s = s > none ? 1 / s : 0;
}

Vector OrthogonalMatchingPursuit::gram_column(Index atom) const {
  const Matrix d = dictionary_.multiply(scale_[atom] * unit_vectors(dictionary_.atoms(), atom, 1));
  return dictionary_.multiply_transposed(d).col(0).cwiseProduct(scale_);
}

Matrix OrthogonalMatchingPursuit::gram() const {
  const Index n = dictionary_.atoms();
  Matrix result(n, n);
  for (Index begin = 0; begin < n; begin += block) {
    const Index count = std::min(block, n - begin);
    const Matrix d = dictionary_.multiply(scale_.asDiagonal() * unit_vectors(n, begin, count));
    result.middleCols(begin, count) = scale_.asDiagonal() * dictionary_.multiply_transposed(d);
  }
  return result;
}

/// Columns at unit norm throughout.
struct OrthogonalMatchingPursuit::Pursuit {
  const OrthogonalMatchingPursuit& owner;
  const Matrix* gram; // or null: each column when it is needed
  Eigen::Ref<const Vector> y;
  Vector start;       // D^T y
  Vector correlation; // D^T (y - D x)
  Index most;
  Matrix columns = {};  // Gram columns of the support
  Matrix factor = {};   // lower Cholesky factor of its Gram matrix
  Vector rotated = {};  // factor^-1 start_I; its squares sum up to |D_I x_I|^2
  Vector solution = {}; // x_I
  std::vector<Index> support = {};

  /// False where the atom depends on the support.
  bool append(Index atom) {
    const auto k = static_cast<Index>(support.size());
    if (k == columns.cols()) { // grows, since the limit is often far away
      const Index room = std::min(most, std::max<Index>(8, 2 * k));
      columns.conservativeResize(start.size(), room);
      factor.conservativeResize(room, room);
      rotated.conservativeResize(room);
    }
    if (gram)
      columns.col(k) = gram->col(atom);
    else
      columns.col(k) = owner.gram_column(atom);
    Vector w(k);
    for (Index i = 0; i < k; ++i) w[i] = columns(support[static_cast<std::size_t>(i)], k);
    const auto lower = factor.topLeftCorner(k, k).triangularView<Eigen::Lower>();
    lower.solveInPlace(w);
    const double left = columns(atom, k) - w.squaredNorm();
    if (!(left > 1e-14)) return false;
    factor.row(k).head(k) = w.transpose();
    factor(k, k) = std::sqrt(left);
    rotated[k] = (start[atom] - w.dot(rotated.head(k))) / factor(k, k);
    support.push_back(atom);
    return true;
  }

  void solve() {
    const auto k = static_cast<Index>(support.size());
    solution = rotated.head(k);
    factor.topLeftCorner(k, k).triangularView<Eigen::Lower>().transpose().solveInPlace(solution);
    correlation = start - columns.leftCols(k) * solution;
  }

  Vector coefficients() const {
    Vector x = Vector::Zero(start.size());
    for (std::size_t i = 0; i < support.size(); ++i)
      x[support[i]] = solution[static_cast<Index>(i)] * owner.scale_[support[i]];
    return x;
  }

  /// |y - D x|; by Pythagoras, except where that difference of squares has lost its digits.
  double residual() const {
    const double whole = y.squaredNorm();
    const double left = whole - rotated.head(static_cast<Index>(support.size())).squaredNorm();
    if (left > 1e-6 * whole) return std::sqrt(left);
    return (y - owner.dictionary_.multiply(coefficients()).col(0)).norm();
  }

  void run(double limit) {
    if (limit > 0 ? y.norm() <= limit : y.isZero(0)) return;
    while (static_cast<Index>(support.size()) < most) {
      Index atom = 0;
      const double best = correlation.cwiseAbs().maxCoeff(&atom);
      if (!(best > 0) || std::find(support.begin(), support.end(), atom) != support.end()) return;
      if (!append(atom)) return;
      solve();
      if (limit > 0 && residual() <= limit) return;
    }
  }
};

template <class Use>
void OrthogonalMatchingPursuit::pursue(const Eigen::Ref<const Matrix>& signals, const PursuitOptions& options,
                                       const Use& use) const {
  const Index m = dictionary_.rows(), n = dictionary_.atoms(), most = std::min(m, n);
  if (signals.rows() != m)
    throw InputError("matching pursuit: signals of " + std::to_string(signals.rows())
                     + " entries; the dictionary's atoms have " + std::to_string(m));
  if (options.nonzeros < 0 || options.nonzeros > most || !(options.residual >= 0))
    throw InputError("matching pursuit: " + std::to_string(options.nonzeros) + " atoms to a residual of "
                     + std::to_string(options.residual) + "; at most " + std::to_string(most)
                     + " atoms and no residual below 0 expected");
  if (!signals.allFinite()) throw InputError("matching pursuit: a signal holds a value that is not finite");
  const Index nonzeros = options.nonzeros == 0 ? most : options.nonzeros;
  const bool whole =
      static_cast<double>(signals.cols()) * static_cast<double>(nonzeros) > static_cast<double>(n)
      && n <= 8192;
  const Matrix all = whole ? gram() : Matrix();
  for_blocks(signals.cols(), options.threads, [&](Index begin, Index count) {
    const Matrix start =
        scale_.asDiagonal() * dictionary_.multiply_transposed(signals.middleCols(begin, count));
    for (Index i = 0; i < count; ++i) {
      Pursuit pursuit{*this,        whole ? &all : nullptr, signals.col(begin + i),
                      start.col(i), start.col(i),           nonzeros};
      pursuit.run(options.residual);
      use(begin + i, pursuit);
    }
  });
}

Matrix OrthogonalMatchingPursuit::residuals(const Eigen::Ref<const Matrix>& signals,
                                            const PursuitOptions& options) const {
  const Index steps =
      options.nonzeros == 0 ? std::min(dictionary_.rows(), dictionary_.atoms()) : options.nonzeros;
  Matrix result(steps, signals.cols());
  pursue(signals, options, [&](Index signal, const Pursuit& pursuit) {
    double left = pursuit.y.squaredNorm();
    for (Index k = 0; k < steps; ++k) {
      if (k < std::ssize(pursuit.support)) left -= pursuit.rotated[k] * pursuit.rotated[k];
      result(k, signal) = std::sqrt(std::max(left, 0.0));
    }
  });
  return result;
}

SparseMatrix OrthogonalMatchingPursuit::code(const Eigen::Ref<const Matrix>& signals,
                                             const PursuitOptions& options) const {
  std::vector<std::vector<std::pair<Index, double>>> codes(static_cast<std::size_t>(signals.cols()));
  pursue(signals, options, [&](Index signal, const Pursuit& pursuit) {
    auto& code = codes[static_cast<std::size_t>(signal)];
    for (std::size_t s = 0; s < pursuit.support.size(); ++s)
      code.emplace_back(pursuit.support[s],
                        pursuit.solution[static_cast<Index>(s)] * scale_[pursuit.support[s]]);
    std::sort(code.begin(), code.end());
  });
  SparseMatrix result(dictionary_.atoms(), signals.cols());
  Index total = 0;
  for (const auto& code : codes) total += static_cast<Index>(code.size());
  result.reserve(total);
  for (std::size_t c = 0; c < codes.size(); ++c) {
    result.startVec(static_cast<Index>(c));
    for (const auto& [row, value] : codes[c]) result.insertBack(row, static_cast<Index>(c)) = value;
  }
  result.finalize();
  return result;
}

double coding_error(const Dictionary& dictionary, const Eigen::Ref<const Matrix>& signals,
                    const SparseMatrix& codes) {
  double left = 0;
  for (Index begin = 0; begin < signals.cols(); begin += block) {
    const Index count = std::min(block, signals.cols() - begin);
    const Matrix x = codes.middleCols(begin, count);
    left += (signals.middleCols(begin, count) - dictionary.multiply(x)).squaredNorm();
  }
  return std::sqrt(left) / signals.norm();
}

} // namespace raphson::optim
