#include "dsp/filters/biquad.h"
#include "optim/data/asset.h"
#include "optim/data/audio_file.h"
#include "optim/engine/fourier.h"
#include "optim/engine/random.h"
#include "optim/engine/rational_fit.h"
#include "optim/tools/signals/rational_demo_parts.h"
#include "optim/tools/signals/rational_plots.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace raphson::optim::tools {
namespace {

constexpr std::size_t length = 8192;
constexpr double noise_db = -70;

using Coefficients = std::array<dsp::BiquadCoefficients<double>, 4>;

Coefficients known_filter(double rate) {
  return {dsp::high_pass(80.0, std::numbers::sqrt2 / 2, rate), dsp::peak(300.0, 6.0, 1.2, rate),
          dsp::peak(1200.0, -8.0, 2.0, rate), dsp::peak(3500.0, 7.0, 1.5, rate)};
}

std::complex<double> response(const Coefficients& filter, double hz, double rate) {
  const Complex z = std::polar(1.0, -2 * std::numbers::pi * hz / rate);
  Complex h = 1;
  for (const auto& c : filter) h *= (c.b0 + z * (c.b1 + z * c.b2)) / (1.0 + z * (c.a1 + z * c.a2));
  return h;
}

std::vector<double> through(const Coefficients& filter, std::vector<double> audio, RandomStream& random) {
  double energy = 0;
  for (const auto& c : filter) {
    dsp::Biquad<double> biquad(c);
    for (double& x : audio) x = biquad(x);
  }
  for (const double x : audio) energy += x * x;
  const double noise = std::sqrt(energy / static_cast<double>(audio.size())) * std::pow(10.0, noise_db / 20);
  for (double& x : audio) x += noise * random.normal();
  return audio;
}

struct Distance {
  double decibels = 0, degrees = 0;
};

/// The farthest that the clone's response is off, 50 Hz to 18 kHz.
Distance farthest(const dsp::RationalSections<double>& clone, const Coefficients& filter, double rate) {
  Distance most;
  for (double hz = 50; hz < 18000; hz *= 1.01) {
    const Complex ratio = dsp::response(clone, hz, rate) / response(filter, hz, rate);
    most.decibels = std::max(most.decibels, std::abs(20 * std::log10(std::abs(ratio))));
    most.degrees = std::max(most.degrees, std::abs(std::arg(ratio)) * 180 / std::numbers::pi);
  }
  return most;
}

double fir_esr(const std::vector<double>& dry, const std::vector<double>& wet, std::size_t taps) {
  const std::vector<double> h = fit_fir(dry, wet, taps, 1); // best in what is scored
  std::vector<double> estimate(dry.size());
  causal_convolution(dry, h, estimate);
  return esr_from(estimate, wet, length);
}

} // namespace

void rational_clone(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options) {
  const data::Audio audio = data::read_audio(data::asset("recordings/la2a-dry.flac"));
  const double rate = audio.sample_rate;
  std::vector<double> dry(audio.channels[0].begin(), audio.channels[0].end());
  if (options.brief) dry.resize(dry.size() / 2);
  const Coefficients filter = known_filter(rate);
  report::Table table{{{"seed"},
                       {"ESR, order 8"},
                       {"steps"},
                       {"response off (dB)"},
                       {"phase off (degrees)"},
                       {"ESR, FIR of 17 taps"},
                       {"ESR, FIR of 256 taps"}},
                      {}};
  for (const std::uint64_t seed : seeds) {
    options.say("clone, seed " + std::to_string(seed));
    RandomStream random(seed, "recording noise");
    const std::vector<double> wet = through(filter, dry, random);
    const RationalFit fit = fit_rational(dry, wet, rate, {.length = length, .progress = options.progress});
    const Distance off = farthest(fit.filter, filter, rate);
    const double same = fir_esr(dry, wet, 17), many = fir_esr(dry, wet, 256);
    table.rows.push_back({seed, fit.esr, fit.iterations, off.decibels, off.degrees, same, many});
    if (seed == seeds.front())
      for (auto& figure :
           {response_figure(fit.filter, estimate_transfer(dry, wet, rate), rate), pole_figure(fit.filter)})
        report.figures.push_back(figure);
    const std::string name = ", seed " + std::to_string(seed);
    report.claims.push_back(report::at_most("ESR of the clone of order 8" + name, fit.esr, 1e-5));
    report.claims.push_back(
        report::at_most("its response off, 50 Hz to 18 kHz (dB)" + name, off.decibels, 0.1));
    report.claims.push_back(report::at_most("its phase off (degrees)" + name, off.degrees, 1));
    report.claims.push_back(report::at_least("ESR of the FIR of as many numbers, 17" + name, same, 0.1));
    report.claims.push_back(report::at_least("ESR of the FIR of 256 taps" + name, many, 1e-3));
  }
  report.tables.push_back(
      {"clone", "A known filter of order 8, cloned from a recording with noise 70 dB down", table});
}

} // namespace raphson::optim::tools
