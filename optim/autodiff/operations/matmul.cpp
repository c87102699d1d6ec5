#include "optim/autodiff/operations/matmul.h"

#include "optim/autodiff/kernels/plane_product.h"
#include "optim/autodiff/operations/examples.h"

namespace raphson::optim {
namespace {

constexpr const char* name = "matrix product";

/// `batch` products of m x k by k x n; one b for all of a leads to a batch of 1 with a's rows joined.
struct Extents {
  Index batch = 1, m = 0, n = 0, k = 0;
  Shape result;
};

[[noreturn]] void mismatch(const Shape& a, const Shape& b, Transposed transposed) {
  throw InputError(std::string(name) + ": " + to_string(a) + (transposed.a ? " transposed" : "") + " and "
                   + to_string(b) + (transposed.b ? " transposed" : "") + " do not match");
}

Extents extents(const Shape& a, const Shape& b, Transposed transposed) {
  if (a.rank() < 2 || b.rank() < 2) mismatch(a, b, transposed);
  Extents e;
  e.m = a[a.rank() - (transposed.a ? 1 : 2)];
  e.k = a[a.rank() - (transposed.a ? 2 : 1)];
  e.n = b[b.rank() - (transposed.b ? 2 : 1)];
  if (b[b.rank() - (transposed.b ? 1 : 2)] != e.k) mismatch(a, b, transposed);
  e.result = a.with(a.rank() - 2, e.m).with(a.rank() - 1, e.n);
  if (b.rank() == 2 && (a.rank() == 2 || !transposed.a)) {
    for (int axis = 0; axis < a.rank() - 2; ++axis) e.m *= a[axis];
    return e;
  }
  if (a.rank() != b.rank()) mismatch(a, b, transposed);
  for (int axis = 0; axis < a.rank() - 2; ++axis) {
    if (a[axis] != b[axis]) mismatch(a, b, transposed);
    e.batch *= a[axis];
  }
  return e;
}

template <class T> PlaneMatrix<T> matrix(Plane<const T> x, Index rows, Index columns, bool transposed) {
  return transposed ? PlaneMatrix<T>{x, 1, rows} : PlaneMatrix<T>{x, columns, 1};
}

/// The adjoint of a factor that takes part as `rows` x `columns`, stored so or transposed.
template <class T>
void add_factor(Index rows, Index columns, Index inner, const PlaneMatrix<T>& left,
                const PlaneMatrix<T>& right, Plane<T> bar, bool transposed) {
  if (transposed)
    product(columns, rows, inner, right.transposed(), left.transposed(), bar, Store::add);
  else
    product(rows, columns, inner, left, right, bar, Store::add);
}

template <class T>
void pull(const Node<T>& a, const Node<T>& b, const Node<T>& out, Extents e, Transposed t) {
  for (Index i = 0; i < e.batch; ++i) {
    const auto A = matrix<T>(a.x + i * e.m * e.k, e.m, e.k, t.a),
               B = matrix<T>(b.x + i * e.k * e.n, e.k, e.n, t.b);
    const auto Y = matrix<T>(out.bar + i * e.m * e.n, e.m, e.n, false);
    if (a.needs_adjoint()) add_factor(e.m, e.k, e.n, Y, B.transposed(), a.bar + i * e.m * e.k, t.a);
    if (!b.needs_adjoint()) continue;
    const Index pieces = std::max<Index>(b.examples, 1), rows = e.m / pieces;
    for (Index p = 0; p < pieces; ++p)
      add_factor(e.k, e.n, rows, A.transposed() + p * rows * A.row_stride, Y + p * rows * e.n,
                 b.bar + (i + p) * e.k * e.n, t.b);
  }
}

} // namespace

template <class T> Var<T> matmul(Var<T> a, Var<T> b, Transposed transposed) {
  const Extents e = extents(a.shape(), b.shape(), transposed);
  reject_examples(name, a);
  if (b.node().examples > 0 && (e.batch != 1 || e.m % b.node().examples != 0))
    throw InputError(std::string(name) + ": " + std::to_string(e.m) + " rows do not tell "
                     + std::to_string(b.node().examples) + " examples apart");
  const Node<T>*na = &a.node(), *nb = &b.node();
  const Var<T> y = a.tape().record(name, e.result, {a, b}, [na, nb, e, transposed](const Node<T>& out) {
    pull(*na, *nb, out, e, transposed);
  });
  for (Index i = 0; i < e.batch; ++i)
    product(e.m, e.n, e.k, matrix<T>(na->x + i * e.m * e.k, e.m, e.k, transposed.a),
            matrix<T>(nb->x + i * e.k * e.n, e.k, e.n, transposed.b), y.node().x + i * e.m * e.n,
            Store::overwrite);
  return y;
}

template Var<float> matmul(Var<float>, Var<float>, Transposed);
template Var<double> matmul(Var<double>, Var<double>, Transposed);

} // namespace raphson::optim
