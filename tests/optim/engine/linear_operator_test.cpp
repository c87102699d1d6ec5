#include "optim/engine/linear_operator.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/engine/random.h"

using namespace raphson;
using namespace raphson::optim;
using Catch::Matchers::Contains;

namespace {

Matrix random_matrix(Eigen::Index rows, Eigen::Index columns, const char* name) {
  RandomStream random(1, name);
  Matrix a(rows, columns);
  for (double& entry : a.reshaped()) entry = random.normal();
  return a;
}

/// Every product of an operator against that of the matrix, entry by entry.
void check_products(const LinearOperator& op, const Matrix& a) {
  const Matrix x = random_matrix(a.cols(), 3, "x"), v = random_matrix(a.cols(), 3, "v");
  const Matrix y = random_matrix(a.rows(), 3, "y"), u = random_matrix(a.rows(), 3, "u");
  const Matrix s = a.cwiseAbs2();
  const double tolerance = 1e-11 * s.sum();
  CHECK(op.rows() == a.rows());
  CHECK(op.cols() == a.cols());
  CHECK((op.apply(x) - a * x).norm() < tolerance);
  CHECK((op.apply_transposed(y) - a.transpose() * y).norm() < tolerance);
  Matrix ax, sv, aty, stu;
  op.apply_both(x, v, ax, sv);
  op.apply_both_transposed(y, u, aty, stu);
  CHECK((ax - a * x).norm() < tolerance);
  CHECK((sv - s * v).norm() < tolerance);
  CHECK((aty - a.transpose() * y).norm() < tolerance);
  CHECK((stu - s.transpose() * u).norm() < tolerance);
  CHECK((op.column_energies() - s.colwise().sum().transpose()).norm() < tolerance);
}

} // namespace

TEST_CASE("A dense operator's products are the matrix's, with squares kept and in blocks of columns") {
  const Matrix a = random_matrix(40, 90, "a"), large = random_matrix(600, 500, "large"); // blocks of 27
  check_products(DenseOperator(a), a);
  check_products(DenseOperator(large), large);
  CHECK(DenseOperator(a).multiplications() == 3600);
  CHECK_THROWS_WITH(DenseOperator(a).apply(Matrix::Zero(3, 1)), Contains("90"));
}

TEST_CASE("A convolution operator is the matrix of delayed copies, its history known") {
  std::vector<double> d(300);
  RandomStream random(1, "signal");
  for (double& value : d) value = random.normal();
  for (const std::size_t first : {0, 20, 200}) {
    Matrix a(60, 75);
    for (Eigen::Index m = 0; m < 60; ++m)
      for (Eigen::Index n = 0; n < 75; ++n) {
        const Eigen::Index at = static_cast<Eigen::Index>(first) + m - n;
        a(m, n) = at >= 0 ? d[static_cast<std::size_t>(at)] : 0;
      }
    const ConvolutionOperator op(d, first, 60, 75);
    check_products(op, a);
    CHECK(op.dense() == a);
    CHECK((op.column_energies()[70] == 0) == (first == 0)); // nothing of it reaches the stretch
  }
  CHECK_THROWS_WITH(ConvolutionOperator(d, 290, 20, 5), Contains("300"));
}

TEST_CASE("The squared norm of an operator is the largest eigenvalue of A^T A") {
  Matrix a = Matrix::Zero(4, 3);
  a(0, 0) = 3;
  a(1, 1) = -5;
  CHECK(squared_norm(DenseOperator(a)) == Approx(25));
}
