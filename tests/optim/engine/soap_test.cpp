// SOAP against the paper's equations written out, the paper's statements about it, and what it must not be:
// grafted Shampoo, an eigensolver at each refresh, moments that are rotated or forgotten. Shampoo beside it.
#include "catch.h"

#include "dsp/error.h"
#include "optim/engine/first_order.h"
#include "optim/engine/random.h"

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <Eigen/SVD>

#include <cmath>
#include <limits>

using namespace raphson::optim;

namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Matrix random_matrix(RandomStream& random, Eigen::Index rows, Eigen::Index columns) {
  Matrix matrix(rows, columns);
  for (Eigen::Index i = 0; i < rows; ++i)
    for (Eigen::Index j = 0; j < columns; ++j) matrix(i, j) = random.normal();
  return matrix;
}

/// A matrix through a rule that sees the flat vector, row by row.
struct Flat {
  explicit Flat(const Matrix& w) : values(w) {}
  void step(UpdateRule<double>& rule, const Matrix& gradient, double factor = 1) {
    const RowMajor g = gradient;
    rule.step({g.data(), static_cast<std::size_t>(g.size())},
              {values.data(), static_cast<std::size_t>(values.size())}, factor);
  }
  RowMajor values;
};

ParameterBlocks matrix_block(Eigen::Index rows, Eigen::Index columns) { return {{"w", 0, rows, columns}}; }

Matrix array_of(UpdateRule<double>& rule, const std::string& name, Eigen::Index rows, Eigen::Index columns) {
  for (const StateArray& array : rule.state())
    if (array.name == name)
      return Eigen::Map<RowMajor>(std::get<std::span<double>>(array.values).data(), rows, columns);
  return {};
}

Matrix full(const Matrix& lower) { return lower.selfadjointView<Eigen::Lower>(); }

/// Gram and Schmidt twice: an orthogonal factor that has nothing of Householder's.
Matrix orthonormal(Matrix a) {
  for (int pass = 0; pass < 2; ++pass)
    for (Eigen::Index j = 0; j < a.cols(); ++j) {
      for (Eigen::Index k = 0; k < j; ++k) a.col(j) -= a.col(k).dot(a.col(j)) * a.col(k);
      a.col(j).normalize();
    }
  return a;
}

/// Algorithm of the paper as printed, for one matrix and one vector.
struct PlainSoap {
  SoapSettings o = {};
  Matrix w = {}, l = {}, r = {}, ql = {}, qr = {}, m = {}, v = {};
  Vector bias = {}, bias_m = {}, bias_v = {};
  int t = 0;

  void step(const Matrix& g, const Vector& bias_g) {
    ++t;
    const double c1 = 1 - std::pow(o.beta1, t), c2 = 1 - std::pow(o.beta2, t);
    const Matrix rotated = ql.transpose() * g * qr;
    m = o.beta1 * m + (1 - o.beta1) * g;
    v = o.beta2 * v + (1 - o.beta2) * rotated.cwiseProduct(rotated);
    const Matrix rotated_m = ql.transpose() * m * qr;
    Matrix n(w.rows(), w.cols());
    for (Eigen::Index i = 0; i < w.rows(); ++i)
      for (Eigen::Index j = 0; j < w.cols(); ++j)
        n(i, j) = rotated_m(i, j) / c1 / (std::sqrt(second(i, j) / c2) + o.epsilon);
    w -= o.learning_rate * ql * n * qr.transpose();
    w -= o.learning_rate * o.decoupled_decay * w;
    for (Eigen::Index i = 0; i < bias.size(); ++i) {
      bias_m[i] = o.beta1 * bias_m[i] + (1 - o.beta1) * bias_g[i];
      bias_v[i] = o.beta2 * bias_v[i] + (1 - o.beta2) * bias_g[i] * bias_g[i];
      bias[i] -= o.learning_rate * (bias_m[i] / c1) / (std::sqrt(bias_v[i] / c2) + o.epsilon);
      bias[i] -= o.learning_rate * o.decoupled_decay * bias[i];
    }
    l = o.beta2 * l + (1 - o.beta2) * g * g.transpose();
    r = o.beta2 * r + (1 - o.beta2) * g.transpose() * g;
    if (t % o.refresh == 0) {
      refresh(l, ql, true);
      refresh(r, qr, false);
    }
  }

  double second(Eigen::Index i, Eigen::Index j) const {
    return o.factorised ? v.row(i).sum() * v.col(j).sum() / v.sum() : v(i, j);
  }

  void refresh(const Matrix& p, Matrix& q, bool rows) {
    const Vector e = (q.transpose() * p * q).diagonal();
    std::vector<Eigen::Index> order(e.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<Eigen::Index>(i);
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return e[a] > e[b]; });
    const Matrix old_q = q, old_v = v;
    for (std::size_t k = 0; k < order.size(); ++k) {
      q.col(k) = old_q.col(order[k]);
      if (rows)
        v.row(k) = old_v.row(order[k]);
      else
        v.col(k) = old_v.col(order[k]);
    }
    q = orthonormal(p * q);
  }
};

} // namespace

TEST_CASE("SOAP follows the paper's equations over 100 steps") {
  for (const bool factorised : {false, true}) {
    const SoapSettings settings{.learning_rate = 0.02,
                                .beta1 = 0.9,
                                .beta2 = 0.93,
                                .epsilon = 1e-4,
                                .decoupled_decay = 0.1,
                                .refresh = 7,
                                .factorised = factorised};
    const Eigen::Index rows = 6, columns = 9;
    SoapRule<double> rule({{"w", 0, rows, columns}, {"b", rows * columns, 1, columns}}, settings);
    RandomStream random(1, "soap");
    const Matrix mix_l = random_matrix(random, rows, rows), mix_r = random_matrix(random, columns, columns);
    const auto gradient = [&] { return Matrix(mix_l * random_matrix(random, rows, columns) * mix_r); };

    PlainSoap plain{.o = settings, .w = Matrix::Ones(rows, columns), .m = Matrix::Zero(rows, columns)};
    plain.v = plain.m;
    plain.bias = Vector::Ones(columns);
    plain.bias_m = plain.bias_v = Vector::Zero(columns);
    Vector x = Vector::Ones(rows * columns + columns);
    const auto step = [&](const Matrix& g, const Vector& bias_g) {
      Vector flat(x.size());
      flat << RowMajor(g).reshaped<Eigen::RowMajor>(), bias_g;
      rule.step({flat.data(), static_cast<std::size_t>(flat.size())},
                {x.data(), static_cast<std::size_t>(x.size())});
    };

    // The first basis is taken from the rule, as the null space of R has many, and is checked.
    const Matrix first = gradient();
    step(first, Vector::Ones(columns));
    CHECK(x == Vector::Ones(x.size()));
    plain.l = (1 - settings.beta2) * first * first.transpose();
    plain.r = (1 - settings.beta2) * first.transpose() * first;
    plain.ql = rule.left(0).basis;
    plain.qr = rule.right(0).basis;
    for (const auto& [p, q] : {std::pair(plain.l, plain.ql), std::pair(plain.r, plain.qr)}) {
      const Matrix diagonal = q.transpose() * p * q;
      CHECK((q.transpose() * q - Matrix::Identity(q.rows(), q.rows())).norm() < 1e-13);
      CHECK((diagonal - Matrix(diagonal.diagonal().asDiagonal())).norm() < 1e-12 * diagonal.norm());
      for (Eigen::Index i = 1; i < q.rows(); ++i)
        CHECK(diagonal(i, i) <= diagonal(i - 1, i - 1) + 1e-12 * diagonal.norm());
    }

    for (int t = 1; t <= 100; ++t) {
      const Matrix g = gradient();
      const Vector bias_g = random_matrix(random, columns, 1);
      step(g, bias_g);
      plain.step(g, bias_g);
    }
    const Eigen::Map<RowMajor> w(x.data(), rows, columns);
    CHECK((w - plain.w).lpNorm<Eigen::Infinity>() < 1e-10);
    CHECK((x.tail(columns) - plain.bias).lpNorm<Eigen::Infinity>() < 1e-13);
    CHECK((full(rule.left(0).covariance) - plain.l).norm() < 1e-12 * plain.l.norm());
    CHECK((w - Matrix::Ones(rows, columns)).norm() > 1);
  }
}

// Statement 1 (the paper's section on equivalence): Shampoo of power 1/2 on a fixed set of gradients is
// factorised Adafactor in the eigenbasis of L and R, rotated back.
TEST_CASE("Shampoo with power 1/2 is factorised Adafactor in its eigenbasis") {
  const Eigen::Index rows = 6, columns = 9, count = 40;
  RandomStream random(2, "set");
  std::vector<Matrix> set;
  Matrix l = Matrix::Zero(rows, rows), r = Matrix::Zero(columns, columns);
  for (Eigen::Index k = 0; k < count; ++k) {
    set.push_back(random_matrix(random, rows, columns));
    l += set.back() * set.back().transpose() / count;
    r += set.back().transpose() * set.back() / count;
  }
  const Eigen::SelfAdjointEigenSolver<Matrix> on_l(l), on_r(r);
  const Matrix &ql = on_l.eigenvectors(), &qr = on_r.eigenvectors();
  Vector a = Vector::Zero(rows), c = Vector::Zero(columns);
  for (const Matrix& g : set) {
    const Matrix squares = (ql.transpose() * g * qr).cwiseAbs2() / count;
    a += squares.rowwise().sum();
    c += squares.colwise().sum().transpose();
  }
  const Matrix &g = set.front(), rotated = ql.transpose() * g * qr;
  Matrix scaled = rotated;
  for (Eigen::Index i = 0; i < rows; ++i)
    for (Eigen::Index j = 0; j < columns; ++j) scaled(i, j) /= std::sqrt(a[i] * c[j] / a.sum());
  const Matrix adafactor = ql * scaled * qr.transpose();
  const Matrix shampoo = std::sqrt(l.trace()) * on_l.operatorInverseSqrt() * g * on_r.operatorInverseSqrt();
  CHECK((adafactor - shampoo).norm() < 1e-13 * shampoo.norm());
}

// Statement 2: G twice moves W by -alpha U S^T, with G = U Sigma S^T; so it is not grafted Shampoo, whose
// step has Adam's length, and the basis is not transposed, since neither factor of a non-square G is
// symmetric.
TEST_CASE("One gradient of full rank twice: SOAP's second call steps along the polar factor") {
  RandomStream random(3, "polar");
  for (const auto& [rows, columns] : {std::pair(5, 5), std::pair(4, 7), std::pair(8, 3)}) {
    const Matrix g = random_matrix(random, rows, columns), start = random_matrix(random, rows, columns);
    // epsilon is not 0: off the diagonal G' is rounding, and so is its root.
    SoapRule<double> rule(matrix_block(rows, columns), {.learning_rate = 0.5, .decoupled_decay = 0});
    Flat w(start);
    w.step(rule, g);
    CHECK(Matrix(w.values) == start); // bit for bit
    w.step(rule, g);
    const Eigen::JacobiSVD<Matrix> svd(g, Eigen::ComputeThinU | Eigen::ComputeThinV);
    const Matrix polar = svd.matrixU() * svd.matrixV().transpose();
    CHECK((w.values - (start - 0.5 * polar)).norm() < 1e-5);
  }
}

namespace {

/// Losses of W over 100 full-batch steps of multi-output regression on X rotation, from zero.
std::vector<double> losses(const RuleSettings& settings, const Matrix& x, const Matrix& y,
                           bool from_the_left) {
  Flat w(Matrix::Zero(from_the_left ? y.cols() : x.cols(), from_the_left ? x.cols() : y.cols()));
  const auto rule = make_rule<double>(settings, matrix_block(w.values.rows(), w.values.cols()));
  std::vector<double> result;
  const auto n = static_cast<double>(x.rows());
  for (int t = 0; t < 100; ++t) {
    const Matrix weights = from_the_left ? Matrix(w.values.transpose()) : Matrix(w.values);
    const Matrix error = x * weights - y;
    result.push_back(error.squaredNorm() / n);
    const Matrix gradient = 2 * x.transpose() * error / n;
    w.step(*rule, from_the_left ? Matrix(gradient.transpose()) : gradient);
  }
  return result;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

} // namespace

// Statement 3: rotating the inputs rotates W's rows and nothing else, and so from the other side, on W that
// is not square. L and R have full rank, or their null spaces' bases would show.
TEST_CASE("SOAP does not see a rotation of the inputs; Adam does") {
  RandomStream random(4, "equivariance");
  const Matrix x = random_matrix(random, 40, 3), y = 3 * random_matrix(random, 40, 3);
  const Matrix rotation = random_matrix(random, 3, 3).householderQr().householderQ();
  for (const bool from_the_left : {false, true}) {
    for (const int refresh : {1, 10}) {
      const SoapSettings soap{.learning_rate = 0.1, .decoupled_decay = 0, .refresh = refresh};
      CHECK(
          largest_difference(losses(soap, x, y, from_the_left), losses(soap, x * rotation, y, from_the_left))
          < 1e-6);
    }
    const AdamSettings adam{.learning_rate = 0.1};
    CHECK(largest_difference(losses(adam, x, y, from_the_left), losses(adam, x * rotation, y, from_the_left))
          > 1e-2);
  }
}

// The same on a W that is not square, on the shorter side: on the longer one the first gradient has a null
// space, whose basis rounding chooses.
TEST_CASE("SOAP on rotated gradients takes the rotated way, on matrices that are not square") {
  RandomStream random(5, "rotated");
  const Matrix u = random_matrix(random, 4, 4).householderQr().householderQ();
  for (const bool rotate_rows : {true, false}) {
    const auto rotated = [&](const Matrix& g) {
      return rotate_rows ? Matrix(u.transpose() * g) : Matrix(g * u);
    };
    const Eigen::Index rows = rotate_rows ? 4 : 7, columns = rotate_rows ? 7 : 4;
    const SoapSettings settings{.learning_rate = 0.1, .decoupled_decay = 0, .refresh = 3, .one_sided = true};
    SoapRule<double> rule(matrix_block(rows, columns), settings),
        other(matrix_block(rows, columns), settings);
    Flat w(Matrix::Zero(rows, columns)), v(Matrix::Zero(rows, columns));
    for (int t = 0; t < 50; ++t) {
      const Matrix g = random_matrix(random, rows, columns);
      w.step(rule, g);
      v.step(other, rotated(g));
    }
    CHECK((rotated(w.values) - v.values).norm() < 1e-8 * w.values.norm());
  }
}

TEST_CASE("SOAP that rotates nothing is Adam, one call late") {
  RandomStream random(6, "late");
  SoapRule<double> soap(matrix_block(4, 6), {.learning_rate = 0.1, .refresh = 2, .max_precond_dim = 0});
  AdamRule<double> adam(one_block(24),
                        {.learning_rate = 0.1, .beta1 = 0.95, .beta2 = 0.95, .decoupled_decay = 0.01});
  Flat w(Matrix::Ones(4, 6)), x(Matrix::Ones(4, 6));
  w.step(soap, random_matrix(random, 4, 6));
  for (int t = 0; t < 30; ++t) {
    const Matrix g = random_matrix(random, 4, 6);
    w.step(soap, g);
    x.step(adam, g);
  }
  CHECK(w.values == x.values);
  CHECK(soap.statistics().qr_calls == 0);
  CHECK(soap.statistics().eigensolver_calls == 0);
  CHECK(soap.state_bytes() < 8 * (2 * 24 + 8)); // no covariance is stored
}

// V is kept and only its rows and columns change places; M is the mean of the gradients as they come.
TEST_CASE("A refresh permutes V and leaves M") {
  const Eigen::Index rows = 5, columns = 8;
  const SoapSettings settings{.refresh = 6};
  SoapRule<double> rule(matrix_block(rows, columns), settings);
  RandomStream random(7, "refresh");
  Flat w(Matrix::Zero(rows, columns));
  Matrix mean = Matrix::Zero(rows, columns), before, kept_v;
  int permuted = 0;
  for (int t = 0; t <= 60; ++t) {
    Matrix g = random_matrix(random, rows, columns);
    g.row(t / 12 % rows) *= 10; // so that the order changes
    const Matrix ql = rule.left(0).basis, qr = rule.right(0).basis;
    before = array_of(rule, "square", rows, columns);
    w.step(rule, g);
    const Matrix v = array_of(rule, "square", rows, columns);
    if (t == 0) continue;
    mean = settings.beta1 * mean + (1 - settings.beta1) * g;
    CHECK((array_of(rule, "mean", rows, columns) - mean).norm() <= 1e-14 * mean.norm());
    const Matrix updated =
        settings.beta2 * before + (1 - settings.beta2) * (ql.transpose() * g * qr).cwiseAbs2();
    if (t % settings.refresh != 0) {
      CHECK((v - updated).norm() < 1e-13 * v.norm());
      CHECK(rule.left(0).basis == ql);
      continue;
    }
    CHECK(rule.left(0).basis != ql);
    // Orders from the test's own Rayleigh quotients.
    const auto order_of = [](const Matrix& p, const Matrix& q) {
      const Vector e = (q.transpose() * p * q).diagonal();
      std::vector<Eigen::Index> order(e.size());
      for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<Eigen::Index>(i);
      std::sort(order.begin(), order.end(), [&](auto a, auto b) { return e[a] > e[b]; });
      return order;
    };
    const auto on_rows = order_of(full(rule.left(0).covariance), ql),
               on_columns = order_of(full(rule.right(0).covariance), qr);
    CHECK((v - updated(on_rows, on_columns)).norm() < 1e-13 * v.norm());
    permuted += !std::is_sorted(on_rows.begin(), on_rows.end());
    const Matrix& q = rule.left(0).basis;
    CHECK((q.transpose() * q - Matrix::Identity(rows, rows)).norm() < 1e-13);
    // One power iteration: the first column is L q_1, normalised.
    const Vector first = full(rule.left(0).covariance) * ql.col(on_rows[0]);
    CHECK(std::abs(q.col(0).dot(first.normalized())) == Approx(1).epsilon(1e-12));
  }
  CHECK(permuted > 2);
}

TEST_CASE("After the first call only QR runs, once a side and refresh, unless an eigensolver is asked for") {
  RandomStream random(8, "count");
  const auto run = [&](SoapSettings::Basis basis, bool one_sided) {
    SoapRule<double> rule({{"a", 0, 3, 5}, {"bias", 15, 1, 5}, {"b", 20, 5, 2}},
                          {.refresh = 4, .one_sided = one_sided, .basis = basis});
    Vector x = Vector::Zero(30);
    for (int call = 0; call < 1 + 20; ++call) {
      const Vector g = random_matrix(random, 30, 1);
      rule.step({g.data(), 30}, {x.data(), 30});
    }
    return rule.statistics();
  };
  const auto qr = run(SoapSettings::Basis::qr, false);
  CHECK(qr.eigensolver_calls == 4);
  CHECK(qr.qr_calls == 5 * 4);
  CHECK(qr.failures == 0);
  CHECK(run(SoapSettings::Basis::qr, true).qr_calls == 5 * 2);
  const auto eigh = run(SoapSettings::Basis::eigh, false);
  CHECK(eigh.eigensolver_calls == 4 + 5 * 4);
  CHECK(eigh.qr_calls == 0);
}

// With beta1 = 0 and one gradient after a long silence the entries of N' are 1 / sqrt(1 - beta2): Adam's
// length, which Shampoo's step grafted onto a norm does not have.
TEST_CASE("SOAP's steps are Adam's in the basis, up to 1 / sqrt(1 - beta2) long") {
  const Eigen::Index n = 4;
  SoapRule<double> rule(
      matrix_block(n, n),
      {.learning_rate = 1, .beta1 = 0, .beta2 = 0.99, .decoupled_decay = 0, .refresh = 1000000});
  RandomStream random(9, "silence");
  const Matrix g = random_matrix(random, n, n);
  Flat w(Matrix::Zero(n, n));
  w.step(rule, g);
  for (int t = 0; t < 2000; ++t) w.step(rule, Matrix::Zero(n, n));
  const Matrix before = w.values;
  w.step(rule, g);
  const Matrix step = rule.left(0).basis.transpose() * (w.values - before) * rule.right(0).basis;
  CHECK(step.cwiseAbs().maxCoeff() == Approx(10).epsilon(1e-3));
}

TEST_CASE("Rows without a gradient, covariances that overflow, and gradients of zero do no harm") {
  RandomStream random(10, "edges");
  for (const auto basis : {SoapSettings::Basis::qr, SoapSettings::Basis::eigh})
    for (const bool factorised : {false, true}) {
      SoapRule<double> rule(matrix_block(4, 3),
                            {.decoupled_decay = 0, .refresh = 2, .factorised = factorised, .basis = basis});
      Flat w(Matrix::Ones(4, 3));
      for (int t = 0; t < 20; ++t) {
        Matrix g = t < 5 ? Matrix(Matrix::Zero(4, 3)) : random_matrix(random, 4, 3);
        g.row(2).setZero();
        w.step(rule, g);
      }
      CHECK(w.values.allFinite());
      CHECK((w.values.row(2).array() - 1).abs().maxCoeff() < 1e-9);
      CHECK(rule.statistics().failures == 0);
    }
  SoapRule<double> rule(matrix_block(4, 3), {.refresh = 1});
  Flat w(Matrix::Ones(4, 3));
  const Matrix huge = 1e200 * random_matrix(random, 4, 3); // squares overflow: no basis can be had
  w.step(rule, huge);
  w.step(rule, 1e-200 * huge);
  CHECK(rule.statistics().failures == 4); // two sides, two calls
  CHECK(rule.left(0).basis == Matrix::Identity(4, 4));
  CHECK(w.values.allFinite());
}

// Shampoo with sqrt(tr L): from one gradient the polar factor again, up to its damping; grafted, Adam's
// length.
TEST_CASE("Shampoo's step is the polar factor by trace, and has Adam's length when grafted") {
  RandomStream random(11, "shampoo");
  const Matrix g = random_matrix(random, 5, 5);
  const double size = g.norm();
  ShampooRule<double> by_trace(matrix_block(5, 5),
                               {.learning_rate = 1, .damping = 0, .scale = ShampooSettings::Scale::trace});
  Flat w(Matrix::Zero(5, 5));
  w.step(by_trace, g);
  const Eigen::JacobiSVD<Matrix> svd(g, Eigen::ComputeThinU | Eigen::ComputeThinV);
  const Matrix inverse =
      svd.matrixU() * svd.singularValues().cwiseInverse().asDiagonal() * svd.matrixV().transpose();
  CHECK((w.values + size * inverse).norm() < 1e-10 * size * inverse.norm());
  ShampooRule<double> grafted(matrix_block(5, 5), {.learning_rate = 1});
  Flat x(Matrix::Zero(5, 5));
  x.step(grafted, g);
  CHECK(x.values.norm() == Approx(5).epsilon(1e-6)); // 25 entries of size 1
  CHECK(grafted.eigensolver_calls() == 2);
}

TEST_CASE("Neither rule learns from rows that do not exist: vectors take Adam's step in Shampoo, too") {
  RandomStream random(12, "vector");
  ShampooRule<double> shampoo(one_block(6), {.learning_rate = 0.1});
  AdamRule<double> adam(one_block(6), {.learning_rate = 0.1, .beta1 = 0.95, .beta2 = 0.95});
  Flat w(Matrix::Ones(1, 6)), x(Matrix::Ones(1, 6));
  for (int t = 0; t < 20; ++t) {
    const Matrix g = random_matrix(random, 1, 6);
    w.step(shampoo, g);
    x.step(adam, g);
  }
  CHECK(w.values == x.values);
}
