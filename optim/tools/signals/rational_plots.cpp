#include "optim/tools/signals/rational_plots.h"

#include "dsp/filters/rational_conversions.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

namespace raphson::optim::tools {

using report::Axis;
using report::Plot;
using report::Scale;
using report::Series;

namespace {

/// T60: until its sound has fallen by 60 dB.
double decay_seconds(std::complex<double> pole, double sample_rate) {
  const double radius = std::abs(pole);
  return radius > 0 ? -std::log(1000.0) / std::log(radius) / sample_rate : 0;
}

double degrees(std::complex<double> z) { return std::arg(z) * 180 / std::numbers::pi; }

} // namespace

report::NamedTable pole_table(const dsp::RationalSections<double>& filter, double sample_rate) {
  report::Table table{{{"section"}, {"pole (Hz)"}, {"radius"}, {"T60 (ms)"}, {"beta 1"}, {"beta 2"}}, {}};
  const auto all = dsp::poles(filter); // two a section
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].imag() < 0) continue;   // its conjugate is there
    const bool is_second = i % 2 == 1; // of two real ones
    const auto& section = filter.sections[i / 2];
    const double hz = std::abs(std::arg(all[i])) * sample_rate / (2 * std::numbers::pi);
    table.rows.push_back({i / 2 + 1, hz, report::Cell::significant(std::abs(all[i]), 6),
                          1000 * decay_seconds(all[i], sample_rate),
                          is_second ? report::Cell("") : report::Cell(section.beta1),
                          is_second ? report::Cell("") : report::Cell(section.beta2)});
  }
  return {"poles", "Poles", table};
}

report::NamedFigure response_figure(const dsp::RationalSections<double>& filter,
                                    const TransferEstimate& estimate, double sample_rate) {
  Series measured{.name = "measured", .style = {.opacity = 0.6}}, clone{.name = "clone"},
      measured_phase = measured, clone_phase = clone, coherence{};
  for (std::size_t k = 0; k < estimate.hz.size(); ++k) {
    const double hz = estimate.hz[k];
    if (hz < 20) continue;
    measured.x.push_back(hz);
    measured.y.push_back(20 * std::log10(std::abs(estimate.response[k])));
    clone.x.push_back(hz);
    clone.y.push_back(20 * std::log10(std::abs(dsp::response(filter, hz, sample_rate))));
    measured_phase.x.push_back(hz);
    measured_phase.y.push_back(degrees(estimate.response[k]));
    clone_phase.x.push_back(hz);
    clone_phase.y.push_back(degrees(dsp::response(filter, hz, sample_rate)));
    coherence.x.push_back(hz);
    coherence.y.push_back(estimate.coherence[k]);
  }
  const Axis frequency{"Frequency", "Hz", Scale::logarithmic};
  Plot response{"Response", frequency, {"Gain", "dB", Scale::decibel}, {measured, clone}};
  Plot phase{"Phase", frequency, {"Phase", "degrees"}, {measured_phase, clone_phase}};
  Plot linear{"Coherence", frequency, {"Coherence", "", Scale::linear, report::Range{0, 1}}, {coherence}};
  return {"response",
          {{response, phase, linear}, {880, 780}, "The clone's response against the recording's"}};
}

std::size_t settling_samples(const dsp::RationalSections<double>& filter, double sample_rate) {
  double longest = 0.001;
  for (const auto& pole : dsp::poles(filter)) longest = std::max(longest, decay_seconds(pole, sample_rate));
  return static_cast<std::size_t>(longest * sample_rate) + 1;
}

report::NamedFigure kernel_figure(const std::vector<double>& kernel, double sample_rate) {
  Series series;
  for (std::size_t t = 0; t < kernel.size(); ++t) {
    series.x.push_back(1000 * static_cast<double>(t) / sample_rate);
    series.y.push_back(kernel[t]);
  }
  return {"kernel",
          {{{"Impulse response", {"Time", "ms"}, {"Amplitude", ""}, {series}}}, {880, 300}, "The kernel"}};
}

report::NamedFigure pole_figure(const dsp::RationalSections<double>& filter) {
  Series circle{.name = "unit circle", .style = {.colour = report::Colour::neutral}};
  for (int i = 0; i <= 200; ++i) {
    circle.x.push_back(std::cos(2 * std::numbers::pi * i / 200));
    circle.y.push_back(std::sin(2 * std::numbers::pi * i / 200));
  }
  Series poles{.name = "poles", .style = {.mark = report::Mark::markers, .width = 7}};
  for (const auto& pole : dsp::poles(filter)) {
    poles.x.push_back(pole.real());
    poles.y.push_back(pole.imag());
  }
  return {"poles-plane",
          {{{"Poles", {"Real part", ""}, {"Imaginary part", ""}, {circle, poles}}},
           {440, 507},
           "Where the poles lie"}};
}

} // namespace raphson::optim::tools
