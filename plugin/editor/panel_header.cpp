#include "plugin/editor/panel_header.h"

#include "plugin/editor/palette.h"

namespace raphson::plugin {
namespace {

juce::String name(dsp::BlockType type) {
  return type == dsp::BlockType::equaliser ? "equaliser" : dsp::to_string(type);
}

/// "compressor + equaliser, 2 knobs, ESR 0.0049".
juce::String about(const dsp::Model& model) {
  juce::StringArray parts;
  juce::StringArray blocks;
  for (const dsp::BlockSettings& block : model.chain.blocks)
    blocks.add(block.type == dsp::BlockType::gru_makeup ? "network of " + juce::String(block.gru.units)
                                                        : name(block.type));
  parts.add(blocks.joinIntoString(" + "));
  if (!model.knobs.empty())
    parts.add(juce::String(model.knobs.size()) + (model.knobs.size() == 1 ? " knob" : " knobs"));
  if (model.source.esr) parts.add("ESR " + juce::String(*model.source.esr, 4));
  return parts.joinIntoString(", ");
}

} // namespace

PanelHeader::PanelHeader(Processor& processor) : processor_(processor) {
  name_.setFont(type::font(type::Size::title, type::Weight::strong));
  about_.setFont(type::font(type::Size::small));
  about_.setColour(juce::Label::textColourId, palette::text_dim);
  for (auto* label : {&name_, &about_}) {
    label->setBorderSize({});
    label->getProperties().set("shorten", true);
    label->setInterceptsMouseClicks(false, false);
    addAndMakeVisible(label);
  }
  load_.setTooltip("A model file, *.raphson.json, as `raphson match` and the Learn view write it");
  save_.setTooltip("Writes what sounds now as a model file");
  reset_.setTooltip("Values moved by hand follow the model again");
  load_.onClick = [this] { on_load(); };
  save_.onClick = [this] { on_save(); };
  reset_.onClick = [this] { on_reset(); };
  addAndMakeVisible(load_);
  addAndMakeVisible(save_);
  addChildComponent(reset_);
  show_model();
}

void PanelHeader::show_model() {
  const dsp::Model& model = processor_.model();
  name_.setText(juce::String::fromUTF8(model.name.c_str()), juce::dontSendNotification);
  about_.setText(about(model), juce::dontSendNotification);
  resized();
}

void PanelHeader::show_overrides(int count) {
  const juce::String text = "Reset " + juce::String(count) + " moved";
  if (reset_.isVisible() == (count > 0) && reset_.getButtonText() == text) return;
  reset_.setButtonText(text);
  reset_.setVisible(count > 0);
  resized();
}

void PanelHeader::paint(juce::Graphics& g) {
  g.setColour(palette::line);
  g.fillRect(getLocalBounds().removeFromBottom(1));
}

void PanelHeader::resized() {
  auto area = getLocalBounds().withTrimmedBottom(grid_px);
  save_.setBounds(area.removeFromRight(14 * grid_px));
  area.removeFromRight(grid_px);
  load_.setBounds(area.removeFromRight(14 * grid_px));
  area.removeFromRight(grid_px);
  if (reset_.isVisible()) {
    reset_.setBounds(area.removeFromRight(15 * grid_px));
    area.removeFromRight(grid_px);
  }
  const int wanted = juce::roundToInt(type::width(name_.getText(), name_.getFont())) + 4;
  name_.setBounds(area.removeFromLeft(std::min(wanted, area.getWidth() * 2 / 3)));
  about_.setBounds(area.withTrimmedLeft(2 * grid_px).translated(0, 2));
}

} // namespace raphson::plugin
