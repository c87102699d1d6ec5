// Every value of the chain, two rows of knobs at a time; a button turns to the next where there are more. One
// that was moved by hand carries a dot and the accent, and its reset lets it follow the model's knobs again.
#pragma once

#include "plugin/editor/knob.h"
#include "plugin/processor.h"

namespace raphson::plugin {

class ExpertPanel final : public juce::Component {
public:
  explicit ExpertPanel(Processor& processor);

  /// The model has been replaced.
  void show_model();
  /// Looks which values are overridden; returns how many.
  int refresh();

  void paint(juce::Graphics&) override;
  void resized() override;

private:
  /// Knobs under one heading, such as "Peak 1".
  struct Group {
    juce::String name;
    int row, first, count;
    juce::Rectangle<int> heading;
  };
  void add_block(const dsp::BlockSettings& block, const juce::String& prefix);
  void add_group(const juce::String& name, int row, int count);
  void add_knob(const juce::String& id, const juce::String& label, const juce::String& help);

  bool is_shown(const Group& group) const { return group.row / rows_a_page == page_; }
  int pages() const { return (rows_ + rows_a_page - 1) / rows_a_page; }
  void turn_to(int page);

  static constexpr int rows_a_page = 2;

  Processor& processor_;
  juce::OwnedArray<Knob> knobs_;
  std::vector<Group> groups_;
  int rows_ = 0, page_ = 0;
  juce::TextButton next_;
};

} // namespace raphson::plugin
