// Rational transfer functions on the tape (engine/rational_kernel.h): kernels without states, and their
// causal convolution with signals, both by Fourier transforms in double. Neither carries tangents: on a tape
// with tangents they throw, as they do for parameters with gradients of each example.
#pragma once

#include "optim/autodiff/tape.h"

namespace raphson::optim {

/// Kernels {channels, length} of h0 {channels}, a {groups, n} and b {channels, n}; neighbouring channels
/// share the a of their group, channels being a multiple of groups. n < length. Time and the tape's memory do
/// not grow with n but for the parameters themselves. Values are not finite where a pole lies at one of the
/// frequencies.
template <class T> Var<T> rational_kernel(Var<T> h0, Var<T> a, Var<T> b, Index length);

/// y[e][c][t] = sum_s k[c][s] u[e][c][t - s] of signals {examples, channels, steps} and kernels {channels,
/// length}, zero padded: nothing wraps around.
template <class T> Var<T> causal_convolution(Var<T> u, Var<T> k);

} // namespace raphson::optim
