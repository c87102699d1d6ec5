#include "plugin/editor/learn_result_view.h"

#include "plugin/editor/palette.h"
#include "plugin/state/value_text.h"

#include <cmath>

namespace raphson::plugin {
namespace {

juce::String value_of(const optim::match::ParameterEstimate& e) {
  return type::with_minus(juce::String(format_value(e.value, e.unit)));
}

juce::String error_of(const optim::match::ParameterEstimate& e) {
  if (!e.determined || !std::isfinite(e.standard_error)) return "not determined";
  const double relative = std::abs(e.standard_error / (std::abs(e.value) > 0 ? e.value : 1));
  const juce::String plus_minus = juce::String::charToString(0xb1) + " ";
  if (e.unit == "dB") return plus_minus + juce::String(e.standard_error, 2) + " dB";
  return plus_minus
         + (relative < 0.0995 ? juce::String(100 * relative, 1)
                              : juce::String(juce::roundToInt(100 * relative)))
         + " %";
}

} // namespace

juce::String estimate_text(const optim::match::ParameterEstimate& e) {
  return juce::String(e.label) + " " + value_of(e) + ", " + error_of(e);
}

void LearnResultView::show(std::shared_ptr<const LearnResult> result) {
  if (result == result_) return;
  result_ = std::move(result);
  juce::StringArray words;
  if (result_)
    for (const auto& estimate : result_->match.parameters) words.add(estimate_text(estimate));
  setDescription(words.joinIntoString("; "));
  repaint();
}

void LearnResultView::paint(juce::Graphics& g) {
  if (!result_) return;
  auto area = getLocalBounds().toFloat();
  auto head = area.removeFromTop(40);
  g.setFont(type::font(type::Size::large, type::Weight::strong));
  g.setColour(palette::accent);
  const juce::String esr = juce::String(result_->match.esr, 4);
  const float used = type::width(esr, g.getCurrentFont());
  type::draw(g, esr, head.removeFromLeft(used + 2), juce::Justification::centredLeft);
  head.removeFromLeft(12);
  g.setFont(type::font(type::Size::small));
  g.setColour(palette::text_dim);
  const auto& match = result_->match;
  type::draw(g, "ESR; " + juce::String(match.esr_before, 3) + " before", head.removeFromTop(22),
             juce::Justification::bottomLeft);
  type::draw(g,
             juce::String(match.converged ? "converged in " : "not converged in ")
                 + juce::String(match.iterations) + " steps",
             head, juce::Justification::centredLeft);
  area.removeFromTop(8);
  if (!result_->warnings.empty()) {
    auto foot = area.removeFromBottom(32);
    g.setColour(palette::text);
    g.drawFittedText(juce::String::fromUTF8(result_->warnings.front().c_str()), foot.toNearestInt(),
                     juce::Justification::bottomLeft, 2, 1);
    area.removeFromBottom(4);
  }
  paint_parameters(g, area);
}

void LearnResultView::paint_parameters(juce::Graphics& g, juce::Rectangle<float> area) const {
  const auto& list = result_->match.parameters;
  const std::size_t rows = list.size() > 8 ? (list.size() + 1) / 2 : list.size();
  const float height = std::min(20.0f, area.getHeight() / static_cast<float>(std::max<std::size_t>(rows, 1)));
  const float width = list.size() > rows ? area.getWidth() / 2 : area.getWidth();
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto row =
        juce::Rectangle<float>(area.getX() + width * static_cast<float>(i / rows),
                               area.getY() + height * static_cast<float>(i % rows), width - 12, height);
    g.setFont(type::font(type::Size::small));
    g.setColour(palette::text_dim);
    type::draw(g, error_of(list[i]), row.removeFromRight(88), juce::Justification::centredRight);
    type::draw(g, juce::String(list[i].label), row, juce::Justification::centredLeft,
               type::Overflow::shorten);
    g.setFont(type::font(type::Size::small, type::Weight::strong));
    g.setColour(palette::text);
    type::draw(g, value_of(list[i]), row.removeFromRight(64), juce::Justification::centredRight);
  }
}

} // namespace raphson::plugin
