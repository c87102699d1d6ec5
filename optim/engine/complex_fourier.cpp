#include "optim/engine/complex_fourier.h"

#include "dsp/error.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>
#include <string>

#include <unsupported/Eigen/FFT>

namespace raphson::optim {
namespace {

using Complex = std::complex<double>;

/// Of this thread; it keeps a plan for each length it has met.
Eigen::FFT<double>& plans() {
  thread_local Eigen::FFT<double> fft;
  return fft;
}

void transform_into(const Complex* from, Complex* to, std::size_t length, Direction direction) {
  if (direction == Direction::forward)
    plans().fwd(to, from, static_cast<Eigen::Index>(length));
  else
    plans().inv(to, from, static_cast<Eigen::Index>(length));
}

} // namespace

void transform(std::span<Complex> values, Direction direction) {
  thread_local std::vector<Complex> result;
  result.resize(values.size());
  transform_into(values.data(), result.data(), values.size(), direction);
  std::copy(result.begin(), result.end(), values.begin());
}

void transform(std::span<Complex> array, std::span<const std::size_t> shape, std::size_t axis,
               Direction direction) {
  const std::size_t count =
      std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<std::size_t>());
  if (axis >= shape.size() || count != array.size())
    throw InputError("Fourier transform: an array of " + std::to_string(array.size()) + " values, its shape "
                     + std::to_string(count) + ", along axis " + std::to_string(axis));
  const std::size_t length = shape[axis];
  std::size_t stride = 1;
  for (std::size_t d = axis + 1; d < shape.size(); ++d) stride *= shape[d];
  if (stride == 1) {
    for (std::size_t at = 0; at < count; at += length) transform(array.subspan(at, length), direction);
    return;
  }
  // Several neighbouring vectors at once: what one cache line holds is read and written together.
  constexpr std::size_t together = 8;
  std::vector<Complex> from(together * length), to(length);
  for (std::size_t block = 0; block < count; block += stride * length)
    for (std::size_t first = 0; first < stride; first += together) {
      const std::size_t vectors = std::min(together, stride - first);
      Complex* const base = array.data() + block + first;
      for (std::size_t i = 0; i < length; ++i)
        for (std::size_t v = 0; v < vectors; ++v) from[v * length + i] = base[i * stride + v];
      for (std::size_t v = 0; v < vectors; ++v) {
        transform_into(from.data() + v * length, to.data(), length, direction);
        std::copy(to.begin(), to.end(), from.begin() + static_cast<std::ptrdiff_t>(v * length));
      }
      for (std::size_t i = 0; i < length; ++i)
        for (std::size_t v = 0; v < vectors; ++v) base[i * stride + v] = from[v * length + i];
    }
}

void transform_images(std::span<Complex> images, std::size_t rows, std::size_t columns, Direction direction) {
  const std::size_t shape[] = {images.size() / std::max<std::size_t>(1, rows * columns), rows, columns};
  transform(images, shape, 2, direction);
  transform(images, shape, 1, direction);
}

std::vector<double> angular_frequencies(std::size_t n, double step) {
  std::vector<double> frequencies(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double bin = static_cast<double>(i) - (2 * i < n ? 0 : static_cast<double>(n));
    frequencies[i] = 2 * std::numbers::pi * bin / (static_cast<double>(n) * step);
  }
  return frequencies;
}

double transform_multiplications(double n) { return 2 * n * std::log2(n); }

} // namespace raphson::optim
