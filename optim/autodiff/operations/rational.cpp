#include "optim/autodiff/operations/rational.h"

#include "dsp/error.h"
#include "optim/autodiff/operations/examples.h"
#include "optim/engine/rational_kernel.h"

#include <string>
#include <vector>

namespace raphson::optim {
namespace {

using Doubles = std::vector<double>;

template <class T> void check_tape(const char* name, const Var<T>& x) {
  reject_examples(name, x);
  if (x.tape().has_tangents())
    throw InputError(std::string(name) + ": has no tangents, and so no Hessian-vector products");
}

template <class T> void copy(const T* from, Index count, Doubles& to) { to.assign(from, from + count); }

template <class T> void add(const Doubles& from, Index count, T* to) {
  for (Index i = 0; i < count; ++i) to[i] += static_cast<T>(from[static_cast<std::size_t>(i)]);
}

// --- Kernels
// ------------------------------------------------------------------------------------------------

template <class T> struct Kernels {
  const Node<T>*h0, *a, *b;
  Index channels, share, order, length, bins; ///< `share` channels have one a
  Complex* spectra;                           ///< [channel][1/A, B/A][bin]

  RationalSpectra spectra_of(Index channel) const {
    Complex* const at = spectra + 2 * channel * bins;
    const auto count = static_cast<std::size_t>(bins);
    return {{at, count}, {at + bins, count}};
  }
};

template <class T> void compute(const Kernels<T>& s, T* out) {
  Doubles a, b, k(static_cast<std::size_t>(s.length));
  for (Index c = 0; c < s.channels; ++c) {
    copy(s.a->x.value + c / s.share * s.order, s.order, a);
    copy(s.b->x.value + c * s.order, s.order, b);
    rational_kernel(static_cast<double>(s.h0->x.value[c]), a, b, s.spectra_of(c), k);
    for (Index t = 0; t < s.length; ++t)
      out[c * s.length + t] = static_cast<T>(k[static_cast<std::size_t>(t)]);
  }
}

template <class T> void pull(const Kernels<T>& s, const Node<T>& out) {
  Doubles k_bar, a_bar, b_bar;
  for (Index c = 0; c < s.channels; ++c) {
    copy(out.bar.value + c * s.length, s.length, k_bar);
    a_bar.assign(static_cast<std::size_t>(s.a->needs_adjoint() ? s.order : 0), 0.0);
    b_bar.assign(static_cast<std::size_t>(s.b->needs_adjoint() ? s.order : 0), 0.0);
    double h0_bar = 0;
    rational_kernel_adjoint(k_bar, s.spectra_of(c), &h0_bar, a_bar, b_bar);
    if (s.h0->needs_adjoint()) s.h0->bar.value[c] += static_cast<T>(h0_bar);
    add(a_bar, std::ssize(a_bar), s.a->bar.value + c / s.share * s.order);
    add(b_bar, std::ssize(b_bar), s.b->bar.value + c * s.order);
  }
}

// --- Convolution
// --------------------------------------------------------------------------------------------

template <class T> struct Signals {
  const Node<T>*u, *k;
  Index examples, channels, steps, length;
  std::size_t padded;

  std::size_t bins() const { return padded / 2 + 1; }
};

/// The transform of values followed by zeros.
template <class T> void transform(const T* from, Index count, Doubles& padded, std::vector<Complex>& bins) {
  std::fill(padded.begin(), padded.end(), 0.0);
  for (Index i = 0; i < count; ++i) padded[static_cast<std::size_t>(i)] = static_cast<double>(from[i]);
  forward_transform(padded, bins);
}

template <class T> void convolve(const Signals<T>& s, T* out) {
  Doubles padded(s.padded);
  std::vector<Complex> kernel(s.bins()), signal(s.bins());
  for (Index c = 0; c < s.channels; ++c) {
    transform(s.k->x.value + c * s.length, std::min(s.length, s.steps), padded, kernel);
    for (Index e = 0; e < s.examples; ++e) {
      const Index at = (e * s.channels + c) * s.steps;
      transform(s.u->x.value + at, s.steps, padded, signal);
      for (std::size_t i = 0; i < signal.size(); ++i) signal[i] *= kernel[i];
      inverse_transform(signal, padded);
      for (Index t = 0; t < s.steps; ++t) out[at + t] = static_cast<T>(padded[static_cast<std::size_t>(t)]);
    }
  }
}

template <class T> void pull(const Signals<T>& s, const Node<T>& out) {
  Doubles padded(s.padded);
  std::vector<Complex> kernel(s.bins()), signal(s.bins()), bar(s.bins()), kernel_bar(s.bins());
  const Index heard = std::min(s.length, s.steps); // of the kernel
  for (Index c = 0; c < s.channels; ++c) {
    if (s.u->needs_adjoint()) transform(s.k->x.value + c * s.length, heard, padded, kernel);
    std::fill(kernel_bar.begin(), kernel_bar.end(), Complex(0));
    for (Index e = 0; e < s.examples; ++e) {
      const Index at = (e * s.channels + c) * s.steps;
      transform(out.bar.value + at, s.steps, padded, bar);
      if (s.k->needs_adjoint()) {
        transform(s.u->x.value + at, s.steps, padded, signal);
        for (std::size_t i = 0; i < bar.size(); ++i) kernel_bar[i] += bar[i] * std::conj(signal[i]);
      }
      if (!s.u->needs_adjoint()) continue;
      for (std::size_t i = 0; i < bar.size(); ++i) bar[i] *= std::conj(kernel[i]);
      inverse_transform(bar, padded);
      add(padded, s.steps, s.u->bar.value + at);
    }
    if (!s.k->needs_adjoint()) continue;
    inverse_transform(kernel_bar, padded);
    add(padded, heard, s.k->bar.value + c * s.length);
  }
}

} // namespace

template <class T> Var<T> rational_kernel(Var<T> h0, Var<T> a, Var<T> b, Index length) {
  constexpr const char* name = "rational kernel";
  for (const Var<T>& x : {h0, a, b}) check_tape(name, x);
  const Shape &of_a = a.shape(), &of_b = b.shape();
  const bool fit = h0.shape().rank() == 1 && of_a.rank() == 2 && of_b.rank() == 2 && of_b[0] == h0.shape()[0]
                   && of_a[1] == of_b[1] && of_a[0] > 0 && of_b[0] % of_a[0] == 0;
  if (!fit)
    throw InputError("rational kernel: h0 of " + to_string(h0.shape()) + ", a of " + to_string(of_a)
                     + " and b of " + to_string(of_b)
                     + " do not fit: channels, groups x order and channels x order expected");
  if (of_b[1] < 1 || of_b[1] >= length)
    throw InputError("rational kernel: order " + std::to_string(of_b[1]) + " for " + std::to_string(length)
                     + " samples: from 1 to below the length expected");
  const Index bins = static_cast<Index>(kernel_transform_length(static_cast<std::size_t>(length))) / 2 + 1;
  Complex* const spectra = h0.tape().template take_array<Complex>(2 * of_b[0] * bins);
  const Kernels<T> kernels{&h0.node(), &a.node(), &b.node(), of_b[0], of_b[0] / of_a[0],
                           of_b[1],    length,    bins,      spectra};
  const Var<T> k = h0.tape().record(name, {of_b[0], length}, {h0, a, b},
                                    [kernels](const Node<T>& out) { pull(kernels, out); });
  compute(kernels, k.node().x.value);
  return k;
}

template <class T> Var<T> causal_convolution(Var<T> u, Var<T> k) {
  constexpr const char* name = "causal convolution";
  for (const Var<T>& x : {u, k}) check_tape(name, x);
  if (u.shape().rank() != 3 || k.shape().rank() != 2 || u.shape()[1] != k.shape()[0] || k.shape()[1] < 1)
    throw InputError("causal convolution: signals of " + to_string(u.shape()) + " and kernels of "
                     + to_string(k.shape())
                     + " do not fit: examples x channels x steps and channels x length expected");
  const Index steps = u.shape()[2], length = k.shape()[1];
  const auto padded = fast_transform_length(static_cast<std::size_t>(steps + std::min(steps, length)));
  const Signals<T> signals{&u.node(), &k.node(), u.shape()[0], u.shape()[1], steps, length, padded};
  const Var<T> y =
      u.tape().record(name, u.shape(), {u, k}, [signals](const Node<T>& out) { pull(signals, out); });
  convolve(signals, y.node().x.value);
  return y;
}

template Var<float> rational_kernel(Var<float>, Var<float>, Var<float>, Index);
template Var<double> rational_kernel(Var<double>, Var<double>, Var<double>, Index);
template Var<float> causal_convolution(Var<float>, Var<float>);
template Var<double> causal_convolution(Var<double>, Var<double>);

} // namespace raphson::optim
