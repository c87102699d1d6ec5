#include "optim/autodiff/operations/solve.h"

#include "dsp/error.h"
#include "optim/autodiff/operations/arithmetic.h"
#include "optim/autodiff/operations/movement.h"

#include <optional>
#include <vector>

namespace raphson::optim {

template <class T> Var<T> solve_positive(Var<T> a, Var<T> b) {
  const Shape& shape = a.shape();
  if (shape.rank() != 3 || shape[1] != shape[2] || b.shape() != Shape{shape[0], shape[1]})
    throw InputError("solve_positive: {batch, k, k} and {batch, k} are needed, not " + to_string(shape)
                     + " and " + to_string(b.shape()));
  const Index batch = shape[0], k = shape[1];
  const Var<T> flat = reshape(a, {batch, k * k});
  std::vector<std::optional<Var<T>>> l(static_cast<std::size_t>(k * k)); // L, its diagonal inverted
  std::vector<Var<T>> x;
  for (Index i = 0; i < k; ++i) {
    for (Index j = 0; j <= i; ++j) {
      Var<T> rest = slice(flat, 1, i * k + j, 1);
      for (Index m = 0; m < j; ++m) rest = rest - *l[i * k + m] * *l[j * k + m];
      l[i * k + j] = i == j ? reciprocal(sqrt(rest)) : rest * *l[j * k + j];
    }
    Var<T> rest = slice(b, 1, i, 1);
    for (Index m = 0; m < i; ++m) rest = rest - *l[i * k + m] * x[m];
    x.push_back(rest * *l[i * k + i]);
  }
  for (Index i = k; i-- > 0;) {
    for (Index m = i + 1; m < k; ++m) x[i] = x[i] - *l[m * k + i] * x[m];
    x[i] = x[i] * *l[i * k + i];
  }
  return concatenate(std::span<const Var<T>>(x), 1);
}

template Var<float> solve_positive(Var<float>, Var<float>);
template Var<double> solve_positive(Var<double>, Var<double>);

} // namespace raphson::optim
