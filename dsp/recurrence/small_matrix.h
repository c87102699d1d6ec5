// Vectors and square matrices of a few elements, as values: the state of a recurrence of more than first
// order and its transition.
#pragma once

#include <array>

namespace raphson::dsp {

template <class S, int K> struct SmallVector {
  std::array<S, K> e;

  static constexpr SmallVector zero() {
    SmallVector v;
    v.e.fill(S(0.0));
    return v;
  }
  S& operator[](int i) { return e[i]; }
  const S& operator[](int i) const { return e[i]; }

  friend SmallVector operator+(const SmallVector& a, const SmallVector& b) {
    SmallVector r;
    for (int i = 0; i < K; ++i) r[i] = a[i] + b[i];
    return r;
  }
};

/// Row-major.
template <class S, int K> struct SmallMatrix {
  std::array<S, K * K> e;

  S& operator()(int row, int column) { return e[row * K + column]; }
  const S& operator()(int row, int column) const { return e[row * K + column]; }

  friend SmallVector<S, K> operator*(const SmallMatrix& m, const SmallVector<S, K>& v) {
    SmallVector<S, K> r;
    for (int i = 0; i < K; ++i) {
      S sum = m(i, 0) * v[0];
      for (int j = 1; j < K; ++j) sum = sum + m(i, j) * v[j];
      r[i] = sum;
    }
    return r;
  }
  friend SmallMatrix operator*(const SmallMatrix& a, const SmallMatrix& b) {
    SmallMatrix r;
    for (int i = 0; i < K; ++i)
      for (int j = 0; j < K; ++j) {
        S sum = a(i, 0) * b(0, j);
        for (int k = 1; k < K; ++k) sum = sum + a(i, k) * b(k, j);
        r(i, j) = sum;
      }
    return r;
  }
  friend SmallMatrix transpose(const SmallMatrix& m) {
    SmallMatrix r;
    for (int i = 0; i < K; ++i)
      for (int j = 0; j < K; ++j) r(i, j) = m(j, i);
    return r;
  }
};

/// a b^T.
template <class S, int K> SmallMatrix<S, K> outer(const SmallVector<S, K>& a, const SmallVector<S, K>& b) {
  SmallMatrix<S, K> r;
  for (int i = 0; i < K; ++i)
    for (int j = 0; j < K; ++j) r(i, j) = a[i] * b[j];
  return r;
}

} // namespace raphson::dsp
