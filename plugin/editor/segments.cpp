#include "plugin/editor/segments.h"

namespace raphson::plugin {

Segments::Segments(const juce::String& title, const juce::StringArray& names, bool stacked)
    : stacked_(stacked) {
  setTitle(title);
  for (int i = 0; i < names.size(); ++i) {
    auto* button = buttons_.add(new juce::TextButton(names[i]));
    button->setTitle(title + ": " + names[i]);
    button->onClick = [this, i] {
      choose(i);
      if (on_choice) on_choice(i);
    };
    addAndMakeVisible(button);
  }
}

void Segments::choose(int index) {
  chosen_ = index;
  for (int i = 0; i < buttons_.size(); ++i)
    buttons_[i]->setToggleState(i == index, juce::dontSendNotification);
}

void Segments::show_button(int index, bool shown) {
  buttons_[index]->setVisible(shown);
  layout();
}

void Segments::resized() { layout(); }

void Segments::layout() {
  juce::Array<juce::TextButton*> shown;
  for (auto* button : buttons_)
    if (button->isVisible()) shown.add(button);
  const int count = std::max(1, shown.size());
  for (int i = 0; i < shown.size(); ++i) {
    if (stacked_) {
      const int step = (getHeight() + grid_px / 2) / count;
      shown[i]->setBounds(0, i * step, getWidth(), step - grid_px / 2);
      continue;
    }
    shown[i]->setConnectedEdges((i > 0 ? juce::Button::ConnectedOnLeft : 0)
                                | (i + 1 < count ? juce::Button::ConnectedOnRight : 0));
    const int from = getWidth() * i / count, to = getWidth() * (i + 1) / count;
    shown[i]->setBounds(from, 0, to - from, getHeight());
  }
}

ParameterSegments::ParameterSegments(juce::RangedAudioParameter& parameter, const juce::String& title,
                                     const juce::StringArray& names, bool stacked)
    : parameter_(parameter), segments_(title, names, stacked), attachment_(parameter, [this](float value) {
        segments_.choose(
            juce::roundToInt(parameter_.convertTo0to1(value) * static_cast<float>(segments_.size() - 1)));
      }) {
  addAndMakeVisible(segments_);
  segments_.on_choice = [this](int index) {
    const float normalised = static_cast<float>(index) / static_cast<float>(segments_.size() - 1);
    attachment_.setValueAsCompleteGesture(parameter_.convertFrom0to1(normalised));
  };
  attachment_.sendInitialUpdate();
}

} // namespace raphson::plugin
