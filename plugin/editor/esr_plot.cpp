#include "plugin/editor/esr_plot.h"

#include "plugin/editor/palette.h"

#include <algorithm>
#include <cmath>

namespace raphson::plugin {

void EsrPlot::show(const juce::String& title, const std::vector<double>& trace) {
  std::vector<double> usable;
  for (const double esr : trace)
    if (std::isfinite(esr) && esr > 0) usable.push_back(esr);
  if (usable == trace_ && title == getTitle()) return;
  setTitle(title);
  trace_ = std::move(usable);
  repaint();
}

juce::Rectangle<float> EsrPlot::plot() const {
  return getLocalBounds()
      .toFloat()
      .withTrimmedTop(20)
      .withTrimmedLeft(48)
      .withTrimmedBottom(20)
      .withTrimmedRight(8);
}

void EsrPlot::paint(juce::Graphics& g) {
  const auto area = plot();
  g.setFont(type::font(type::Size::small));
  g.setColour(palette::text_dim);
  type::draw(g, getTitle(), getLocalBounds().toFloat().removeFromTop(16).withTrimmedLeft(48),
             juce::Justification::centredLeft);
  draw_well(g, area);
  if (trace_.empty()) {
    g.setColour(palette::text_dim);
    type::draw(g, "The error's way down shows here", area, juce::Justification::centred);
    return;
  }
  const auto [lowest, highest] = std::minmax_element(trace_.begin(), trace_.end());
  const double bottom = std::floor(std::log10(*lowest)),
               top = std::max(bottom + 1, std::ceil(std::log10(*highest)));
  const auto y_of = [&](double esr) {
    return area.getY() + area.getHeight() * static_cast<float>((top - std::log10(esr)) / (top - bottom));
  };
  const auto last = static_cast<float>(std::max<std::size_t>(trace_.size() - 1, 1));
  const auto x_of = [&](std::size_t i) {
    return area.getX() + 8 + (area.getWidth() - 24) * static_cast<float>(i) / last;
  };

  for (double power = bottom; power <= top; ++power) {
    const float y = y_of(std::pow(10, power));
    g.setColour(palette::line.withAlpha(0.6f));
    if (power > bottom && power < top) g.fillRect(area.withY(y).withHeight(1));
    g.setColour(palette::text_dim);
    type::draw(g, juce::String(std::pow(10, power), power < 0 ? static_cast<int>(-power) : 0),
               {0, std::clamp(y - 7, area.getY(), area.getBottom() - 14), 42, 14},
               juce::Justification::centredRight);
  }
  const int steps = static_cast<int>(trace_.size()) - 1;
  type::draw(g, juce::String(steps) + (steps == 1 ? " step" : " steps"),
             {area.getRight() - 96, area.getBottom() + 4, 96, 14}, juce::Justification::centredRight);

  juce::Path path;
  for (std::size_t i = 0; i < trace_.size(); ++i) {
    const juce::Point<float> p{x_of(i), y_of(trace_[i])};
    if (i == 0)
      path.startNewSubPath(p);
    else
      path.lineTo(p);
  }
  g.setColour(palette::accent);
  g.strokePath(path, {2, juce::PathStrokeType::curved, juce::PathStrokeType::rounded});
  for (std::size_t i = 0; i < trace_.size(); ++i)
    g.fillEllipse(juce::Rectangle<float>(5, 5).withCentre({x_of(i), y_of(trace_[i])}));
}

} // namespace raphson::plugin
