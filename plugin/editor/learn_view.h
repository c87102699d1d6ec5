// Makes a clone from two recordings: drop or choose them, watch the error fall, listen to dry, wet, clone and
// difference in place, keep or save the model.
#pragma once

#include "plugin/editor/esr_plot.h"
#include "plugin/editor/icon_button.h"
#include "plugin/editor/learn_result_view.h"
#include "plugin/editor/message_line.h"
#include "plugin/editor/recording_well.h"
#include "plugin/editor/segments.h"
#include "plugin/processor.h"

namespace raphson::plugin {

class LearnView final : public juce::Component {
public:
  LearnView(Processor& processor, MessageLine& messages);
  ~LearnView() override;

  /// Recordings dropped at a point of this view, or anywhere where there is none.
  void drop(const juce::StringArray& paths, std::optional<juce::Point<int>> where);
  void drag_over(std::optional<juce::Point<int>> where);
  void start();
  /// Looks at the job; 20 times a second is enough.
  void refresh();

  bool are_recordings_drawn() const { return dry_.is_drawn() && wet_.is_drawn(); }

  /// The clone has become the plugin's model.
  std::function<void()> on_keep;

  void paint(juce::Graphics&) override;
  void resized() override;
  void visibilityChanged() override;

private:
  std::optional<Role> role_at(juce::Point<int> where) const;
  void show_recordings(const Recordings& recordings);
  void choose(Role role);
  void keep();
  void save();
  void finish();
  void show_trace(const LearnResult& result);
  void show_state();
  void paint_progress(juce::Graphics&, juce::Rectangle<float> area) const;

  Processor& processor_;
  MessageLine& messages_;
  RecordingWell dry_{Role::dry}, wet_{Role::wet};
  IconButton swap_{Icon::swap, "Swap dry and wet"};
  Segments model_{"Model", {"Compressor", "Comp + EQ", "EQ + comp"}};
  juce::TextButton start_{"Learn"};
  EsrPlot plot_;
  LearnResultView result_;
  Segments listen_{"Listen", {"Off", "Dry", "Wet", "Clone", "Difference"}};
  juce::TextButton keep_{"Keep clone"}, save_{"Save model..."};
  std::unique_ptr<juce::FileChooser> chooser_;
  LearnJob::State state_ = LearnJob::State::idle;
  LearnJob::Progress progress_;
  juce::Rectangle<int> progress_area_, listen_label_;
};

} // namespace raphson::plugin
