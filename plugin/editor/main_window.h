// The editor that create_editor() makes: header, pictures, one of three views, controls, foot.
#pragma once

#include "plugin/editor/controls_strip.h"
#include "plugin/editor/expert_panel.h"
#include "plugin/editor/focus_ring.h"
#include "plugin/editor/front_panel.h"
#include "plugin/editor/gain_history.h"
#include "plugin/editor/hint_line.h"
#include "plugin/editor/learn_view.h"
#include "plugin/editor/level_meter.h"
#include "plugin/editor/message_line.h"
#include "plugin/editor/needle_meter.h"
#include "plugin/editor/panel_header.h"
#include "plugin/editor/preset_bar.h"
#include "plugin/editor/transfer_curve.h"

namespace raphson::plugin {

/// Everything at 100 %.
class WindowContent final : public juce::Component, private juce::ChangeListener {
public:
  static constexpr int width = 960, height = 656;
  enum class View { front, expert, learn };

  explicit WindowContent(Processor& processor);
  ~WindowContent() override;

  void show(View view);
  View view() const { return view_; }
  /// Reads the meters and brings everything up to date that has changed; once for each picture of the
  /// display.
  void advance(double elapsed_s);

  void load_model(const std::filesystem::path& file);
  LearnView& learn_view() { return learn_; }
  MessageLine& messages() { return messages_; }

  bool keyPressed(const juce::KeyPress& key) override;
  void paint(juce::Graphics&) override;
  void resized() override;

private:
  void changeListenerCallback(juce::ChangeBroadcaster* source) override;
  void show_model();
  void save_model();
  void add_children();

  Processor& processor_;
  MessageLine messages_;
  PresetBar presets_;
  Segments views_{"View", {"Front", "Expert", "Learn"}};
  LevelMeter input_{LevelMeter::Side::input}, output_{LevelMeter::Side::output};
  NeedleMeter needle_;
  GainHistory history_;
  TransferCurve curve_;
  PanelHeader header_;
  FrontPanel front_;
  ExpertPanel expert_;
  LearnView learn_;
  ControlsStrip controls_;
  HintLine hints_;
  FocusRing ring_;
  std::array<MeterView*, 5> meter_views_{&input_, &output_, &needle_, &history_, &curve_};
  std::unique_ptr<juce::FileChooser> chooser_;
  View view_ = View::front;
  bool had_knobs_ = true;
  double since_look_s_ = 1;
};

class MainWindow final : public juce::AudioProcessorEditor, public juce::FileDragAndDropTarget {
public:
  explicit MainWindow(Processor& owner);
  ~MainWindow() override;

  WindowContent& content() { return content_; }

  void paint(juce::Graphics&) override;
  void resized() override;

  bool isInterestedInFileDrag(const juce::StringArray& files) override;
  void fileDragEnter(const juce::StringArray& files, int x, int y) override;
  void fileDragMove(const juce::StringArray& files, int x, int y) override;
  void fileDragExit(const juce::StringArray& files) override;
  void filesDropped(const juce::StringArray& files, int x, int y) override;

private:
  juce::Point<int> in_learn_view(int x, int y);

  Processor& processor_;
  Look look_;
  WindowContent content_;
  double last_picture_ms_ = 0;
  juce::VBlankAttachment pictures_;
};

} // namespace raphson::plugin
