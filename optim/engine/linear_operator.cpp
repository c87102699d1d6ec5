#include "optim/engine/linear_operator.h"

#include "dsp/error.h"
#include "optim/engine/fourier.h"
#include "optim/engine/symmetric_eigen.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim {
namespace {

void check(Eigen::Index given, Eigen::Index wanted, const char* what) {
  if (given != wanted)
    throw InputError("linear operator: " + std::string(what) + " of " + std::to_string(given) + " entries, "
                     + std::to_string(wanted) + " are needed");
}

constexpr Eigen::Index kept_entries = 1 << 18;  // 2 MiB
constexpr Eigen::Index block_entries = 1 << 14; // 128 KiB: the block and its squares stay in the cache

} // namespace

DenseOperator::DenseOperator(const Matrix& a) : a_(a) {
  if (a.size() <= kept_entries) squares_ = a.cwiseAbs2();
}

template <class Body> void DenseOperator::by_blocks(Body body) const {
  if (squares_.size() > 0) return body(Eigen::Index{0}, a_.cols(), Eigen::Ref<const Matrix>(squares_));
  const Eigen::Index width =
      std::clamp<Eigen::Index>(block_entries / std::max<Eigen::Index>(1, a_.rows()), 1, a_.cols());
  Matrix squares(a_.rows(), width);
  for (Eigen::Index j = 0; j < a_.cols(); j += width) {
    const Eigen::Index count = std::min(width, a_.cols() - j);
    squares.leftCols(count) = a_.middleCols(j, count).cwiseAbs2();
    body(j, count, Eigen::Ref<const Matrix>(squares.leftCols(count)));
  }
}

Matrix DenseOperator::apply(const Matrix& x) const {
  check(x.rows(), cols(), "a vector");
  return a_ * x;
}

Matrix DenseOperator::apply_transposed(const Matrix& y) const {
  check(y.rows(), rows(), "a vector");
  return a_.transpose() * y;
}

void DenseOperator::apply_both(const Matrix& x, const Matrix& v, Matrix& ax, Matrix& sv) const {
  check(x.rows(), cols(), "a vector");
  check(v.rows(), cols(), "a vector");
  ax.setZero(rows(), x.cols());
  sv.setZero(rows(), v.cols());
  by_blocks([&](Eigen::Index j, Eigen::Index count, const Eigen::Ref<const Matrix>& squared) {
    ax.noalias() += a_.middleCols(j, count) * x.middleRows(j, count);
    sv.noalias() += squared * v.middleRows(j, count);
  });
}

void DenseOperator::apply_both_transposed(const Matrix& y, const Matrix& u, Matrix& aty, Matrix& stu) const {
  check(y.rows(), rows(), "a vector");
  check(u.rows(), rows(), "a vector");
  aty.resize(cols(), y.cols());
  stu.resize(cols(), u.cols());
  by_blocks([&](Eigen::Index j, Eigen::Index count, const Eigen::Ref<const Matrix>& squared) {
    aty.middleRows(j, count).noalias() = a_.middleCols(j, count).transpose() * y;
    stu.middleRows(j, count).noalias() = squared.transpose() * u;
  });
}

// --- convolution -------------------------------------------------------------------------------------------

namespace {

std::vector<double> stretch_with_history(std::span<const double> signal, std::size_t first,
                                         std::size_t samples, std::size_t taps) {
  if (samples == 0 || taps == 0) throw InputError("convolution: at least one sample and one tap are needed");
  if (first > signal.size() || samples > signal.size() - first)
    throw InputError("convolution: samples " + std::to_string(first) + " to "
                     + std::to_string(first + samples) + " of a signal of " + std::to_string(signal.size()));
  std::vector<double> window(samples + taps - 1);
  const std::size_t history = std::min(first, taps - 1);
  std::copy_n(signal.begin() + static_cast<std::ptrdiff_t>(first - history), history + samples,
              window.begin() + static_cast<std::ptrdiff_t>(taps - 1 - history));
  return window;
}

std::vector<Complex> spectrum_of(std::span<const double> window, std::size_t length, bool squared) {
  std::vector<double> padded(length);
  for (std::size_t i = 0; i < window.size(); ++i) padded[i] = squared ? window[i] * window[i] : window[i];
  std::vector<Complex> spectrum(length / 2 + 1);
  forward_transform(padded, spectrum);
  return spectrum;
}

/// Of the M samples that each tap meets, from the newest (tap 0) on.
Vector energies_of(std::span<const double> window, std::size_t samples, std::size_t taps) {
  Vector energies(static_cast<Eigen::Index>(taps));
  for (std::size_t n = 0; n < taps; ++n) {
    double sum = 0;
    for (const double d : window.subspan(taps - 1 - n, samples)) sum += d * d;
    energies[static_cast<Eigen::Index>(n)] = sum;
  }
  return energies;
}

} // namespace

ConvolutionOperator::ConvolutionOperator(std::span<const double> signal, std::size_t first,
                                         std::size_t samples, std::size_t taps)
    : samples_(static_cast<Eigen::Index>(samples)), taps_(static_cast<Eigen::Index>(taps)),
      window_(stretch_with_history(signal, first, samples, taps)),
      length_(fast_transform_length(window_.size())), signal_(spectrum_of(window_, length_, false)),
      squared_(spectrum_of(window_, length_, true)), energies_(energies_of(window_, samples, taps)) {}

// Outputs N-1 ... M+N-2 of the full convolution with the window: of a circular one over M+N-1 points, those
// are the ones that nothing wraps around into.
Matrix ConvolutionOperator::product(const Spectrum& of, const Matrix& x) const {
  check(x.rows(), taps_, "a vector");
  Matrix out(samples_, x.cols());
  std::vector<double> padded(length_);
  Spectrum spectrum(of.size());
  for (Eigen::Index t = 0; t < x.cols(); ++t) {
    std::fill(std::copy(x.col(t).begin(), x.col(t).end(), padded.begin()), padded.end(), 0.0);
    forward_transform(padded, spectrum);
    for (std::size_t k = 0; k < of.size(); ++k) spectrum[k] *= of[k];
    inverse_transform(spectrum, padded);
    std::copy_n(padded.begin() + taps_ - 1, samples_, out.col(t).begin());
  }
  return out;
}

Matrix ConvolutionOperator::transposed_product(const Spectrum& of, const Matrix& y) const {
  check(y.rows(), samples_, "a vector");
  Matrix out(taps_, y.cols());
  std::vector<double> padded(length_);
  Spectrum spectrum(of.size());
  for (Eigen::Index t = 0; t < y.cols(); ++t) {
    std::fill(padded.begin(), padded.end(), 0.0);
    std::copy(y.col(t).begin(), y.col(t).end(), padded.begin() + taps_ - 1);
    forward_transform(padded, spectrum);
    for (std::size_t k = 0; k < of.size(); ++k) spectrum[k] *= std::conj(of[k]);
    inverse_transform(spectrum, padded);
    std::copy_n(padded.begin(), taps_, out.col(t).begin());
  }
  return out;
}

Matrix ConvolutionOperator::apply(const Matrix& x) const { return product(signal_, x); }
Matrix ConvolutionOperator::apply_transposed(const Matrix& y) const { return transposed_product(signal_, y); }

void ConvolutionOperator::apply_both(const Matrix& x, const Matrix& v, Matrix& ax, Matrix& sv) const {
  ax = product(signal_, x);
  sv = product(squared_, v);
}

void ConvolutionOperator::apply_both_transposed(const Matrix& y, const Matrix& u, Matrix& aty,
                                                Matrix& stu) const {
  aty = transposed_product(signal_, y);
  stu = transposed_product(squared_, u);
}

double ConvolutionOperator::multiplications() const {
  const auto points = static_cast<double>(length_);
  return 2 * points * std::log2(points) + 4 * static_cast<double>(signal_.size());
}

Matrix ConvolutionOperator::dense() const {
  Matrix a(samples_, taps_);
  for (Eigen::Index n = 0; n < taps_; ++n)
    std::copy_n(window_.begin() + taps_ - 1 - n, samples_, a.col(n).begin());
  return a;
}

double squared_norm(const LinearOperator& a, int iterations) {
  const auto product = [&](const Vector& v) -> Vector { return a.apply_transposed(a.apply(v)); };
  return dominant_eigenvalue(product, a.cols(), {.maximum_iterations = iterations, .tolerance = 0});
}

} // namespace raphson::optim
