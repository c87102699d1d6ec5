#include "optim/tools/signals/fast_transform.h"

#include "dsp/error.h"

#include <algorithm>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;
using Factor = FastTransform::Factor;
using Batch = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// y = S x, one column. Two sums, since additions wait for each other.
void apply(const Factor& s, const double* x, double* y) {
  const auto* starts = s.outerIndexPtr();
  const auto* columns = s.innerIndexPtr();
  const double* values = s.valuePtr();
  for (Index r = 0; r < s.rows(); ++r) {
    double even = 0, odd = 0;
    auto i = starts[r];
    for (; i + 1 < starts[r + 1]; i += 2) {
      even += values[i] * x[columns[i]];
      odd += values[i + 1] * x[columns[i + 1]];
    }
    if (i < starts[r + 1]) even += values[i] * x[columns[i]];
    y[r] = even + odd;
  }
}

/// `width` sums of a row of S over as many columns at once, which stay in registers.
template <int width> void add_up(const Factor& s, Index row, const double* x, Index stride, double* y) {
  double sums[width] = {};
  for (auto i = s.outerIndexPtr()[row]; i < s.outerIndexPtr()[row + 1]; ++i) {
    const double value = s.valuePtr()[i];
    const double* in = x + s.innerIndexPtr()[i] * stride;
    for (int c = 0; c < width; ++c) sums[c] += value * in[c];
  }
  for (int c = 0; c < width; ++c) y[c] = sums[c];
}

/// The same for columns side by side in rows, so that each entry meets many of them.
void apply(const Factor& s, const Batch& x, Batch& y) {
  const Index width = x.cols();
  y.resize(s.rows(), width);
  for (Index r = 0; r < s.rows(); ++r) {
    double* out = y.data() + r * width;
    Index c = 0;
    for (; c + 8 <= width; c += 8) add_up<8>(s, r, x.data() + c, width, out + c);
    for (; c < width; ++c) add_up<1>(s, r, x.data() + c, width, out + c);
  }
}

std::vector<Factor> sparse(const std::vector<Matrix>& factors) {
  std::vector<Factor> result;
  for (const Matrix& factor : factors) result.emplace_back(factor.sparseView(0, 0));
  return result;
}

} // namespace

FastTransform::FastTransform(std::vector<Factor> factors) : forward_(std::move(factors)) {
  if (forward_.empty()) throw InputError("fast transform: at least one factor expected");
  for (std::size_t j = 0; j < forward_.size(); ++j) {
    if (j > 0 && forward_[j].rows() != forward_[j - 1].cols())
      throw InputError("fast transform: factor " + std::to_string(j + 1) + " has "
                       + std::to_string(forward_[j].rows()) + " rows, the one on its left "
                       + std::to_string(forward_[j - 1].cols()) + " columns; as many expected");
    forward_[j].makeCompressed();
    transposed_.insert(transposed_.begin(), Factor(forward_[j].transpose()));
  }
}

FastTransform::FastTransform(const std::vector<Matrix>& factors) : FastTransform(sparse(factors)) {}

FastTransform::FastTransform(const FastTransform& other)
    : forward_(other.forward_), transposed_(other.transposed_),
      multiplications_(other.multiplications_.load()) {}

FastTransform& FastTransform::operator=(const FastTransform& other) {
  forward_ = other.forward_;
  transposed_ = other.transposed_;
  multiplications_ = other.multiplications_.load();
  return *this;
}

Matrix FastTransform::chain(const std::vector<Factor>& factors, const Eigen::Ref<const Matrix>& x) const {
  multiplications_ += static_cast<std::uint64_t>(nonzeros()) * static_cast<std::uint64_t>(x.cols());
  if (x.cols() == 1) {
    Vector in = x, out;
    for (std::size_t j = factors.size(); j-- > 0;) {
      out.resize(factors[j].rows());
      apply(factors[j], in.data(), out.data());
      in.swap(out);
    }
    return in;
  }
  Batch in = x, out;
  for (std::size_t j = factors.size(); j-- > 0;) {
    apply(factors[j], in, out);
    in.swap(out);
  }
  return in;
}

Matrix FastTransform::multiply(const Eigen::Ref<const Matrix>& coefficients) const {
  return chain(forward_, coefficients);
}

Matrix FastTransform::multiply_transposed(const Eigen::Ref<const Matrix>& signals) const {
  return chain(transposed_, signals);
}

Index FastTransform::nonzeros() const {
  Index sum = 0;
  for (const Factor& factor : forward_) sum += factor.nonZeros();
  return sum;
}

double FastTransform::complexity_gain() const {
  return static_cast<double>(rows() * atoms()) / static_cast<double>(nonzeros());
}

FastTransform FastTransform::scaled(double by) const {
  std::vector<Factor> factors = forward_;
  factors.front() *= by;
  return FastTransform(std::move(factors));
}

Matrix FastTransform::dense() const {
  Matrix d = Matrix(forward_.back());
  for (std::size_t j = forward_.size() - 1; j-- > 0;) d = forward_[j] * d;
  return d;
}

} // namespace raphson::optim::tools
