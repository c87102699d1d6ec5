#include "optim/engine/variable_projection.h"

#include "catch.h"
#include "optim/engine/levenberg_marquardt.h"
#include "optim/engine/random.h"

#include <Eigen/QR>

#include <cmath>

using namespace raphson::optim;

namespace {

/// y = c0 + sum c_k exp(-theta_k t), in several pieces: D holds -t exp(-theta_k t).
class Exponentials : public SeparableProblem {
public:
  Exponentials(const Vector& t, const Vector& y, Eigen::Index terms) : t_(t), y_(y), terms_(terms) {}

  Eigen::Index linear() const override { return terms_ + 1; }
  Eigen::Index derivative_columns() const override { return terms_; }
  std::size_t pieces() const override { return 3; }
  void rows(std::size_t piece, const Vector& theta, bool derivatives, const AddRows& add) const override {
    const Eigen::Index each = t_.size() / 3, from = static_cast<Eigen::Index>(piece) * each;
    for (Eigen::Index at = from; at < from + each; at += each / 2)
      add(whole(theta, derivatives).middleRows(at, each / 2));
  }
  Matrix combination(const Vector&, const Vector& c) const override { return c.tail(terms_).asDiagonal(); }

  Matrix whole(const Vector& theta, bool derivatives) const {
    Matrix rows(t_.size(), linear() + (derivatives ? terms_ : 0) + 1);
    rows.col(0).setOnes();
    for (Eigen::Index k = 0; k < terms_; ++k) {
      rows.col(1 + k) = (-theta[k] * t_.array()).exp();
      if (derivatives) rows.col(linear() + k) = -t_.array() * rows.col(1 + k).array();
    }
    rows.col(rows.cols() - 1) = y_;
    return rows;
  }

private:
  Vector t_, y_;
  Eigen::Index terms_;
};

Exponentials noisy(double noise) {
  RandomStream random(5, "exponentials");
  const Vector t = Vector::LinSpaced(120, 0, 4);
  Vector y = 0.5 + 2 * (-0.7 * t.array()).exp() - 1.5 * (-3 * t.array()).exp();
  for (double& value : y) value += noise * random.normal();
  return {t, y, 2};
}

} // namespace

TEST_CASE("Variable projection is the least squares value, and its gradient is exact") {
  const Exponentials problem = noisy(0.05);
  const VariableProjection f(problem, 2);
  const Vector theta{{0.4, 1.7}};
  const Matrix rows = problem.whole(theta, false);
  const Vector c = rows.leftCols(3).colPivHouseholderQr().solve(rows.col(3));
  CHECK(f.value(theta) == Approx(0.5 * (rows.col(3) - rows.leftCols(3) * c).squaredNorm()).epsilon(1e-12));
  CHECK((f.coefficients(theta) - c).norm() < 1e-10 * c.norm());

  Vector gradient;
  Matrix jtj;
  CHECK(f.value_gradient_and_gauss_newton(theta, gradient, jtj) == Approx(f.value(theta)).epsilon(1e-12));
  for (Eigen::Index k = 0; k < 2; ++k) {
    const Vector step = Vector::Unit(2, k) * 1e-5;
    const double slope = (f.value(theta + step) - f.value(theta - step)) / 2e-5;
    CHECK(gradient[k] == Approx(slope).epsilon(1e-6));
  }
  CHECK((jtj - jtj.transpose()).norm() < 1e-14 * jtj.norm());
}

TEST_CASE("With Levenberg-Marquardt it recovers what made noiseless data") {
  const Exponentials problem = noisy(0);
  const VariableProjection f(problem);
  const auto result = minimise(f, Vector{{0.2, 1.0}}, LevenbergMarquardtOptions{.gradient_tolerance = 1e-15});
  CHECK(result.x[0] == Approx(0.7).epsilon(1e-6));
  CHECK(result.x[1] == Approx(3.0).epsilon(1e-6));
  const Vector c = f.coefficients(result.x);
  CHECK(c[0] == Approx(0.5).epsilon(1e-6));
  CHECK(c[1] == Approx(2.0).epsilon(1e-6));
  CHECK(c[2] == Approx(-1.5).epsilon(1e-6));
  CHECK(result.iterations < 30);
}
