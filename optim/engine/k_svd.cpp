#include "optim/engine/k_svd.h"

#include "dsp/error.h"
#include "optim/engine/random.h"

#include <string>

namespace raphson::optim {
namespace {

using Eigen::Index;

/// Random signals that are not zero, at unit norm.
Matrix first_atoms(const Matrix& signals, Index atoms, std::uint64_t seed) {
  std::vector<Index> order;
  for (Index c = 0; c < signals.cols(); ++c)
    if (signals.col(c).squaredNorm() > 0) order.push_back(c);
  if (std::ssize(order) < atoms)
    throw InputError("K-SVD: " + std::to_string(order.size()) + " signals that are not zero for "
                     + std::to_string(atoms) + " atoms; at least as many expected");
  RandomStream(seed, "K-SVD atoms").shuffle(order);
  order.resize(static_cast<std::size_t>(atoms));
  Matrix d = signals(Eigen::all, order);
  d.colwise().normalize();
  return d;
}

/// An entry of X in the list of its row.
struct Use {
  Index signal;
  double* value;
};

std::vector<std::vector<Use>> uses_of_atoms(SparseMatrix& codes) {
  std::vector<std::vector<Use>> uses(static_cast<std::size_t>(codes.rows()));
  for (Index c = 0; c < codes.cols(); ++c)
    for (SparseMatrix::InnerIterator entry(codes, c); entry; ++entry)
      uses[static_cast<std::size_t>(entry.row())].push_back({c, &entry.valueRef()});
  return uses;
}

/// The best rank-one fit d x^T by alternating least squares from d, which is power iteration: the error never
/// rises on the way, however few steps it takes.
Vector rank_one(const Matrix& e, Eigen::Ref<Vector> d) {
  Vector x = e.transpose() * d;
  for (int step = 0; step < 50; ++step) {
    const Vector next = e * x;
    const double norm = next.norm();
    if (!(norm > 0)) break;
    const double moved = (next / norm - d).norm();
    d = next / norm;
    x.noalias() = e.transpose() * d;
    if (moved < 1e-6) break;
  }
  return x;
}

void update_atoms(Matrix& d, SparseMatrix& codes, Matrix& residual) {
  const auto all = uses_of_atoms(codes);
  for (Index j = 0; j < d.cols(); ++j) {
    const auto& uses = all[static_cast<std::size_t>(j)];
    if (uses.empty()) {
      Index worst = 0;
      const double norm = residual.colwise().norm().maxCoeff(&worst);
      if (!(norm > 0)) continue;
      d.col(j) = (residual.col(worst) + d * Vector(codes.col(worst))).normalized(); // the signal itself
      residual.col(worst).setZero(); // so that the next unused atom takes another
      continue;
    }
    Matrix e(d.rows(), std::ssize(uses));
    for (Index i = 0; i < e.cols(); ++i) {
      const Use& use = uses[static_cast<std::size_t>(i)];
      e.col(i) = residual.col(use.signal) + *use.value * d.col(j);
    }
    const Vector x = rank_one(e, d.col(j));
    for (Index i = 0; i < e.cols(); ++i) {
      const Use& use = uses[static_cast<std::size_t>(i)];
      *use.value = x[i];
      residual.col(use.signal) = e.col(i) - x[i] * d.col(j);
    }
  }
}

} // namespace

KSvd k_svd(const Matrix& signals, const KSvdOptions& options) {
  if (!signals.allFinite()) throw InputError("K-SVD: a signal holds a value that is not finite");
  if (options.nonzeros < 1 || options.nonzeros > std::min(signals.rows(), options.atoms))
    throw InputError("K-SVD: " + std::to_string(options.nonzeros) + " nonzeros a signal; 1 to "
                     + std::to_string(std::min(signals.rows(), options.atoms)) + " expected");
  KSvd result{first_atoms(signals, options.atoms, options.seed), {}, {}};
  for (int iteration = 0; iteration < options.iterations; ++iteration) {
    if (options.progress) options.progress(iteration);
    const DenseDictionary dictionary(result.dictionary);
    result.codes = OrthogonalMatchingPursuit(dictionary)
                       .code(signals, {.nonzeros = options.nonzeros, .threads = options.threads});
    Matrix residual = signals - result.dictionary * result.codes;
    update_atoms(result.dictionary, result.codes, residual);
    result.errors.push_back((signals - result.dictionary * result.codes).norm() / signals.norm());
  }
  return result;
}

} // namespace raphson::optim
