#include "plugin/editor/main_window.h"
#include "plugin/editor/palette.h"
#include "plugin/editor/paths.h"

namespace raphson::plugin {
namespace {

constexpr int margin = 2 * grid_px, header_height = 7 * grid_px, pictures_height = 26 * grid_px,
              panel_height = 32 * grid_px, strip_height = 12 * grid_px, foot_height = 3 * grid_px;
static_assert(header_height + pictures_height + grid_px + panel_height + grid_px + strip_height + foot_height
              == WindowContent::height);

/// A curve and its tangent: the step of Newton and Raphson.
void paint_mark(juce::Graphics& g, juce::Rectangle<float> area) {
  juce::Path curve;
  curve.startNewSubPath(area.getX(), area.getBottom() - 2);
  curve.quadraticTo(area.getX() + area.getWidth() * 0.72f, area.getBottom() - 2, area.getRight(),
                    area.getY());
  g.setColour(palette::text);
  g.strokePath(curve, {2, juce::PathStrokeType::curved, juce::PathStrokeType::rounded});
  juce::Path tangent;
  tangent.startNewSubPath(area.getX() + area.getWidth() * 0.34f, area.getBottom() + 2);
  tangent.lineTo(area.getRight() - 1, area.getY() + area.getHeight() * 0.16f);
  g.setColour(palette::accent);
  g.strokePath(tangent, {2, juce::PathStrokeType::curved, juce::PathStrokeType::rounded});
}

} // namespace

WindowContent::WindowContent(Processor& processor)
    : processor_(processor), presets_(processor, messages_), curve_(processor), header_(processor),
      front_(processor), expert_(processor), learn_(processor, messages_), controls_(processor.parameters),
      hints_(processor) {
  setTitle("Raphson");
  setFocusContainerType(FocusContainerType::keyboardFocusContainer);
  add_children();
  views_.on_choice = [this](int view) { show(static_cast<View>(view)); };
  const char* help[] = {"The unit's own knobs", "Every value of the model", "A clone from two recordings"};
  for (int i = 0; i < views_.size(); ++i) views_.button(i).setTooltip(help[i]);
  header_.on_load = [this] {
    chooser_ = choose_model_to_load([this](const auto& file) { load_model(file); });
  };
  header_.on_save = [this] { save_model(); };
  header_.on_reset = [this] { processor_.reset_overrides(); };
  learn_.on_keep = [this] { show(processor_.model().knobs.empty() ? View::expert : View::front); };
  processor_.model_changed.addChangeListener(this);
  processor_.history_changed().addChangeListener(this);
  had_knobs_ = !processor_.model().knobs.empty();
  views_.show_button(0, had_knobs_);
  show(had_knobs_ ? View::front : View::expert);
  if (const auto error = processor_.state_error(); !error.empty())
    messages_.show_error(juce::String::fromUTF8(error.c_str()));
}

WindowContent::~WindowContent() {
  processor_.model_changed.removeChangeListener(this);
  processor_.history_changed().removeChangeListener(this);
}

void WindowContent::add_children() {
  for (juce::Component* c :
       std::initializer_list<juce::Component*>{&presets_, &views_, &input_, &needle_, &history_, &curve_,
                                               &output_, &header_, &controls_, &hints_})
    addAndMakeVisible(c);
  for (juce::Component* c :
       std::initializer_list<juce::Component*>{&front_, &expert_, &learn_, &messages_, &ring_})
    addChildComponent(c);
  int order = 1; // of the Tab key: as it lies before the eye
  for (juce::Component* c : std::initializer_list<juce::Component*>{&messages_, &presets_, &views_, &header_,
                                                                    &front_, &expert_, &learn_, &controls_})
    c->setExplicitFocusOrder(order++);
}

void WindowContent::show(View view) {
  view_ = view;
  views_.choose(static_cast<int>(view));
  const bool learning = view == View::learn;
  front_.setVisible(view == View::front);
  expert_.setVisible(view == View::expert);
  learn_.setVisible(learning);
  for (juce::Component* c :
       std::initializer_list<juce::Component*>{&input_, &needle_, &history_, &curve_, &output_, &header_})
    c->setVisible(!learning);
  repaint();
}

void WindowContent::changeListenerCallback(juce::ChangeBroadcaster* source) {
  if (source == &processor_.model_changed) show_model();
  since_look_s_ = 1;
}

void WindowContent::show_model() {
  header_.show_model();
  front_.show_model();
  expert_.show_model();
  const bool has_knobs = !processor_.model().knobs.empty();
  views_.show_button(0, has_knobs);
  if (has_knobs != had_knobs_ && view_ != View::learn) show(has_knobs ? View::front : View::expert);
  had_knobs_ = has_knobs;
  repaint();
}

void WindowContent::load_model(const std::filesystem::path& file) {
  try_or_show(messages_, [&] { processor_.load_model(file); });
}

void WindowContent::save_model() {
  chooser_ =
      choose_model_to_save(juce::String::fromUTF8(processor_.model().name.c_str()), [this](const auto& file) {
        try_or_show(messages_, [&] { processor_.save_model(file); });
      });
}

void WindowContent::advance(double elapsed_s) {
  MeterFrame frame;
  while (processor_.meters().pop(frame))
    for (MeterView* view : meter_views_) view->add(frame);
  for (MeterView* view : meter_views_) view->refresh(elapsed_s);
  since_look_s_ += elapsed_s;
  constexpr double look_every_s = 0.05;
  if (since_look_s_ < look_every_s) return;
  since_look_s_ = 0;
  header_.show_overrides(expert_.refresh());
  presets_.refresh();
  hints_.refresh(*this);
  learn_.refresh();
}

bool WindowContent::keyPressed(const juce::KeyPress& key) {
  using juce::ModifierKeys;
  if (key == juce::KeyPress('z', ModifierKeys::commandModifier, 0)) return processor_.undo(), true;
  if (key == juce::KeyPress('z', ModifierKeys::commandModifier | ModifierKeys::shiftModifier, 0)
      || key == juce::KeyPress('y', ModifierKeys::commandModifier, 0))
    return processor_.redo(), true;
  if (key == juce::KeyPress::escapeKey && messages_.isVisible()) return messages_.dismiss(), true;
  return false;
}

void WindowContent::paint(juce::Graphics& g) {
  g.fillAll(palette::window);
  auto head = juce::Rectangle<float>(margin, 0, 104, header_height);
  paint_mark(g, head.removeFromLeft(20).withSizeKeepingCentre(20, 18));
  g.setFont(type::font(type::Size::title, type::Weight::strong));
  g.setColour(palette::text);
  type::draw(g, "Raphson", head.withTrimmedLeft(8).withWidth(88), juce::Justification::centredLeft);
  if (view_ != View::learn)
    draw_panel(g, header_.getBounds()
                      .getUnion(expert_.getBounds())
                      .expanded(grid_px, 0)
                      .withTop(header_.getY() - grid_px)
                      .withBottom(expert_.getBottom() + grid_px)
                      .withX(margin)
                      .withRight(width - margin)
                      .toFloat());
}

void WindowContent::resized() {
  auto area = getLocalBounds().reduced(margin, 0);
  auto head = area.removeFromTop(header_height).withSizeKeepingCentre(area.getWidth(), 32);
  views_.setBounds(head.removeFromRight(200));
  presets_.setBounds(head.withTrimmedLeft(16 * grid_px));
  messages_.setBounds(area.withHeight(44));

  const auto main = area.withHeight(pictures_height + grid_px + panel_height);
  learn_.setBounds(main);
  auto pictures = area.removeFromTop(pictures_height);
  const auto take = [&](juce::Component& c, int w) {
    c.setBounds(pictures.removeFromLeft(w));
    pictures.removeFromLeft(grid_px);
  };
  take(input_, 64);
  take(needle_, 288);
  take(history_, 288);
  take(curve_, 192);
  take(output_, 64);

  area.removeFromTop(grid_px);
  auto panel = area.removeFromTop(panel_height).reduced(margin, grid_px);
  header_.setBounds(panel.removeFromTop(5 * grid_px - 4));
  panel.removeFromTop(grid_px);
  front_.setBounds(panel);
  expert_.setBounds(panel);
  area.removeFromTop(grid_px);
  controls_.setBounds(area.removeFromTop(strip_height));
  hints_.setBounds(area.withTrimmedRight(grid_px));
}

} // namespace raphson::plugin
