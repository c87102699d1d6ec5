#include "plugin/editor/expert_panel.h"

#include "plugin/editor/palette.h"

#include <map>

namespace raphson::plugin {
namespace {

struct Item {
  const char *id, *label, *help;
};

constexpr Item compressor_items[]{
    {"threshold_db", "Threshold", "Above this level gain is taken away"},
    {"ratio", "Ratio", "How many dB in make one dB more out, above the threshold"},
    {"knee_db", "Knee", "Width of the bend around the threshold"},
    {"attack_ms", "Attack", "How fast gain falls, 10 to 90 %"},
    {"release_ms", "Release", "How fast gain comes back, 10 to 90 %"},
    {"makeup_db", "Make-up", "Gain behind the compressor"},
    {"rms_ms", "RMS window", "0 takes peaks, more the mean power"},
    {"model_look_ahead_ms", "Look-ahead", "The model's own"},
};

struct EqualiserGroup {
  const char* name;
  std::vector<Item> items;
};

const std::vector<EqualiserGroup>& equaliser_groups() {
  static const std::vector<EqualiserGroup> groups{
      {"Low shelf", {{"eq_low_shelf_hz", "Freq.", ""}, {"eq_low_shelf_db", "Gain", ""}}},
      {"Peak 1", {{"eq_peak1_hz", "Freq.", ""}, {"eq_peak1_db", "Gain", ""}, {"eq_peak1_q", "Q", ""}}},
      {"Peak 2", {{"eq_peak2_hz", "Freq.", ""}, {"eq_peak2_db", "Gain", ""}, {"eq_peak2_q", "Q", ""}}},
      {"High shelf", {{"eq_high_shelf_hz", "Freq.", ""}, {"eq_high_shelf_db", "Gain", ""}}},
      {"Output", {{"eq_gain_db", "Gain", ""}}}};
  return groups;
}

constexpr int heading_height = 20;

} // namespace

ExpertPanel::ExpertPanel(Processor& processor) : processor_(processor) {
  setTitle("Expert panel");
  show_model();
}

void ExpertPanel::show_model() {
  knobs_.clear();
  groups_.clear();
  rows_ = 0;
  for (const dsp::BlockSettings& block : processor_.model().chain.blocks) {
    if (block.type == dsp::BlockType::compressor)
      add_compressor(rows_++);
    else if (block.type == dsp::BlockType::equaliser)
      add_equaliser(rows_++);
  }
  refresh();
  resized();
  repaint();
}

void ExpertPanel::add_group(const juce::String& name, int row, int count) {
  groups_.push_back({name, row, knobs_.size(), count, {}});
}

void ExpertPanel::add_compressor(int row) {
  add_group("Compressor", row, static_cast<int>(std::size(compressor_items)));
  for (const Item& item : compressor_items) add_knob(item.id, item.label);
}

void ExpertPanel::add_equaliser(int row) {
  for (const EqualiserGroup& group : equaliser_groups()) {
    add_group(group.name, row, static_cast<int>(group.items.size()));
    for (const Item& item : group.items) add_knob(item.id, item.label);
  }
}

void ExpertPanel::add_knob(const juce::String& id, const juce::String& label) {
  auto& parameter = *processor_.parameters.getParameter(id);
  juce::String help = "Follows the model until it is moved by hand";
  for (const Item& item : compressor_items)
    if (id == item.id) help = item.help;
  auto* knob = knobs_.add(new Knob(parameter, {label, parameter.getName(64), help}));
  knob->on_reset = [this, id] { processor_.reset_override(id); };
  addAndMakeVisible(knob);
}

int ExpertPanel::refresh() {
  int count = 0;
  for (Knob* knob : knobs_) {
    const bool overridden = processor_.is_overridden(knob->parameter().getParameterID());
    knob->mark(overridden);
    count += overridden;
  }
  return count;
}

void ExpertPanel::paint(juce::Graphics& g) {
  g.setFont(type::font(type::Size::small, type::Weight::strong));
  for (const Group& group : groups_) {
    const auto area = group.heading.toFloat();
    g.setColour(palette::text);
    type::draw(g, group.name, area, juce::Justification::centredLeft);
    const float used = type::width(group.name, g.getCurrentFont()) + grid_px;
    g.setColour(palette::line);
    g.fillRect(area.withTrimmedLeft(used).withTrimmedRight(grid_px).withSizeKeepingCentre(
        area.getWidth() - used - grid_px, 1));
  }
}

void ExpertPanel::resized() {
  if (rows_ == 0 || getHeight() == 0) return;
  const int row_height = getHeight() / rows_;
  for (int row = 0; row < rows_; ++row) {
    int count = 0;
    for (const Group& group : groups_)
      if (group.row == row) count += group.count;
    auto area = getLocalBounds().withTop(row * row_height).withHeight(row_height - (rows_ > 1 ? 4 : 0));
    const int step = area.getWidth() / std::max(1, count);
    for (Group& group : groups_) {
      if (group.row != row) continue;
      auto place = area.removeFromLeft(step * group.count);
      group.heading = place.removeFromTop(heading_height);
      if (rows_ == 1)
        place = place.withSizeKeepingCentre(place.getWidth(), std::min(place.getHeight(), 15 * grid_px));
      for (int i = 0; i < group.count; ++i)
        knobs_[group.first + i]->setBounds(place.removeFromLeft(step).reduced(2, 0));
    }
  }
}

} // namespace raphson::plugin
