#include "optim/tools/signals/rational_plots.h"

#include "dsp/filters/rational_conversions.h"

#include <cmath>
#include <numbers>

namespace raphson::optim::tools {

using report::Axis;
using report::Plot;
using report::Scale;
using report::Series;

report::NamedTable pole_table(const dsp::RationalSections<double>& filter, double sample_rate) {
  report::Table table{{{"section"}, {"pole (Hz)"}, {"radius"}, {"T60 (ms)"}, {"beta 1"}, {"beta 2"}}, {}};
  const auto all = dsp::poles(filter);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].imag() < 0) continue; // its conjugate is there
    const auto& section = filter.sections[i / 2];
    const double radius = std::abs(all[i]);
    const double hz = std::arg(all[i]) * sample_rate / (2 * std::numbers::pi);
    const double t60 = radius > 0 ? -std::log(1000.0) / std::log(radius) / sample_rate * 1000 : 0;
    table.rows.push_back(
        {i / 2 + 1, hz, report::Cell::significant(radius, 6), t60, section.beta1, section.beta2});
  }
  return {"poles", "Poles", table};
}

report::NamedFigure response_figure(const dsp::RationalSections<double>& filter,
                                    const TransferEstimate& estimate, double sample_rate) {
  Series measured{.name = "measured", .style = {.opacity = 0.6}}, clone{.name = "clone"},
      coherence{.name = "", .x = {}, .y = {}};
  for (std::size_t k = 0; k < estimate.hz.size(); ++k) {
    const double hz = estimate.hz[k];
    if (hz < 20) continue;
    measured.x.push_back(hz);
    measured.y.push_back(20 * std::log10(std::abs(estimate.response[k])));
    clone.x.push_back(hz);
    clone.y.push_back(20 * std::log10(std::abs(dsp::response(filter, hz, sample_rate))));
    coherence.x.push_back(hz);
    coherence.y.push_back(estimate.coherence[k]);
  }
  const Axis frequency{"Frequency", "Hz", Scale::logarithmic};
  Plot response{"Response", frequency, {"Gain", "dB", Scale::decibel}, {measured, clone}};
  Plot linear{"Coherence", frequency, {"Coherence", "", Scale::linear, report::Range{0, 1}}, {coherence}};
  return {"response", {{response, linear}, {880, 560}, "The clone's response against the recording's"}};
}

report::NamedFigure kernel_figure(const std::vector<double>& kernel, double sample_rate) {
  Series series;
  for (std::size_t t = 0; t < kernel.size(); ++t) {
    series.x.push_back(1000 * static_cast<double>(t) / sample_rate);
    series.y.push_back(kernel[t]);
  }
  return {"kernel", {{{"Impulse response", {"Time", "ms"}, {"", ""}, {series}}}, {880, 300}, "The kernel"}};
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
           {440, 440},
           "Where the poles lie"}};
}

} // namespace raphson::optim::tools
