// The plugin as hosts and its window see it. What sounds is decided by the host parameters and the loaded
// model; the audio thread reads both without locks (state/played_model.h). All else is the message thread's.
#pragma once

#include "plugin/engine/engine_switch.h"
#include "plugin/learn/audition.h"
#include "plugin/learn/learn_job.h"
#include "plugin/state/history.h"
#include "plugin/state/host_parameters.h"
#include "plugin/state/played_model.h"
#include "plugin/state/presets.h"
#include "plugin/state/session.h"

#include <juce_audio_processors/juce_audio_processors.h>

#include <mutex>

namespace raphson::plugin {

class Processor final : public juce::AudioProcessor,
                        private juce::AudioProcessorParameter::Listener,
                        private juce::Timer {
  HostParameters host_; // before `parameters`, which is made of it

public:
  Processor() : Processor(Presets::default_folder()) {}
  explicit Processor(const std::filesystem::path& preset_folder);
  ~Processor() override;

  juce::AudioProcessorValueTreeState parameters;

  // --- Model

  MeterFifo& meters() { return engine_.meters(); } ///< of the engine now playing; one reader
  const dsp::Model& model() const { return model_->model; }
  juce::ChangeBroadcaster model_changed; ///< model or preset name replaced

  void load_model(const std::filesystem::path& file); ///< throws InputError; then nothing has changed
  void adopt_model(dsp::Model model);                 ///< the same for one in memory, such as a learnt clone
  /// What sounds now, as a model file: knobs where they stand, overridden values at all positions of the
  /// knobs.
  void save_model(const std::filesystem::path& file) const;
  dsp::Model sounding_model() const;

  double effective_value(std::size_t index) const; ///< of the chain's values, now sounding
  bool is_overridden(const juce::String& parameter_id) const;
  void reset_override(const juce::String& parameter_id);
  void reset_overrides();

  // --- Sounds

  Presets& presets() { return presets_; }
  void select_slot(int slot); ///< 0 is A, 1 is B
  int slot() const { return slot_; }
  void copy_slot(); ///< the one that sounds, over the other

  bool undo(); ///< in the slot that sounds; false where there is nothing to undo
  bool redo();
  bool can_undo() const { return history_[slot_].can_undo(); }
  bool can_redo() const { return history_[slot_].can_redo(); }
  juce::ChangeBroadcaster& history_changed() { return history_changed_; }

  // --- Learning

  LearnJob& learn() { return learn_; }
  Audition& audition() { return audition_; }

  // --- For the window

  std::string state_error() const; ///< why the host's last session was refused; or empty
  juce::Point<int> window_size() const {
    return window_size_;
  } ///< 0, 0 until one was set; kept in the session
  void set_window_size(int width, int height) { window_size_ = {width, height}; }
  /// Brings what follows from the parameters up to date; a timer does so 30 times a second.
  void update();

  // --- juce::AudioProcessor

  const juce::String getName() const override { return "Raphson"; }
  void prepareToPlay(double sample_rate, int maximum_block) override;
  void releaseResources() override {}
  void reset() override { engine_.reset(); }
  bool isBusesLayoutSupported(const BusesLayout& layout) const override;
  bool supportsDoublePrecisionProcessing() const override { return true; }
  void processBlock(juce::AudioBuffer<float>& audio, juce::MidiBuffer&) override { process(audio); }
  void processBlock(juce::AudioBuffer<double>& audio, juce::MidiBuffer&) override { process(audio); }
  void processBlockBypassed(juce::AudioBuffer<float>& audio, juce::MidiBuffer&) override;
  void processBlockBypassed(juce::AudioBuffer<double>& audio, juce::MidiBuffer&) override;
  double getTailLengthSeconds() const override;
  bool acceptsMidi() const override { return false; }
  bool producesMidi() const override { return false; }
  juce::AudioProcessorParameter* getBypassParameter() const override { return host_.bypass(); }
  bool hasEditor() const override { return true; }
  juce::AudioProcessorEditor* createEditor() override;

  int getNumPrograms() override;
  int getCurrentProgram() override;
  void setCurrentProgram(int index) override;
  const juce::String getProgramName(int index) override;
  void changeProgramName(int, const juce::String&) override {}

  void getStateInformation(juce::MemoryBlock& state) override;
  void setStateInformation(const void* data, int bytes) override;

private:
  void parameterValueChanged(int, float) override {}
  void parameterGestureChanged(int index, bool starting) override;
  void timerCallback() override { update(); }

  template <class Sample> void process(juce::AudioBuffer<Sample>& audio) noexcept;

  Sound current_sound() const;
  void play(const Sound& sound);
  void use_model(LoadedModelPtr model);
  void follow_knobs();
  void update_latency();
  /// Plays it as an edit, which undo takes back.
  void edit(const Sound& sound);
  void record(const std::string& what, Sound before);
  Session session() const;

  /// Hosts may save and load on threads of their own. Never the audio thread's.
  mutable std::recursive_mutex mutex_;
  LoadedModelPtr model_;
  std::string preset_;
  std::optional<EffectiveValues> effective_;
  EngineSwitch engine_;
  double sample_rate_ = 0; ///< 0 until prepared

  int slot_ = 0;
  Sound other_slot_; ///< the one that does not sound
  History history_[2];
  juce::ChangeBroadcaster history_changed_;
  int gestures_ = 0;
  Sound before_gesture_;

  Presets presets_;
  int program_ = 0;
  std::atomic<int> wanted_program_{-1}; ///< asked for by another thread than the message thread

  LearnJob learn_;
  Audition audition_;
  std::string state_error_;
  juce::Point<int> window_size_;
};

} // namespace raphson::plugin
