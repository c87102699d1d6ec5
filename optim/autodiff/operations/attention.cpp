#include "optim/autodiff/operations/attention.h"

#include "dsp/error.h"
#include "optim/autodiff/operations/arithmetic.h"
#include "optim/autodiff/operations/matmul.h"
#include "optim/autodiff/operations/movement.h"
#include "optim/autodiff/operations/softmax.h"

#include <cmath>

namespace raphson::optim {
namespace {

template <class T, class Visible>
Var<T> mask_of(Tape<T>& tape, Index queries, Index keys, const Visible& visible) {
  T* const mask = tape.template take_array<T>(queries * keys);
  for (Index i = 0; i < queries; ++i)
    for (Index j = 0; j < keys; ++j) mask[i * keys + j] = visible(i, j) ? T(0) : T(-1e9);
  return tape.constant({queries, keys}, mask);
}

constexpr int head_axes[] = {0, 2, 1, 3}; ///< its own inverse

} // namespace

template <class T>
Var<T> attention_mask(Tape<T>& tape, Index queries, Index keys, bool (*visible)(Index, Index)) {
  return mask_of(tape, queries, keys, visible);
}

template <class T> Var<T> causal_mask(Tape<T>& tape, Index length) {
  return mask_of(tape, length, length, [](Index i, Index j) { return j <= i; });
}

template <class T> Var<T> block_mask(Tape<T>& tape, Index length, Index block) {
  if (block < 1) throw InputError("block_mask: a block of " + std::to_string(block) + " entries, at least 1");
  return mask_of(tape, length, length, [block](Index i, Index j) { return i / block == j / block; });
}

template <class T>
Var<T> attention(Var<T> q, Var<T> k, Var<T> v, std::type_identity_t<std::optional<Var<T>>> mask) {
  const T factor = T(1) / std::sqrt(static_cast<T>(q.shape().last()));
  const Var<T> scores = matmul(scale(q, factor), k, {.b = true});
  return matmul(softmax(mask ? scores + *mask : scores), v);
}

template <class T> Var<T> split_heads(Var<T> x, Index heads) {
  const Shape& s = x.shape();
  if (s.rank() != 3 || heads < 1 || s[2] % heads != 0)
    throw InputError("split_heads: " + to_string(s) + " into " + std::to_string(heads) + " heads");
  return permute(reshape(x, {s[0], s[1], heads, s[2] / heads}), std::span<const int>(head_axes));
}

template <class T> Var<T> join_heads(Var<T> x) {
  const Shape s = x.shape();
  if (s.rank() != 4) throw InputError("join_heads: of {batch, heads, length, d}, here " + to_string(s));
  return reshape(permute(x, std::span<const int>(head_axes)), {s[0], s[2], s[1] * s[3]});
}

#define RAPHSON_FOR(T)                                                                                       \
  template Var<T> attention_mask(Tape<T>&, Index, Index, bool (*)(Index, Index));                            \
  template Var<T> causal_mask(Tape<T>&, Index);                                                              \
  template Var<T> block_mask(Tape<T>&, Index, Index);                                                        \
  template Var<T> attention(Var<T>, Var<T>, Var<T>, std::optional<Var<T>>);                                  \
  template Var<T> split_heads(Var<T>, Index);                                                                \
  template Var<T> join_heads(Var<T>);
RAPHSON_FOR(float)
RAPHSON_FOR(double)
#undef RAPHSON_FOR

} // namespace raphson::optim
