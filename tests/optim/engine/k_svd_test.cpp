#include "optim/engine/k_svd.h"

#include "dsp/error.h"
#include "optim/engine/cosine_dictionary.h"
#include "optim/engine/random.h"
#include "tests/catch.h"

#include <Eigen/Eigenvalues>

using namespace raphson;
using namespace raphson::optim;
using Catch::Matchers::Contains;

namespace {

/// Signals of three atoms each, out of `atoms` random ones.
Matrix sparse_signals(const Matrix& d, Eigen::Index count) {
  RandomStream random(2, "K-SVD test");
  Matrix x = Matrix::Zero(d.cols(), count);
  for (auto column : x.colwise())
    for (int i = 0; i < 3; ++i) column[static_cast<Eigen::Index>(random.index(d.cols()))] = random.normal();
  return d * x;
}

Matrix random_atoms(Eigen::Index m, Eigen::Index n) {
  RandomStream random(1, "K-SVD test");
  Matrix d(m, n);
  for (double& entry : d.reshaped()) entry = random.normal();
  d.colwise().normalize();
  return d;
}

} // namespace

TEST_CASE("K-SVD finds the atoms that the signals were made of") {
  const Matrix d = random_atoms(20, 30), y = sparse_signals(d, 1500);
  const KSvd learnt = k_svd(y, {.atoms = 30, .nonzeros = 3, .iterations = 40, .threads = 2});
  const Vector closest = (d.transpose() * learnt.dictionary).cwiseAbs().rowwise().maxCoeff();
  CHECK((closest.array() > 0.99).count() >= 27);
  CHECK(learnt.errors.back() < 0.15);
  CHECK((learnt.dictionary.colwise().norm().array() - 1).abs().maxCoeff() < 1e-12);
  CHECK((y - learnt.dictionary * learnt.codes).norm() == Approx(learnt.errors.back() * y.norm()));
  CHECK(learnt.codes.nonZeros() <= 3 * 1500);
}

TEST_CASE("K-SVD: one atom of one iteration is the best rank-one fit") {
  const Matrix y = random_atoms(8, 40);
  const KSvd learnt = k_svd(y, {.atoms = 1, .nonzeros = 1, .iterations = 1});
  const double largest = Eigen::SelfAdjointEigenSolver<Matrix>(y * y.transpose()).eigenvalues()[7];
  CHECK(std::pow(learnt.errors[0] * y.norm(), 2) == Approx(y.squaredNorm() - largest).epsilon(1e-8));
}

TEST_CASE("K-SVD replaces an atom that nothing uses") {
  // Copies of two signals: chosen as first atoms, all but one of each are never used.
  Matrix y = Matrix::Zero(4, 20);
  y.row(0).head(10).setConstant(1);
  y.row(1).segment(10, 7).setConstant(1);
  y.block(1, 17, 2, 3).setConstant(2);
  const KSvd learnt = k_svd(y, {.atoms = 6, .nonzeros = 1, .iterations = 6});
  CHECK(learnt.errors.back() < 1e-10);
  CHECK_THROWS_WITH(k_svd(y, {.atoms = 21, .nonzeros = 1}), Contains("20 signals"));
  CHECK_THROWS_WITH(k_svd(y, {.atoms = 6, .nonzeros = 5}), Contains("1 to 4"));
}

TEST_CASE("Cosines: orthonormal where as many as samples, of zero mean beyond the first, tensor products") {
  const Matrix d = cosine_dictionary(8, 8), wide = cosine_dictionary(8, 11);
  CHECK((d.transpose() * d - Matrix::Identity(8, 8)).norm() < 1e-12);
  CHECK(wide.rightCols(10).colwise().sum().cwiseAbs().maxCoeff() < 1e-12);
  const Matrix square = cosine_dictionary(8, 8, 11, 11);
  CHECK(square.cols() == 121);
  CHECK((square.colwise().norm().array() - 1).abs().maxCoeff() < 1e-12);
  CHECK(square(3 * 8 + 5, 2 * 11 + 7) == Approx(wide(3, 2) * wide(5, 7)));
  CHECK_THROWS_AS(cosine_dictionary(8, 7), InputError);
}
