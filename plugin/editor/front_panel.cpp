#include "plugin/editor/front_panel.h"

#include "plugin/editor/palette.h"

namespace raphson::plugin {

FrontPanel::FrontPanel(Processor& processor) : processor_(processor) {
  setTitle("Front panel");
  show_model();
}

void FrontPanel::show_model() {
  knobs_.clear();
  switches_.clear();
  switch_names_.clear();
  const auto& knobs = processor_.model().knobs;
  // Big knobs as long as there is room for them.
  const auto kind = knobs.size() <= 4 ? Knob::Kind::large : Knob::Kind::small;
  for (std::size_t k = 0; k < knobs.size(); ++k) {
    auto& parameter = *processor_.parameters.getParameter("knob" + juce::String(k + 1));
    const auto name = juce::String::fromUTF8(knobs[k].name.c_str());
    if (knobs[k].is_switch()) {
      juce::StringArray positions;
      for (const std::string& position : knobs[k].positions)
        positions.add(juce::String::fromUTF8(position.c_str()));
      addAndMakeVisible(switches_.add(new ParameterSegments(parameter, name, positions, true)));
      switches_.getLast()->setComponentID(parameter.getParameterID());
      auto* label = switch_names_.add(new juce::Label({}, name));
      label->setFont(type::font(type::Size::body, type::Weight::strong));
      label->setJustificationType(juce::Justification::centred);
      label->setBorderSize({});
      label->getProperties().set("shorten", true);
      addAndMakeVisible(label);
    } else {
      addAndMakeVisible(knobs_.add(new Knob(parameter, {name, name, "As on the unit"}, kind)));
      std::vector<double> measured;
      for (const dsp::TableRow& row : processor_.model().table) measured.push_back(row.knobs[k]);
      knobs_.getLast()->set_scale(scale_ticks(knobs[k].minimum, knobs[k].maximum, std::move(measured)));
    }
  }
  auto& gain = *processor_.parameters.getParameter("output_gain_db");
  addAndMakeVisible(knobs_.add(new Knob(gain, {"Gain", "Gain", "Level behind everything"}, kind)));
  const auto& range = gain.getNormalisableRange();
  knobs_.getLast()->set_scale(scale_ticks(range.start, range.end));
  resized();
}

void FrontPanel::paint(juce::Graphics&) {}

void FrontPanel::resized() {
  const int places = knobs_.size() + switches_.size();
  if (places == 0 || getWidth() == 0) return;
  auto area = getLocalBounds();
  const int wide = std::min(area.getWidth() / places, 30 * grid_px);
  area = area.withSizeKeepingCentre(wide * places, area.getHeight());
  for (auto* knob : knobs_) knob->setBounds(area.removeFromLeft(wide));
  for (int i = 0; i < switches_.size(); ++i) {
    auto place = area.removeFromLeft(wide).withSizeKeepingCentre(std::min(wide - grid_px, 14 * grid_px),
                                                                 area.getHeight());
    const int height =
        std::min(switches_[i]->segments().size() * 36 - grid_px / 2, place.getHeight() - 3 * grid_px);
    place = place.withSizeKeepingCentre(place.getWidth(), height + 3 * grid_px);
    switch_names_[i]->setBounds(place.removeFromTop(16));
    switches_[i]->setBounds(place.withTrimmedTop(grid_px));
  }
}

} // namespace raphson::plugin
