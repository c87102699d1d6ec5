#include "plugin/editor/expert_panel.h"

#include "plugin/editor/palette.h"

#include <vector>

namespace raphson::plugin {
namespace {

struct Item {
  const char *id, *label, *help;
};

struct ItemGroup {
  const char* name;
  bool new_row;
  std::vector<Item> items;
};

const std::vector<Item> level_items{
    {"threshold_db", "Threshold", "Above this level gain is taken away"},
    {"ratio", "Ratio", "How many dB in make one dB more out, above the threshold"},
    {"knee_db", "Knee", "Width of the bend around the threshold"},
    {"attack_ms", "Attack", "How fast gain falls, 10 to 90 %"},
    {"release_ms", "Release", "How fast gain comes back, 10 to 90 %"},
    {"makeup_db", "Make-up", "Gain behind the compressor"},
    {"rms_ms", "RMS window", "0 takes peaks, more the mean power"},
    {"model_look_ahead_ms", "Look-ahead", "The model's own"},
};

const char* const follows = "Follows the model until it is moved by hand";

/// The knobs of a block; ids of equalisers come behind the block's own prefix.
const std::vector<ItemGroup>& groups(dsp::BlockType type) {
  static const std::vector<ItemGroup> compressor{{"Compressor", true, level_items}};
  static const std::vector<ItemGroup> dynamics{
      {"Dynamics", true, level_items},
      {"Hold", true, {{"hold_ms", "Hold", "How long the release waits"}}},
      {"Memory",
       false,
       {{"memory", "Share", "Down to this share of its memory the release is fast"},
        {"memory_charge_ms", "Charge", "How fast long sounds fill the memory"},
        {"memory_release_ms", "Release", "How slowly the memory fades"}}},
      {"Gain", false, {{"smoothing_ms", "Smoothing", "A low-pass on the gain"}}},
      {"Side-chain",
       false,
       {{"sidechain_hz", "Freq.", "Below it the detector's hearing is changed"},
        {"sidechain_low_db", "Low gain", "By how much the detector hears the bass louder"}}}};
  static const std::vector<ItemGroup> saturation{
      {"Saturation",
       false,
       {{"saturation_drive_db", "Drive", "How far into the curve the sound reaches"},
        {"saturation_bias", "Bias", "Off the curve's middle: even harmonics"}}}};
  static const std::vector<ItemGroup> equaliser{
      {"Low shelf", true, {{"low_shelf_hz", "Freq.", follows}, {"low_shelf_db", "Gain", follows}}},
      {"Peak 1",
       false,
       {{"peak1_hz", "Freq.", follows}, {"peak1_db", "Gain", follows}, {"peak1_q", "Q", follows}}},
      {"Peak 2",
       false,
       {{"peak2_hz", "Freq.", follows}, {"peak2_db", "Gain", follows}, {"peak2_q", "Q", follows}}},
      {"High shelf", false, {{"high_shelf_hz", "Freq.", follows}, {"high_shelf_db", "Gain", follows}}},
      {"Output", false, {{"gain_db", "Gain", follows}}}};
  static const std::vector<ItemGroup> rational{
      {"Linear stage", true, {{"rational_direct", "Direct", "What passes outside the sections"}}},
      {"Section 1",
       true,
       {{"rational_section1_hz", "Freq.", follows},
        {"rational_section1_q", "Q", follows},
        {"rational_section1_band", "Band", follows},
        {"rational_section1_low", "Low", follows}}},
      {"Section 2",
       false,
       {{"rational_section2_hz", "Freq.", follows},
        {"rational_section2_q", "Q", follows},
        {"rational_section2_band", "Band", follows},
        {"rational_section2_low", "Low", follows}}},
      {"Section 3",
       true,
       {{"rational_section3_hz", "Freq.", follows},
        {"rational_section3_q", "Q", follows},
        {"rational_section3_band", "Band", follows},
        {"rational_section3_low", "Low", follows}}},
      {"Section 4",
       false,
       {{"rational_section4_hz", "Freq.", follows},
        {"rational_section4_q", "Q", follows},
        {"rational_section4_band", "Band", follows},
        {"rational_section4_low", "Low", follows}}}};
  static const std::vector<ItemGroup> none;
  switch (type) {
  case dsp::BlockType::compressor:
    return compressor;
  case dsp::BlockType::dynamics:
    return dynamics;
  case dsp::BlockType::saturation:
    return saturation;
  case dsp::BlockType::rational:
    return rational;
  case dsp::BlockType::gru_makeup: // it has no parameters
    return none;
  case dsp::BlockType::equaliser:
    break;
  }
  return equaliser;
}

constexpr int heading_height = 20, next_width = 6 * grid_px;

} // namespace

ExpertPanel::ExpertPanel(Processor& processor) : processor_(processor) {
  setTitle("Expert panel");
  next_.setTitle("Next page");
  next_.setTooltip("The other blocks of the model");
  next_.onClick = [this] { turn_to((page_ + 1) % pages()); };
  addChildComponent(next_);
  show_model();
}

void ExpertPanel::show_model() {
  knobs_.clear();
  groups_.clear();
  rows_ = 0;
  int equalisers = 0;
  for (const dsp::BlockSettings& block : processor_.model().chain.blocks) {
    const bool is_equaliser = block.type == dsp::BlockType::equaliser;
    add_block(block, is_equaliser ? (equalisers++ == 0 ? "eq_" : "eq2_") : "");
  }
  refresh();
  turn_to(0);
}

void ExpertPanel::add_group(const juce::String& name, int row, int count) {
  groups_.push_back({name, row, knobs_.size(), count, {}});
}

void ExpertPanel::turn_to(int page) {
  page_ = page;
  next_.setVisible(pages() > 1);
  next_.setButtonText(juce::String(page_ + 1) + " / " + juce::String(pages()));
  for (const Group& group : groups_)
    for (int i = 0; i < group.count; ++i) knobs_[group.first + i]->setVisible(is_shown(group));
  resized();
  repaint();
}

/// A saturation stands in the row of what comes before it.
void ExpertPanel::add_block(const dsp::BlockSettings& block, const juce::String& prefix) {
  for (const ItemGroup& group : groups(block.type)) {
    if (group.new_row || rows_ == 0) ++rows_;
    add_group(group.name, rows_ - 1, static_cast<int>(group.items.size()));
    for (const Item& item : group.items) add_knob(prefix + item.id, item.label, item.help);
  }
}

void ExpertPanel::add_knob(const juce::String& id, const juce::String& label, const juce::String& help) {
  auto& parameter = *processor_.parameters.getParameter(id);
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
    if (!is_shown(group)) continue;
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
  const int shown_rows = std::min(rows_, rows_a_page), row_height = getHeight() / shown_rows;
  next_.setBounds(getLocalBounds().removeFromTop(heading_height).removeFromRight(next_width));
  for (int row = page_ * rows_a_page; row < std::min(rows_, (page_ + 1) * rows_a_page); ++row) {
    int count = 0;
    for (const Group& group : groups_)
      if (group.row == row) count += group.count;
    auto area =
        getLocalBounds().withTop(row % rows_a_page * row_height).withHeight(row_height - (rows_ > 1 ? 4 : 0));
    if (pages() > 1) area.removeFromRight(next_width);
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
