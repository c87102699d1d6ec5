// Scaled dot-product attention (A. Vaswani et al., "Attention is all you need", NeurIPS 2017, equation 1):
// softmax(Q K^T / sqrt(d) + mask) V.
#pragma once

#include "optim/autodiff/tape.h"

#include <optional>
#include <span>

namespace raphson::optim {

/// May query i see key j? An additive mask of 0 and -1e9, whose exponential is exactly 0 beside any other
/// score, on the tape as {queries, keys}.
template <class T>
Var<T> attention_mask(Tape<T>& tape, Index queries, Index keys, bool (*visible)(Index, Index));
/// Key j <= query i.
template <class T> Var<T> causal_mask(Tape<T>& tape, Index length);
/// Queries see the keys of their own block alone, blocks of `block` entries.
template <class T> Var<T> block_mask(Tape<T>& tape, Index length, Index block);

/// q {..., queries, d}, k {..., keys, d}, v {..., keys, e} with the same leading axes, such as {batch,
/// heads}; the result is {..., queries, e}. The mask spreads over {..., queries, keys}.
template <class T>
Var<T> attention(Var<T> q, Var<T> k, Var<T> v, std::type_identity_t<std::optional<Var<T>>> mask = {});

/// {batch, length, heads * d} to {batch, heads, length, d} and back.
template <class T> Var<T> split_heads(Var<T> x, Index heads);
template <class T> Var<T> join_heads(Var<T> x);

} // namespace raphson::optim
