// Products of matrices against Eigen's, every copy of the kernel, whole tiles and their edges.
#include "optim/autodiff/kernels/product.h"

#include "optim/engine/random.h"
#include "tests/catch.h"

#include <Eigen/Core>

using namespace raphson;
using namespace raphson::optim;

namespace {

template <class T> using Dense = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <class T> Dense<T> random_matrix(Index rows, Index columns, RandomStream& stream) {
  Dense<T> m(rows, columns);
  for (Index i = 0; i < m.size(); ++i) m.data()[i] = static_cast<T>(stream.normal());
  return m;
}

template <class T> void check(Index m, Index n, Index k, dsp::Isa isa) {
  INFO(m << " x " << k << " x " << n << ", " << dsp::to_string(isa));
  RandomStream stream(1, "product");
  for (const bool a_transposed : {false, true})
    for (const bool b_transposed : {false, true}) {
      const Dense<T> a = random_matrix<T>(m, k, stream), b = random_matrix<T>(k, n, stream);
      const Dense<T> at = a.transpose(), bt = b.transpose();
      const auto A = a_transposed ? row_major(at.data(), m).transposed() : row_major(a.data(), k);
      const auto B = b_transposed ? row_major(bt.data(), k).transposed() : row_major(b.data(), n);
      const Eigen::MatrixXd a_exact = a.template cast<double>(), b_exact = b.template cast<double>();
      const Eigen::MatrixXd exact = a_exact * b_exact;
      // |fl(AB) - AB| <= k u |A||B| for sums in any order (Higham 2002, section 3.5); twice, since `exact` is
      // rounded too.
      const double unit = 2 * static_cast<double>(k) * std::numeric_limits<T>::epsilon();
      const Eigen::MatrixXd bound = unit * (a_exact.cwiseAbs() * b_exact.cwiseAbs());
      // Two columns more than n, which must stay as they are.
      Dense<T> c = Dense<T>::Constant(m, n + 2, T(7));
      product<T>(m, n, k, A, B, c.data(), n + 2, Store::overwrite, isa);
      CHECK(((c.leftCols(n).template cast<double>() - exact).cwiseAbs().array() <= bound.array()).all());
      CHECK((c.rightCols(2).array() == T(7)).all());
      product<T>(m, n, k, A, B, c.data(), n + 2, Store::add, isa);
      CHECK(((c.leftCols(n).template cast<double>() - 2 * exact).cwiseAbs().array() <= 2 * bound.array())
                .all());
    }
}

} // namespace

TEST_CASE("products of matrices agree with Eigen's", "[product]") {
  for (const dsp::Isa isa : {dsp::Isa::baseline, dsp::Isa::avx2, dsp::Isa::avx512}) {
    if (isa > dsp::detect_isa()) continue;
    for (const auto& [m, n, k] : {std::array<Index, 3>{1, 1, 1},
                                  {3, 5, 7},
                                  {12, 32, 16},
                                  {25, 33, 300},
                                  {7, 64, 257},
                                  {64, 17, 40},
                                  {200, 10, 5},
                                  {5, 1100, 3},
                                  {13, 31, 513}}) {
      check<float>(m, n, k, isa);
      check<double>(m, n, k, isa);
    }
  }
}

TEST_CASE("a product over nothing is zero, or adds nothing", "[product]") {
  float c[4] = {1, 2, 3, 4};
  product<float>(2, 2, 0, row_major<float>(nullptr, 0), row_major<float>(nullptr, 2), c, 2, Store::add);
  CHECK(c[3] == 4);
  product<float>(2, 2, 0, row_major<float>(nullptr, 0), row_major<float>(nullptr, 2), c, 2, Store::overwrite);
  CHECK(c[3] == 0);
}
