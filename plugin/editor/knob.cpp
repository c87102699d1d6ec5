#include "plugin/editor/knob.h"

#include "plugin/editor/palette.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace raphson::plugin {
namespace {

constexpr float turn = 2 * std::numbers::pi_v<float>;
constexpr float first_angle = 0.625f * turn, last_angle = 1.375f * turn;
constexpr int scale_room = 32; ///< on all sides of a large knob

} // namespace

class Knob::Dial final : public juce::Slider {
public:
  explicit Dial(Knob& knob) : Slider(RotaryHorizontalVerticalDrag, NoTextBox), knob_(knob) {
    setRotaryParameters(first_angle, last_angle, true);
    setVelocityModeParameters(0.6, 1, 0.02, true, juce::ModifierKeys::shiftModifier);
    setMouseDragSensitivity(240);
    setWantsKeyboardFocus(true);
  }

  bool keyPressed(const juce::KeyPress& key) override {
    if (key == juce::KeyPress::returnKey) return knob_.type_value(), true;
    if (key == juce::KeyPress::deleteKey || key == juce::KeyPress::backspaceKey) return knob_.reset(), true;
    if (const double step = step_of(key); step != 0) return move(step), true;
    return Slider::keyPressed(key);
  }
  void mouseDoubleClick(const juce::MouseEvent&) override { knob_.reset(); }
  void mouseEnter(const juce::MouseEvent& e) override { Slider::mouseEnter(e), repaint(); }
  void mouseExit(const juce::MouseEvent& e) override { Slider::mouseExit(e), repaint(); }

private:
  /// A hundredth of the knob's way; a tenth by the page keys; all of it by Home and End.
  static double step_of(const juce::KeyPress& key) {
    const double size = key.getModifiers().isShiftDown() ? 0.001 : 0.01;
    const int code = key.getKeyCode();
    if (code == juce::KeyPress::upKey || code == juce::KeyPress::rightKey) return size;
    if (code == juce::KeyPress::downKey || code == juce::KeyPress::leftKey) return -size;
    if (code == juce::KeyPress::pageUpKey) return 0.1;
    if (code == juce::KeyPress::pageDownKey) return -0.1;
    if (code == juce::KeyPress::homeKey) return -1;
    if (code == juce::KeyPress::endKey) return 1;
    return 0;
  }
  void move(double step) {
    const double position = std::clamp(valueToProportionOfLength(getValue()) + step, 0.0, 1.0);
    ScopedDragNotification gesture(*this);
    setValue(proportionOfLengthToValue(position), juce::sendNotificationSync);
  }

  Knob& knob_;
};

/// The value, which a click lets one type.
class Knob::Value final : public juce::Label {
public:
  explicit Value(Knob& knob) : knob_(knob) {
    setEditable(true, true, false);
    setWantsKeyboardFocus(false); // Enter on the knob is the way in
    setAccessible(false);         // the knob speaks for it
    setJustificationType(juce::Justification::centred);
    setMouseCursor(juce::MouseCursor::IBeamCursor);
    setBorderSize({});
    setMinimumHorizontalScale(1);
    onTextChange = [this] { take(); };
  }

  void show() { setText(type::with_minus(knob_.value_text()), juce::dontSendNotification); }

  void editorShown(juce::TextEditor* box) override {
    box->setText(knob_.value_text(), false); // with a minus that can be typed
    box->setJustification(juce::Justification::centred);
    box->setBorder({});
    box->setIndents(0, 0);
    box->selectAll();
  }
  void editorAboutToBeHidden(juce::TextEditor*) override { knob_.slider().grabKeyboardFocus(); }

private:
  void take() {
    auto& parameter = knob_.parameter_;
    const float value = parameter.getValueForText(getText().replaceCharacter(0x2212, '-'));
    juce::Slider::ScopedDragNotification gesture(knob_.slider());
    knob_.slider().setValue(parameter.convertFrom0to1(value), juce::sendNotificationSync);
    show();
  }

  Knob& knob_;
};

Knob::Knob(juce::RangedAudioParameter& parameter, Text text, Kind kind)
    : parameter_(parameter), text_(std::move(text)), kind_(kind), slider_(std::make_unique<Dial>(*this)),
      value_(std::make_unique<Value>(*this)) {
  setTitle(text_.title);
  setTooltip(text_.help);
  setFocusContainerType(FocusContainerType::none);
  value_->setFont(kind == Kind::large ? type::font(type::Size::title, type::Weight::strong)
                                      : type::font(type::Size::small));
  slider_->setTitle(text_.title);
  slider_->setHelpText(text_.help);
  slider_->setComponentID(parameter.getParameterID());
  const auto range = parameter.getNormalisableRange();
  if (range.start < 0 && juce::approximatelyEqual(range.start, -range.end))
    slider_->getProperties().set(bipolar_property, true);
  slider_->onValueChange = [this] { value_->show(); };
  addAndMakeVisible(*slider_);
  addAndMakeVisible(*value_);
  attachment_ = std::make_unique<juce::SliderParameterAttachment>(parameter, *slider_);
  slider_->setDoubleClickReturnValue(false, 0);
  value_->show();
}

Knob::~Knob() = default;

juce::String Knob::value_text() const { return parameter_.getText(parameter_.getValue(), 0); }

juce::Slider& Knob::slider() { return *slider_; }

void Knob::type_value() { value_->showEditor(); }

void Knob::reset() {
  if (on_reset) return on_reset();
  juce::Slider::ScopedDragNotification gesture(*slider_);
  slider_->setValue(parameter_.convertFrom0to1(parameter_.getDefaultValue()), juce::sendNotificationSync);
}

void Knob::mark(bool marked) {
  if (std::exchange(marked_, marked) == marked) return;
  slider_->setDescription(marked ? "moved by hand" : "");
  repaint();
}

void Knob::paint(juce::Graphics& g) {
  const auto font = kind_ == Kind::large ? type::font(type::Size::body, type::Weight::strong)
                                         : type::font(type::Size::small);
  g.setFont(font);
  g.setColour(marked_ ? palette::accent : kind_ == Kind::large ? palette::text : palette::text_dim);
  const auto area = getLocalBounds().toFloat().removeFromTop(16);
  type::draw(g, text_.label, area, juce::Justification::centred);
  if (!scale_.empty()) paint_scale(g);
  if (!marked_) return;
  const float from = area.getCentreX() - type::width(text_.label, font) / 2;
  g.fillEllipse(juce::Rectangle<float>(5, 5).withCentre({std::max(3.0f, from - 7), area.getCentreY()}));
}

void Knob::resized() {
  auto area = getLocalBounds();
  area.removeFromTop(16);
  value_->setBounds(area.removeFromBottom(kind_ == Kind::large ? 24 : 16));
  if (kind_ == Kind::large) {
    const int size = std::min(area.getHeight() - 44, area.getWidth() - 2 * scale_room);
    area = area.withSizeKeepingCentre(size, size).translated(0, 10); // room for the numbers, most of it above
  }
  slider_->setBounds(area);
}

void Knob::set_scale(std::vector<Tick> ticks) { scale_ = std::move(ticks); }

void Knob::paint_scale(juce::Graphics& g) {
  const auto centre = slider_->getBounds().toFloat().getCentre();
  const float radius = static_cast<float>(slider_->getWidth()) / 2;
  g.setFont(type::font(type::Size::small));
  g.setColour(palette::text_dim);
  for (const Tick& tick : scale_) {
    const float angle = first_angle + static_cast<float>(tick.way) * (last_angle - first_angle);
    const float length = tick.label.isEmpty() ? 3.0f : 5.0f;
    g.drawLine({centre.getPointOnCircumference(radius + 3, angle),
                centre.getPointOnCircumference(radius + 3 + length, angle)},
               1.25f);
    if (tick.label.isEmpty()) continue;
    const auto number = juce::Rectangle<float>(32, 14).withCentre(
        centre.getPointOnCircumference(radius + 25, radius + 20, angle));
    type::draw(g, tick.label, number, juce::Justification::centred);
  }
}

std::vector<double> scale_numbers(double minimum, double maximum) {
  const auto is_whole = [](double x) { return std::abs(x - std::round(x)) < 1e-9; };
  for (const double power : {0.01, 0.1, 1.0, 10.0, 100.0, 1000.0})
    for (const double unit : {1.0, 2.0, 3.0, 5.0, 6.0}) {
      const double step = unit * power, count = (maximum - minimum) / step;
      if (count > 10.5 || count < 1.5 || !is_whole(minimum / step) || !is_whole(maximum / step)) continue;
      std::vector<double> numbers;
      for (int i = 0; i <= juce::roundToInt(count); ++i) numbers.push_back(minimum + i * step);
      return numbers;
    }
  return {};
}

std::vector<Knob::Tick> scale_ticks(double minimum, double maximum, std::vector<double> measured) {
  constexpr double apart = 0.09; // of the way: numbers closer than that would touch
  const auto way = [&](double position) { return (position - minimum) / (maximum - minimum); };
  std::vector<Knob::Tick> ticks;
  for (const double number : scale_numbers(minimum, maximum))
    ticks.push_back({way(number), type::with_minus(juce::String(number))});
  const bool round = !ticks.empty();
  std::sort(measured.begin(), measured.end());
  double last_label = -1;
  for (const double position : measured) {
    const double at = way(position);
    const auto is_here = [&](const Knob::Tick& tick) { return std::abs(tick.way - at) < 1e-6; };
    if (std::any_of(ticks.begin(), ticks.end(), is_here)) continue;
    const bool labelled = !round && at - last_label >= apart && (1 - at >= apart || 1 - at < 1e-6);
    if (labelled) last_label = at;
    ticks.push_back({at, labelled ? type::with_minus(juce::String(position)) : juce::String()});
  }
  return ticks;
}

} // namespace raphson::plugin
