// The matrix-free inverse of the empirical Fisher matrix against a dense one, its cost counted; M-FAC as a
// solver against its equations with a dense solve.
#include "catch.h"

#include "dsp/error.h"
#include "optim/engine/first_order.h"
#include "optim/engine/random.h"

#include <Eigen/Cholesky>
#include <Eigen/LU>

#include <cmath>
#include <deque>
#include <limits>

using namespace raphson::optim;

namespace {

RowMatrix random_rows(Eigen::Index m, Eigen::Index d, std::uint64_t seed = 1) {
  RandomStream random(seed, "rows");
  RowMatrix g(m, d);
  for (Eigen::Index i = 0; i < m; ++i)
    for (Eigen::Index j = 0; j < d; ++j) g(i, j) = random.normal();
  return g;
}

/// lambda I + (1/m) sum g g^T over these rows, inverted by Cholesky.
Matrix dense_inverse(const RowMatrix& g, double m, double lambda) {
  const auto d = g.cols();
  const Matrix f = lambda * Matrix::Identity(d, d) + g.transpose() * g / m;
  return f.llt().solve(Matrix::Identity(d, d));
}

} // namespace

TEST_CASE("The static inverse equals a dense Cholesky: products, entries, diagonal") {
  for (const auto& [m, d] :
       {std::pair(1, 5), std::pair(7, 30), std::pair(8, 30), std::pair(29, 60), std::pair(40, 12)})
    for (const double lambda : {1e-2, 1.0}) {
      const RowMatrix g = random_rows(m, d);
      const Matrix expected = dense_inverse(g, m, lambda);
      const InverseFisher inverse(g, lambda);
      const Matrix x = random_rows(d, 4, 2);
      CHECK((inverse.product(x) - expected * x).norm() < 1e-11 * (expected * x).norm());
      CHECK((inverse.product(Vector(x.col(0))) - expected * x.col(0)).norm() < 1e-11 * (expected * x).norm());
      CHECK((inverse.diagonal() - expected.diagonal()).norm() < 1e-11 * expected.norm());
      for (const auto& [p, q] : {std::pair(0, 0), std::pair(1, 3), std::pair(4, 2)})
        CHECK(std::abs(inverse.entry(p, q) - expected(p, q)) < 1e-11 * expected.norm());
      CHECK(std::abs(inverse.entry(1, 3)) > 1e-6 * expected.norm()); // it is no diagonal matrix
    }
}

// Relative errors grow like 1/lambda; one pass does it for all of them, without an iteration.
TEST_CASE("Products stay exact for small damping") {
  const RowMatrix g = random_rows(16, 60);
  const Vector x = random_rows(1, 60, 2).row(0).transpose();
  for (const auto& [lambda, tolerance] :
       {std::pair(1e-2, 1e-12), std::pair(1e-5, 1e-9), std::pair(1e-6, 1e-8)}) {
    const Vector expected = dense_inverse(g, 16, lambda) * x;
    CHECK((InverseFisher(g, lambda).product(x) - expected).norm() < tolerance * expected.norm());
    SlidingInverseFisher sliding(60, 16, lambda);
    for (Eigen::Index i = 0; i < 16; ++i) sliding.push(g.row(i).transpose());
    CHECK((sliding.product(x) - expected).norm() < tolerance * expected.norm());
  }
}

// The card's first experiment: d = 300, m = 32, lambda = 0.01, 100 pushes, at every push; the window is
// partially filled at first, and the divisor is its size all along.
TEST_CASE("The sliding inverse equals the static one and a dense Cholesky of the latest gradients") {
  const Eigen::Index d = 300, m = 32;
  const double lambda = 0.01;
  const RowMatrix g = random_rows(100, d);
  const Vector x = random_rows(1, d, 3).row(0).transpose();
  SlidingInverseFisher sliding(d, m, lambda);
  for (Eigen::Index k = 0; k < 100; ++k) {
    const auto before = sliding.work();
    sliding.push(g.row(k).transpose());
    Vector of_newest(d);
    sliding.product_of_newest(of_newest);
    CHECK(sliding.work().dot_products - before.dot_products <= m);
    CHECK(sliding.work().additions - before.additions <= m);
    if (k % 9 != 0 && k != 31 && k != 32) continue;
    RowMatrix latest = RowMatrix::Zero(m, d);
    const auto count = std::min(m, k + 1);
    latest.topRows(count) = g.middleRows(k + 1 - count, count);
    const Matrix expected = dense_inverse(latest, static_cast<double>(m), lambda);
    const InverseFisher fixed(latest, lambda);
    const auto close = [](const Vector& a, const Vector& b) { return (a - b).norm() < 1e-9 * b.norm(); };
    CHECK(close(sliding.product(x), expected * x));
    CHECK(close(fixed.product(x), expected * x));
    CHECK(close(of_newest, expected * g.row(k).transpose()));
    CHECK(close(sliding.diagonal(), expected.diagonal()));
    CHECK(close(fixed.diagonal(), expected.diagonal()));
    for (const auto& [p, q] : {std::pair(0, 0), std::pair(17, 299), std::pair(5, 3)})
      CHECK(std::abs(sliding.entry(p, q) - expected(p, q)) < 1e-9 * expected(p, p));
  }
  CHECK(sliding.filled() == m);
}

TEST_CASE("D + m I is the upper factor of the LU decomposition of K / lambda + m I") {
  const Eigen::Index m = 12;
  SlidingInverseFisher sliding(40, m, 0.1);
  const RowMatrix g = random_rows(20, 40);
  for (Eigen::Index k = 0; k < 20; ++k) sliding.push(g.row(k).transpose());
  const Matrix shift = static_cast<double>(m) * Matrix::Identity(m, m);
  Matrix u = sliding.gram() / 0.1 + shift;
  for (Eigen::Index i = 0; i < m; ++i)
    for (Eigen::Index k = i + 1; k < m; ++k) u.row(k) -= u(k, i) / u(i, i) * u.row(i);
  const Matrix upper = u.triangularView<Eigen::Upper>();
  CHECK((Matrix(sliding.d().triangularView<Eigen::Upper>()) + shift - upper).norm() < 1e-11 * upper.norm());
  // And v_j = sum_k B_jk g_k is F_{j-1}^-1 g_j.
  const RowMatrix v = sliding.b().triangularView<Eigen::Lower>() * sliding.gradients();
  const Matrix before = dense_inverse(sliding.gradients().topRows(6), static_cast<double>(m), 0.1);
  CHECK((v.row(6).transpose() - before * sliding.gradients().row(6).transpose()).norm()
        < 1e-11 * v.row(6).norm());
}

// d = 200,000 with m = 16 needs the 16 vectors (26 MB) and little beside; a d x d matrix would need 320 GB.
TEST_CASE("200,000 parameters: one pass each, as few vectors as the window has") {
  const Eigen::Index d = 200000, m = 16;
  RowMatrix g = random_rows(m, d);
  const Vector x = random_rows(1, d, 4).row(0).transpose();
  SlidingInverseFisher sliding(d, m, 1e-3);
  for (Eigen::Index k = 0; k < m; ++k) sliding.push(g.row(k).transpose());
  const Vector u = sliding.product(x);
  // F u = x, by F's definition.
  const Vector back = 1e-3 * u + g.transpose() * (g * u) / static_cast<double>(m);
  CHECK((back - x).norm() < 1e-8 * x.norm());
  const InverseFisher fixed(std::move(g), 1e-3);
  CHECK(fixed.construction_work().dot_products == m * (m + 1) / 2);
  CHECK(fixed.construction_work().additions == m * (m - 1) / 2);
  CHECK((fixed.product(x) - u).norm() < 1e-9 * u.norm());
  CHECK(sliding.work().dot_products
        == m * (m + 1) / 2 + m); // one with each gradient so far, and the product's
  CHECK(sliding.work().additions == m);
}

TEST_CASE("Blocks invert each block of F by itself, and the diagonal is the baseline's") {
  const RowMatrix g = random_rows(10, 50);
  const BlockInverseFisher blocks(g, 0.1, 16);
  Matrix f = 0.1 * Matrix::Identity(50, 50) + g.transpose() * g / 10;
  for (Eigen::Index i = 0; i < 50; ++i)
    for (Eigen::Index j = 0; j < 50; ++j)
      if (i / 16 != j / 16) f(i, j) = 0;
  const Matrix expected = f.inverse();
  const Vector x = random_rows(1, 50, 5).row(0).transpose();
  CHECK((blocks.product(x) - expected * x).norm() < 1e-11 * (expected * x).norm());
  CHECK((blocks.diagonal() - expected.diagonal()).norm() < 1e-11 * expected.norm());
  const Vector diagonal = diagonal_inverse_fisher(g, 0.1);
  for (Eigen::Index p = 0; p < 50; ++p) CHECK(diagonal[p] == Approx(1 / f(p, p)).epsilon(1e-13));
}

TEST_CASE("Bad input to the inverse Fisher matrix is named") {
  RowMatrix g = random_rows(3, 4);
  CHECK_THROWS_AS(InverseFisher(g, 0), raphson::InputError);
  CHECK_THROWS_AS(InverseFisher(g, -1), raphson::InputError);
  CHECK_THROWS_AS(InverseFisher(RowMatrix(0, 4), 1), raphson::InputError);
  CHECK_THROWS_AS(SlidingInverseFisher(4, 0, 1), raphson::InputError);
  CHECK_THROWS_AS(BlockInverseFisher(g, 1, 0), raphson::InputError);
  g(1, 2) = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(InverseFisher(g, 1), raphson::InputError);
  SlidingInverseFisher sliding(4, 2, 1);
  CHECK_THROWS_AS(sliding.push(g.row(1).transpose()), raphson::InputError);
  Vector u(4);
  CHECK_THROWS_AS(sliding.product_of_newest(u), raphson::InputError);
}

// g is pushed first, so that u = F^-1 g has g in F; the divisor is the window, also before it is full.
TEST_CASE("M-FAC follows its equations with a dense solve over 100 steps") {
  const Eigen::Index d = 20;
  const MFacSettings settings{.learning_rate = 0.05, .window = 8, .lambda = 0.1, .momentum = 0.8, .l2 = 0.03};
  MFacRule<double> rule(one_block(d), settings);
  const RowMatrix gradients = random_rows(100, d);
  Vector x = Vector::Ones(d), w = x, p = Vector::Zero(d);
  std::deque<Vector> window;
  for (Eigen::Index t = 0; t < 100; ++t) {
    const Vector raw = gradients.row(t).transpose(), g = raw + settings.l2 * w;
    window.push_back(g);
    if (window.size() > 8) window.pop_front();
    Matrix f = settings.lambda * Matrix::Identity(d, d);
    for (const Vector& each : window) f += each * each.transpose() / 8;
    p = 0.8 * p + 0.2 * f.ldlt().solve(g);
    w -= settings.learning_rate * p;
    rule.step({raw.data(), static_cast<std::size_t>(d)}, {x.data(), static_cast<std::size_t>(d)});
  }
  CHECK((x - w).lpNorm<Eigen::Infinity>() < 1e-11);
  CHECK((x - Vector::Ones(d)).norm() > 0.1);
}

TEST_CASE(
    "With one gradient and hardly any damping M-FAC steps by g / |g|^2: the rate is in units of the loss") {
  MFacRule<double> rule(one_block(3), {.learning_rate = 0.5, .window = 1, .lambda = 1e-5, .momentum = 0});
  const Vector g{{3.0, 0.0, -4.0}};
  Vector x = Vector::Zero(3);
  rule.step({g.data(), 3}, {x.data(), 3});
  CHECK((x + 0.5 * g / 25).norm() < 1e-6);
}

TEST_CASE("A step of M-FAC costs at most one product with the window and one combination of it") {
  const Eigen::Index d = 50, m = 6;
  MFacRule<double> rule(one_block(d), {.window = 6, .lambda = 0.1});
  const RowMatrix gradients = random_rows(30, d);
  Vector x = Vector::Zero(d);
  VectorWork before;
  for (Eigen::Index t = 0; t < 30; ++t) {
    const Vector g = gradients.row(t).transpose();
    rule.step({g.data(), static_cast<std::size_t>(d)}, {x.data(), static_cast<std::size_t>(d)});
    const VectorWork& after = rule.inverse_fisher().work();
    CHECK(after.dot_products - before.dot_products == std::min(m, t + 1));
    CHECK(after.additions - before.additions == std::min(m, t + 1));
    before = after;
  }
}
