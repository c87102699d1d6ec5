#include "optim/autodiff/operations/normalisation.h"

#include "optim/autodiff/kernels/rows.h"
#include "optim/autodiff/operations/arithmetic.h"
#include "optim/autodiff/operations/examples.h"
#include "optim/autodiff/operations/reduction.h"

namespace raphson::optim {
namespace {

template <class T> Var<T> normalise(const char* name, Var<T> x, T epsilon, Centre centre) {
  reject_examples(name, x);
  if (x.shape().rank() == 0 || x.shape().last() == 0)
    throw InputError(std::string(name) + ": of a row of values, here " + to_string(x.shape()));
  const Plane<T> r = x.tape().take(x.shape().rows());
  const Node<T>* in = &x.node();
  const Var<T> y = x.tape().record(name, x.shape(), {x}, [in, r, centre](const Node<T>& out) {
    row_kernels<T>().normalise_back(out.shape.rows(), out.shape.last(), centre, out.x, r, out.bar, in->bar);
  });
  row_kernels<T>().normalise(y.shape().rows(), y.shape().last(), epsilon, centre, in->x, y.node().x, r);
  return y;
}

} // namespace

template <class T> Var<T> layer_norm(Var<T> x, std::type_identity_t<T> epsilon) {
  return normalise("layer_norm", x, epsilon, Centre::mean);
}

template <class T> Var<T> rms_norm(Var<T> x, std::type_identity_t<T> epsilon) {
  return normalise("rms_norm", x, epsilon, Centre::none);
}

template <class T> BatchStatistics<T> batch_statistics(Var<T> x) {
  if (x.shape().rank() < 2)
    throw InputError("batch_statistics: of {examples, channels, ...}, here " + to_string(x.shape()));
  Shape shape = x.shape();
  for (int axis = 0; axis < shape.rank(); ++axis)
    if (axis != 1) shape.set(axis, 1);
  const T share = T(1) / static_cast<T>(x.size() / x.shape()[1]);
  const Var<T> mean = scale(sum_to(x, shape), share);
  return {mean, scale(sum_to(square(x - mean), shape), share)};
}

template <class T> Var<T> batch_norm(Var<T> x, const BatchStatistics<T>& s, std::type_identity_t<T> epsilon) {
  return (x - s.mean) * reciprocal(sqrt(s.variance + epsilon));
}

#define RAPHSON_FOR(T)                                                                                       \
  template Var<T> layer_norm(Var<T>, T);                                                                     \
  template Var<T> rms_norm(Var<T>, T);                                                                       \
  template BatchStatistics<T> batch_statistics(Var<T>);                                                      \
  template Var<T> batch_norm(Var<T>, const BatchStatistics<T>&, T);
RAPHSON_FOR(float)
RAPHSON_FOR(double)
#undef RAPHSON_FOR

} // namespace raphson::optim
