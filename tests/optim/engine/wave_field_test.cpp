#include "optim/engine/wave_field.h"

#include "catch.h"

#include <cmath>

using namespace raphson::optim;

namespace {

const Wavenumbers k = Wavenumbers::of_frequencies(1000, 10, 300, 343);

std::vector<AntennaPair> line_of_pairs() {
  std::vector<AntennaPair> pairs;
  for (int i = 0; i < 90; ++i) pairs.push_back({{0.02 * i, 0, 0}, {0.02 * i, 0.05, 0.01}});
  return pairs;
}

} // namespace

TEST_CASE("Echoes are sums over points of strength exp(j k (R_T + R_R)), at the last wavenumber too") {
  CHECK(k.last() == Approx(2 * M_PI * 3990 / 343));
  CHECK(k.shortest_wavelength() == Approx(343.0 / 3990));
  const auto pairs = line_of_pairs();
  const std::vector<Scatterer> scene{{{0.3, 0.1, 1}, 2}, {{-0.2, 0.4, 1.5}, -1}};
  const auto echoes = simulate_echoes(pairs, scene, k, 2);
  double off = 0;
  for (std::size_t l = 0; l < pairs.size(); ++l)
    for (std::size_t i = 0; i < k.count; ++i) {
      std::complex<double> sum = 0;
      for (const Scatterer& point : scene) {
        const Point3 &t = pairs[l].transmitter, &r = pairs[l].receiver, &p = point.at;
        const double path =
            std::hypot(t.x - p.x, t.y - p.y, t.z - p.z) + std::hypot(r.x - p.x, r.y - p.y, r.z - p.z);
        sum += point.strength * std::complex<double>(std::cos(k[i] * path), std::sin(k[i] * path));
      }
      off = std::max(off, std::abs(sum - echoes[l * k.count + i]));
    }
  CHECK(off < 1e-9);
}

TEST_CASE("Back-projection is the adjoint of simulation and peaks at the point") {
  const auto pairs = line_of_pairs();
  const std::vector<Scatterer> scene{{{0.9, 0, 1}, 1}};
  const auto echoes = simulate_echoes(pairs, scene, k, 1);
  std::vector<Point3> points;
  for (int i = 0; i < 40; ++i) points.push_back({0.5 + 0.02 * i, 0, 1});
  const auto image = back_project(echoes, pairs, k, points, 2);
  CHECK(std::abs(image[20] - static_cast<double>(echoes.size())) < 1e-6);
  const auto peaks = find_peaks(image, points, 2, 0.05);
  CHECK(peaks[0].index == 20);
  CHECK(distance(points[peaks[1].index], points[20]) > 0.05);
  // <simulate(p), s> = conj(back_project(s)(p)) for any s.
  const auto other = simulate_echoes(pairs, std::vector<Scatterer>{{{0.2, 0.3, 2}, 1}}, k, 1);
  std::complex<double> product = 0;
  for (std::size_t i = 0; i < echoes.size(); ++i) product += std::conj(echoes[i]) * other[i];
  CHECK(std::abs(back_project(other, pairs, k, std::vector<Point3>{scene[0].at}, 1)[0] - product) < 1e-6);
}

TEST_CASE("Complex noise has the variance asked for, in both parts") {
  std::vector<std::complex<double>> values(100000);
  add_complex_noise(values, 3, 1, "noise");
  CHECK(mean_power(values) == Approx(3).epsilon(0.02));
  double real = 0;
  for (const auto& value : values) real += value.real() * value.real() / 100000;
  CHECK(real == Approx(1.5).epsilon(0.02));
}
