#include "catch.h"
#include "dsp/error.h"
#include "optim/data/spectrogram.h"

#include <cmath>
#include <numbers>
#include <vector>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::data;
using Catch::Matchers::Contains;

namespace {

/// The signal that the figures of NumPy and SciPy below were computed from.
std::vector<float> two_tones_and_a_sweep() {
  std::vector<float> x(1000);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto n = static_cast<double>(i);
    x[i] = static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * 0.05 * n)
                              + 0.25 * std::cos(2 * std::numbers::pi * 0.2 * n + 1)
                              + 0.1 * std::sin(1e-4 * n * n));
  }
  return x;
}

constexpr Frames frames{.length = 200, .hop = 80, .fft_length = 256};

} // namespace

TEST_CASE("A sine in the middle of a bin has a quarter of its squared amplitude there") {
  std::vector<float> x(1024);
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] = static_cast<float>(0.5 * std::cos(2 * std::numbers::pi * 20 * static_cast<double>(i) / 256));
  const RowMatrix power = power_spectra(x, {.length = 256, .hop = 128});
  CHECK(power.rows() == 7);
  CHECK(power.cols() == 129);
  for (Eigen::Index t = 0; t < power.rows(); ++t) {
    CHECK(power(t, 20) == Approx(0.25 / 4).epsilon(1e-6));
    CHECK(power(t, 19) == Approx(0.25 / 16).epsilon(1e-6)); // the Hann window's neighbours, half in amplitude
    CHECK(power(t, 40) < 1e-14);
  }
}

TEST_CASE("Spectra, mel bands and cepstra are those of NumPy and SciPy") {
  // numpy 1.24, scipy 1.10: hann(fftbins=True), rfft, numpy.interp for the triangles,
  // scipy.fft.dct(norm='ortho').
  const std::vector<float> x = two_tones_and_a_sweep();
  const RowMatrix power = power_spectra(x, frames);
  REQUIRE(power.rows() == 11);
  REQUIRE(power.cols() == 129);
  CHECK(power(3, 10) == Approx(2.767681698744841e-05).epsilon(1e-5));
  CHECK(power(0, 0) == Approx(0.004497991631643459).epsilon(1e-6));
  CHECK(power.sum() == Approx(1.7055068599389784).epsilon(1e-6));

  const RowMatrix bank = mel_filterbank({.bands = 20}, 256, 8000);
  CHECK(bank.sum() == Approx(120.39066346186758).epsilon(1e-12));
  CHECK(bank.row(5).maxCoeff() == Approx(0.9416471468789654).epsilon(1e-12));
  for (Eigen::Index k = 0; k < 129; ++k) CHECK((bank(5, k) > 0) == (k >= 13 && k <= 19));

  const RowMatrix mel = log_mel(x, 8000, frames, {.bands = 20});
  CHECK(mel(3, 0) == Approx(-5.769517985251121).epsilon(1e-6));
  CHECK(mel(3, 7) == Approx(-16.701645748992796).epsilon(1e-5));
  CHECK(mel(3, 19) == Approx(std::log(1e-10)).epsilon(1e-12)); // the floor
  CHECK(mel.sum() == Approx(-2989.5480912614357).epsilon(1e-6));

  const RowMatrix c = cepstra(mel, 13);
  CHECK(c.cols() == 13);
  CHECK(c(3, 0) == Approx(-60.66278761128496).epsilon(1e-5));
  CHECK(c(3, 1) == Approx(22.49306070967713).epsilon(1e-5));
  CHECK(c(3, 12) == Approx(-0.8235383073195963).epsilon(1e-4));
}

TEST_CASE("The mel scale and its triangles have their closed form") {
  CHECK(mel_of_hz(0) == 0);
  CHECK(mel_of_hz(700) == Approx(2595 * std::log10(2)));
  CHECK(mel_of_hz(1000) == Approx(1000).margin(0.02)); // as the scale was made
  CHECK(hz_of_mel(mel_of_hz(3210)) == Approx(3210));
  // Between the first and the last top the triangles add up to one.
  constexpr double rate = 16000;
  const RowMatrix bank = mel_filterbank({.bands = 30, .low_hz = 100, .high_hz = 7000}, 2048, rate);
  const double low = mel_of_hz(100), step = (mel_of_hz(7000) - low) / 31;
  const double first_top = hz_of_mel(low + step), last_top = hz_of_mel(low + 30 * step);
  for (Eigen::Index k = 0; k <= 1024; ++k) {
    const double hz = static_cast<double>(k) * rate / 2048;
    if (hz >= first_top && hz <= last_top) CHECK(bank.col(k).sum() == Approx(1).epsilon(1e-12));
    if (hz <= 100 || hz >= 7000) CHECK(bank.col(k).sum() == 0);
  }
}

TEST_CASE("The DCT is orthonormal and knows its own cosines") {
  for (const std::size_t n : {1, 2, 13, 64}) {
    const RowMatrix d = dct_matrix(n);
    CHECK((d * d.transpose()).isIdentity(1e-13));
    CHECK((d.row(0).array() - 1 / std::sqrt(n)).abs().maxCoeff() < 1e-14);
  }
  Vector cosine(8); // of frequency 3: coefficient 3 alone, sqrt(8 / 2)
  for (int t = 0; t < 8; ++t) cosine[t] = std::cos(std::numbers::pi * 3 * (t + 0.5) / 8);
  const Vector coefficients = dct_matrix(8) * cosine;
  for (int k = 0; k < 8; ++k) CHECK(coefficients[k] == Approx(k == 3 ? 2 : 0).margin(1e-14));
}

TEST_CASE("Frames: how many, short recordings, durations") {
  const std::vector<float> x(1000, 0.1f);
  CHECK(power_spectra(x, {.length = 200, .hop = 100}).rows() == 9);
  CHECK(power_spectra(x, {.length = 1000, .hop = 100}).rows() == 1);
  CHECK(power_spectra(x, {.length = 2000, .hop = 100}).rows() == 1);
  CHECK(power_spectra({}, {.length = 200, .hop = 100}).isZero(0));
  const Frames f = frames_of(8000, 25, 10);
  CHECK(f.length == 200);
  CHECK(f.hop == 80);
  CHECK(f.fft_length == 256);
  CHECK_THROWS_AS(frames_of(8000, 0.01, 10), InputError);
  CHECK_THROWS_AS(power_spectra(x, {.length = 1}), InputError);
  CHECK_THROWS_AS(power_spectra(x, {.length = 200, .hop = 0}), InputError);
  CHECK_THROWS_AS(power_spectra(x, {.length = 200, .hop = 100, .fft_length = 128}), InputError);
}

TEST_CASE("Mel bands that cannot be are refused") {
  CHECK_THROWS_WITH(mel_filterbank({.bands = 200}, 256, 8000),
                    Contains("holds no bin") && Contains("fewer bands"));
  CHECK_THROWS_WITH(mel_filterbank({.bands = 20, .high_hz = 5000}, 256, 8000),
                    Contains("half the sample rate"));
  CHECK_THROWS_AS(mel_filterbank({.bands = 20, .low_hz = 3000, .high_hz = 2000}, 256, 8000), InputError);
  CHECK_THROWS_AS(mel_filterbank({.bands = 0}, 256, 8000), InputError);
  CHECK_THROWS_WITH(cepstra(RowMatrix::Zero(3, 5), 6), Contains("6 cepstral coefficients of 5 mel bands"));
}
