// A rational transfer function at work, in two forms of equal response.
//
//   RationalFilter      h0 + sum_j (beta1_j z^-1 + beta2_j z^-2) / (1 + p_j z^-1 + q_j z^-2): sections of
//                       second order in parallel, two states each:
//                         v = u - p v1 - q v2;  y += beta1 v1 + beta2 v2;  v2 = v1;  v1 = v
//   RationalRecursion   g + (b1 z^-1 + ... + bn z^-n) / (1 + a1 z^-1 + ... + an z^-n) in direct form, the
//                       state being the last n inner values:
//                         v = u - sum a_i v[-i];  y = g u + sum b_i v[-i]
//
// The recursion is that of R. Parnichkun et al., "State-free inference of state-space models: the transfer
// function approach", ICML 2024; the sections are coordinates of the same functions in which poles near the
// circle keep their digits. Both allocate when they are made and never while they process. A section is
// stable where |q| < 1 and |p| < 1 + q. Conversions: rational_conversions.h.
#pragma once

#include "dsp/units.h"

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace raphson::dsp {

template <class S> struct RationalSection {
  S p, q, beta1, beta2;

  template <class To> RationalSection<To> as() const {
    return {static_cast<To>(p), static_cast<To>(q), static_cast<To>(beta1), static_cast<To>(beta2)};
  }
};

/// What a section remembers.
template <class S> struct RationalState {
  S v1 = S(0.0), v2 = S(0.0);

  /// The section's part of the output at input u.
  RAPHSON_INLINE S step(const RationalSection<S>& c, S u) {
    const S v = u - c.p * v1 - c.q * v2;
    const S y = c.beta1 * v1 + c.beta2 * v2;
    v2 = v1;
    v1 = v;
    return y;
  }
};

template <class S> struct RationalSections {
  S h0 = S(0.0); ///< the direct gain, what the response begins with
  std::vector<RationalSection<S>> sections = {};

  template <class To> RationalSections<To> as() const {
    RationalSections<To> result{static_cast<To>(h0), {}};
    for (const auto& section : sections) result.sections.push_back(section.template as<To>());
    return result;
  }
};

template <class S> class RationalFilter {
public:
  explicit RationalFilter(RationalSections<S> coefficients)
      : c_(std::move(coefficients)), state_(c_.sections.size()) {}

  /// Takes other coefficients of as many sections; the state goes on.
  void set(const RationalSections<S>& coefficients) {
    c_.h0 = coefficients.h0;
    for (std::size_t j = 0; j < c_.sections.size() && j < coefficients.sections.size(); ++j)
      c_.sections[j] = coefficients.sections[j];
  }
  void reset() {
    for (RationalState<S>& s : state_) s = {};
  }

  RAPHSON_INLINE S operator()(S u) {
    S y = c_.h0 * u;
    for (std::size_t j = 0; j < state_.size(); ++j) y += state_[j].step(c_.sections[j], u);
    return y;
  }

  void process(std::span<S> audio) {
    for (S& x : audio) x = (*this)(x);
  }

private:
  RationalSections<S> c_;
  std::vector<RationalState<S>> state_;
};

/// a and b hold a1 ... an and b1 ... bn.
template <class S> struct RationalPolynomials {
  S gain = S(0.0);
  std::vector<S> a = {}, b = {};
};

template <class S> class RationalRecursion {
public:
  explicit RationalRecursion(RationalPolynomials<S> coefficients)
      : c_(std::move(coefficients)), v_(c_.a.size(), S(0.0)) {}

  void reset() { v_.assign(v_.size(), S(0.0)); }

  RAPHSON_INLINE S operator()(S u) {
    const std::size_t n = v_.size();
    S v = u, y = c_.gain * u;
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t at = newest_ + i < n ? newest_ + i : newest_ + i - n;
      v -= c_.a[i] * v_[at];
      y += c_.b[i] * v_[at];
    }
    if (n > 0) v_[newest_ = (newest_ > 0 ? newest_ : n) - 1] = v;
    return y;
  }

  void process(std::span<S> audio) {
    for (S& x : audio) x = (*this)(x);
  }

private:
  RationalPolynomials<S> c_;
  std::vector<S> v_; ///< a ring, v[-1] at newest_
  std::size_t newest_ = 0;
};

} // namespace raphson::dsp
