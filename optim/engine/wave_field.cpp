#include "optim/engine/wave_field.h"

#include "optim/engine/parallel.h"
#include "optim/engine/random.h"
#include "optim/engine/rank_correlation.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace raphson::optim {

using Complex = std::complex<double>;

double distance(const Point3& a, const Point3& b) {
  const double x = a.x - b.x, y = a.y - b.y, z = a.z - b.z;
  return std::sqrt(x * x + y * y + z * z);
}

double Wavenumbers::shortest_wavelength() const { return 2 * std::numbers::pi / last(); }

Wavenumbers Wavenumbers::of_frequencies(double first_hz, double step_hz, std::size_t count, double speed) {
  const double per_hz = 2 * std::numbers::pi / speed;
  return {per_hz * first_hz, per_hz * step_hz, count};
}

namespace {

Complex product(const Complex& a, const Complex& b) { // without the library's care for infinities
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

/// Loops over indices in chunks, which are worth a thread each.
template <class Body> void in_chunks(std::size_t count, std::size_t threads, Body body) {
  constexpr std::size_t chunk = 64;
  parallel_for((count + chunk - 1) / chunk, threads, [&](std::size_t c, std::size_t) {
    for (std::size_t i = c * chunk; i < std::min(count, (c + 1) * chunk); ++i) body(i);
  });
}

} // namespace

std::vector<Complex> simulate_echoes(std::span<const AntennaPair> pairs, std::span<const Scatterer> scene,
                                     const Wavenumbers& k, std::size_t threads) {
  std::vector<Complex> echoes(pairs.size() * k.count);
  in_chunks(pairs.size(), threads, [&](std::size_t l) {
    Complex* const echo = echoes.data() + l * k.count;
    for (const Scatterer& point : scene) {
      const double path = distance(pairs[l].transmitter, point.at) + distance(point.at, pairs[l].receiver);
      Complex value = point.strength * std::polar(1.0, k.first * path);
      const Complex turn = std::polar(1.0, k.step * path);
      for (std::size_t i = 0; i < k.count; ++i, value = product(value, turn)) echo[i] += value;
    }
  });
  return echoes;
}

// The sum over wavenumbers is a polynomial in exp(-j step path), by Horner.
std::vector<Complex> back_project(std::span<const Complex> echoes, std::span<const AntennaPair> pairs,
                                  const Wavenumbers& k, std::span<const Point3> points, std::size_t threads) {
  std::vector<Complex> image(points.size());
  parallel_for(points.size(), threads, [&](std::size_t p, std::size_t) {
    Complex sum = 0;
    for (std::size_t l = 0; l < pairs.size(); ++l) {
      const double path = distance(pairs[l].transmitter, points[p]) + distance(points[p], pairs[l].receiver);
      const Complex turn = std::polar(1.0, -k.step * path);
      const Complex* const echo = echoes.data() + l * k.count;
      Complex along = echo[k.count - 1];
      for (std::size_t i = k.count - 1; i-- > 0;) along = product(along, turn) + echo[i];
      sum += product(along, std::polar(1.0, -k.first * path));
    }
    image[p] = sum;
  });
  return image;
}

double back_projection_multiplications(double points, double pairs, double wavenumbers) {
  return points * pairs * 4 * wavenumbers;
}

void add_complex_noise(std::span<Complex> values, double variance, std::uint64_t seed,
                       std::string_view stream) {
  RandomStream random(seed, stream);
  const double deviation = std::sqrt(variance / 2);
  for (Complex& value : values) {
    const double real = random.normal(), imaginary = random.normal();
    value += deviation * Complex(real, imaginary);
  }
}

double mean_power(std::span<const Complex> values) {
  double sum = 0;
  for (const Complex& value : values) sum += std::norm(value);
  return sum / static_cast<double>(values.size());
}

double magnitude_correlation(std::span<const Complex> a, std::span<const Complex> b) {
  const auto magnitudes = [](std::span<const Complex> image) {
    return Vector(Eigen::Map<const Eigen::VectorXcd>(image.data(), std::ssize(image)).cwiseAbs());
  };
  return pearson_correlation(magnitudes(a), magnitudes(b));
}

std::vector<Peak> find_peaks(std::span<const Complex> values, std::span<const Point3> positions,
                             std::size_t count, double suppression_radius) {
  std::vector<double> left(values.size());
  std::transform(values.begin(), values.end(), left.begin(), [](const Complex& v) { return std::abs(v); });
  std::vector<Peak> peaks;
  while (peaks.size() < count) {
    const auto largest = std::max_element(left.begin(), left.end());
    if (largest == left.end() || !(*largest > 0)) break;
    const auto index = static_cast<std::size_t>(largest - left.begin());
    peaks.push_back({index, *largest});
    for (std::size_t i = 0; i < left.size(); ++i)
      if (distance(positions[i], positions[index]) <= suppression_radius) left[i] = 0;
  }
  return peaks;
}

} // namespace raphson::optim
