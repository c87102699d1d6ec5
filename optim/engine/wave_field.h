// Echoes of points between transmitters and receivers by exact distances, and the exact way back:
//   s(k) = sum_p strength_p exp(j k (R_T + R_R)),   I(p) = sum_l sum_k s_l(k) exp(-j k (R_T(p) + R_R(p))),
// R_T and R_R the distances from the transmitter to the point and from it to the receiver, k = 2 pi f / c
// uniform wavenumbers. No losses and no shadows. Units: metres, radians per metre.
#pragma once

#include <complex>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include <cstdint>

namespace raphson::optim {

struct Point3 {
  double x = 0, y = 0, z = 0;
};
double distance(const Point3& a, const Point3& b);

struct Scatterer {
  Point3 at;
  double strength = 1;
};

/// A transmitter and a receiver as they stood for one measurement over all wavenumbers.
struct AntennaPair {
  Point3 transmitter, receiver;
};

struct Wavenumbers {
  double first = 0, step = 0;
  std::size_t count = 0;

  double operator[](std::size_t i) const { return first + step * static_cast<double>(i); }
  double last() const { return (*this)[count - 1]; }
  /// c / f of the highest.
  double shortest_wavelength() const;
  static Wavenumbers of_frequencies(double first_hz, double step_hz, std::size_t count, double speed);
};

/// [pair][wavenumber].
std::vector<std::complex<double>> simulate_echoes(std::span<const AntennaPair> pairs,
                                                  std::span<const Scatterer> scene, const Wavenumbers& k,
                                                  std::size_t threads);

/// At each of these points, from echoes [pair][wavenumber]. points x pairs x (2 exp + wavenumbers) complex
/// multiplications.
std::vector<std::complex<double>> back_project(std::span<const std::complex<double>> echoes,
                                               std::span<const AntennaPair> pairs, const Wavenumbers& k,
                                               std::span<const Point3> points, std::size_t threads);

/// Real multiplications of back_project.
double back_projection_multiplications(double points, double pairs, double wavenumbers);

/// Adds circular normal noise of this variance (of its modulus) to each value.
void add_complex_noise(std::span<std::complex<double>> values, double variance, std::uint64_t seed,
                       std::string_view stream);

double mean_power(std::span<const std::complex<double>> values);

/// Pearson's correlation between the magnitudes of two images.
double magnitude_correlation(std::span<const std::complex<double>> a,
                             std::span<const std::complex<double>> b);

/// The largest of a volume's magnitudes one after another, each with what lies within the radius left out.
struct Peak {
  std::size_t index;
  double magnitude;
};
std::vector<Peak> find_peaks(std::span<const std::complex<double>> values, std::span<const Point3> positions,
                             std::size_t count, double suppression_radius);

} // namespace raphson::optim
