#include "plugin/editor/transfer_curve.h"

#include "plugin/editor/palette.h"

#include <tuple>

namespace raphson::plugin {
namespace {

constexpr double lowest_db = -60, highest_db = 0;

bool same(const std::optional<dsp::StaticCurve>& a, const std::optional<dsp::StaticCurve>& b) {
  const auto fields = [](const dsp::StaticCurve& c) {
    return std::tuple(c.threshold_db, c.ratio, c.knee_db, c.makeup_db, c.topology);
  };
  return a && b ? fields(*a) == fields(*b) : !a && !b;
}

} // namespace

TransferCurve::TransferCurve(Processor& processor) : processor_(processor), curve_(curve_now()) {
  setTitle("Transfer curve");
  setTooltip("Output over input level, dB; the dot is where the compressor works now");
}

std::optional<dsp::StaticCurve> TransferCurve::curve_now() const {
  const dsp::ChainSettings& chain = processor_.model().chain;
  const dsp::BlockSettings* block = chain.compressor();
  if (block == nullptr) return {};
  std::vector<double> values;
  for (std::size_t i = 0; i < block->values.size(); ++i)
    values.push_back(processor_.effective_value(chain.first_value(*block) + i));
  return dsp::static_curve(*block, values);
}

void TransferCurve::add(const MeterFrame& frame) {
  if (frame.detector_db >= loudest_.detector_db) loudest_ = frame;
}

void TransferCurve::refresh(double elapsed_s) {
  values_age_s_ += elapsed_s;
  constexpr double look_again_s = 1.0 / 30; // as often as the processor follows its knobs
  if (values_age_s_ >= look_again_s) {
    values_age_s_ = 0;
    if (const auto now = curve_now(); !same(now, curve_)) curve_ = now, repaint();
  }
  if (!curve_) return;
  const auto before = around_point();
  const float was_bright = brightness_;
  constexpr float fade_per_s = 3;
  brightness_ = std::max(0.0f, brightness_ - fade_per_s * static_cast<float>(elapsed_s));
  if (loudest_.detector_db > lowest_db) {
    brightness_ = 1;
    point_ = {loudest_.detector_db,
              loudest_.detector_db - loudest_.gain_reduction_db + static_cast<float>(curve_->makeup_db)};
  }
  loudest_ = {};
  if (brightness_ <= 0 && was_bright <= 0) return;
  repaint(before);
  repaint(around_point());
}

juce::Rectangle<float> TransferCurve::plot() const {
  const auto area =
      getLocalBounds().toFloat().reduced(8).withTrimmedTop(20).withTrimmedBottom(18).withTrimmedLeft(24);
  return area;
}

juce::Point<float> TransferCurve::at(double input_db, double output_db) const {
  const auto area = plot();
  const auto way = [](double db) { return static_cast<float>((db - lowest_db) / (highest_db - lowest_db)); };
  return {area.getX() + way(input_db) * area.getWidth(),
          area.getBottom() - way(output_db) * area.getHeight()};
}

juce::Rectangle<int> TransferCurve::around_point() const {
  return juce::Rectangle<float>(32, 32).withCentre(at(point_.x, point_.y)).getSmallestIntegerContainer();
}

void TransferCurve::paint_grid(juce::Graphics& g) const {
  const auto area = plot();
  g.setFont(type::font(type::Size::small));
  for (const int db : {-60, -40, -20, 0}) {
    const auto p = at(db, db);
    g.setColour(palette::line.withAlpha(0.6f));
    if (db > lowest_db && db < highest_db) {
      g.fillRect(area.withX(p.x).withWidth(1));
      g.fillRect(area.withY(p.y).withHeight(1));
    }
    g.setColour(palette::text_dim);
    const auto text = type::with_minus(juce::String(db));
    auto below = juce::Rectangle<float>(28, 14).withCentre({p.x, area.getBottom() + 11});
    if (db == highest_db) below.setX(area.getRight() - below.getWidth());
    if (db == lowest_db) below = below.withX(area.getX());
    type::draw(g, text, below,
               db == highest_db  ? juce::Justification::centredRight
               : db == lowest_db ? juce::Justification::centredLeft
                                 : juce::Justification::centred);
    const float y = std::clamp(p.y - 7, area.getY(), area.getBottom() - 14);
    type::draw(g, text, {area.getX() - 28, y, 24, 14}, juce::Justification::centredRight);
  }
  g.setColour(palette::line.brighter(0.15f));
  g.drawLine({at(lowest_db, lowest_db), at(highest_db, highest_db)}, 1);
}

void TransferCurve::paint_curve(juce::Graphics& g) const {
  juce::Path curve;
  for (double db = lowest_db; db <= highest_db; db += 0.5) {
    const auto p = at(db, curve_->output_db(db));
    if (db == lowest_db)
      curve.startNewSubPath(p);
    else
      curve.lineTo(p);
  }
  g.setColour(palette::text);
  g.strokePath(curve, juce::PathStrokeType(2, juce::PathStrokeType::curved));
  const auto knee_at = at(curve_->threshold_db, curve_->output_db(curve_->threshold_db));
  g.setColour(palette::text_dim);
  g.drawLine({{knee_at.x, plot().getBottom()}, {knee_at.x, plot().getBottom() - 5}}, 1.5f);
}

void TransferCurve::paint(juce::Graphics& g) {
  draw_panel(g, getLocalBounds().toFloat());
  g.setFont(type::font(type::Size::small));
  g.setColour(palette::text_dim);
  const auto head = getLocalBounds().toFloat().reduced(8).removeFromTop(16);
  type::draw(g, "Output over input, dB", head, juce::Justification::centredLeft);
  draw_well(g, plot());
  if (!curve_) {
    g.setColour(palette::text_dim);
    type::draw(g, "no compressor", plot(), juce::Justification::centred);
    return;
  }
  paint_grid(g);
  g.reduceClipRegion(plot().toNearestInt());
  paint_curve(g);
  if (brightness_ <= 0) return;
  const auto dot = at(point_.x, point_.y);
  g.setGradientFill({palette::accent.withAlpha(0.5f * brightness_), dot, palette::accent.withAlpha(0.0f),
                     dot.translated(14, 0), true});
  g.fillEllipse(juce::Rectangle<float>(28, 28).withCentre(dot));
  g.setColour(palette::accent.withAlpha(brightness_));
  g.fillEllipse(juce::Rectangle<float>(9, 9).withCentre(dot));
}

} // namespace raphson::plugin
