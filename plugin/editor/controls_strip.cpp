#include "plugin/editor/controls_strip.h"

#include "plugin/editor/palette.h"

namespace raphson::plugin {
namespace {

struct Item {
  const char *id, *label, *help;
};

constexpr Item knob_items[]{
    {"input_gain_db", "Input", "Level into the unit: more drives it harder"},
    {"output_gain_db", "Output", "Level behind everything"},
    {"mix", "Mix", "Wet over dry; dry is as late as wet, so nothing smears"},
    {"stereo_link", "Stereo link", "0 % each channel by itself, as was measured; 100 % all by the loudest"},
    {"sidechain_highpass_hz", "SC high-pass", "Keeps bass from the detector; 0 is off"},
    {"look_ahead_ms", "Look-ahead", "The gain acts this early; the host makes up for the delay"},
};

constexpr Item lamp_items[]{
    {"external_sidechain", "Ext. side-chain", "The compressor listens to the side-chain input"},
    {"auto_makeup", "Auto make-up", "Make-up from threshold and ratio, in place of the model's"},
    {"delta", "Delta", "Only what the compressor takes away"},
    {"bypass", "Bypass", "The input as it came, as late as ever"},
};

} // namespace

ControlsStrip::ControlsStrip(juce::AudioProcessorValueTreeState& parameters)
    : oversampling_(*parameters.getParameter("oversampling"), "Oversampling",
                    {"1" + juce::String::charToString(0xd7), "2" + juce::String::charToString(0xd7),
                     "4" + juce::String::charToString(0xd7)}) {
  setTitle("Controls");
  for (const Item& item : knob_items) {
    auto& parameter = *parameters.getParameter(item.id);
    addAndMakeVisible(knobs_.add(new Knob(parameter, {item.label, parameter.getName(64), item.help})));
  }
  oversampling_.setComponentID("oversampling");
  addAndMakeVisible(oversampling_);
  for (const Item& item : lamp_items)
    addAndMakeVisible(lamps_.add(new LampButton(*parameters.getParameter(item.id), item.label, item.help)));
}

void ControlsStrip::paint(juce::Graphics& g) {
  draw_panel(g, getLocalBounds().toFloat());
  g.setFont(type::font(type::Size::small));
  g.setColour(palette::text_dim);
  type::draw(g, "Oversampling", oversampling_name_.toFloat(), juce::Justification::centred);
}

void ControlsStrip::resized() {
  auto area = getLocalBounds().reduced(grid_px);
  auto lamps = area.removeFromRight(264).reduced(0, grid_px);
  const int width = lamps.getWidth() / 2;
  for (int i = 0; i < lamps_.size(); ++i) {
    const int row = i / 2, column = i % 2;
    lamps_[i]->setBounds(lamps.getX() + column * width,
                         lamps.getY() + row * (lamps.getHeight() + grid_px) / 2, width - grid_px,
                         (lamps.getHeight() - grid_px) / 2);
  }
  auto place = area.removeFromRight(136).withTrimmedRight(2 * grid_px);
  oversampling_name_ = place.removeFromTop(16);
  oversampling_.setBounds(place.withTrimmedBottom(16).withSizeKeepingCentre(112, 28));
  const int step = area.getWidth() / std::max(1, knobs_.size());
  for (auto* knob : knobs_) knob->setBounds(area.removeFromLeft(step).reduced(2, 0));
}

} // namespace raphson::plugin
