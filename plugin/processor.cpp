#include "plugin/processor.h"

#include "dsp/error.h"
#include "dsp/model/model_file.h"
#include "plugin/editor/editor.h"
#include "plugin/engine/limits.h"

namespace raphson::plugin {

using juce::AudioChannelSet;

Processor::Processor(const std::filesystem::path& preset_folder)
    : AudioProcessor(BusesProperties()
                         .withInput("Input", AudioChannelSet::stereo(), true)
                         .withOutput("Output", AudioChannelSet::stereo(), true)
                         .withInput("Side-chain", AudioChannelSet::stereo(), false)),
      parameters(*this, nullptr, "parameters", host_.create()),
      presets_(
          preset_folder, [this] { return current_sound(); }, [this](const Sound& sound) { edit(sound); }) {
  for (juce::AudioProcessorParameter* parameter : getParameters()) parameter->addListener(this);
  Sound start = initial_sound(built_in_model());
  start.preset = presets_.list().front().name;
  play(start);
  other_slot_ = start;
  startTimerHz(30);
}

Processor::~Processor() {
  stopTimer();
  for (juce::AudioProcessorParameter* parameter : getParameters()) parameter->removeListener(this);
}

// --- Audio

void Processor::prepareToPlay(double sample_rate, int) {
  const std::lock_guard lock(mutex_);
  engine_.prepare(sample_rate, std::clamp(getMainBusNumOutputChannels(), 1, maximum_channels));
  sample_rate_ = held_rate(sample_rate);
  audition_.prepare(sample_rate_);
  update_latency();
}

bool Processor::isBusesLayoutSupported(const BusesLayout& layout) const {
  const AudioChannelSet input = layout.getMainInputChannelSet(), output = layout.getMainOutputChannelSet();
  if (input != output || output.size() < 1 || output.size() > maximum_channels) return false;
  const AudioChannelSet sidechain = layout.getChannelSet(true, 1);
  return sidechain.isDisabled() || sidechain == AudioChannelSet::mono()
         || sidechain == AudioChannelSet::stereo();
}

template <class Sample> void Processor::process(juce::AudioBuffer<Sample>& audio) noexcept {
  const int channels = std::min(getMainBusNumOutputChannels(), audio.getNumChannels());
  const int samples = audio.getNumSamples();
  if (channels <= 0 || samples <= 0) return;
  Sample* const* const pointers = audio.getArrayOfWritePointers();
  const int first = getMainBusNumInputChannels();
  const int sidechain_channels = std::min(getChannelCountOfBus(true, 1), audio.getNumChannels() - first);
  if (sidechain_channels > 0)
    engine_.process(pointers, channels, samples, pointers + first, sidechain_channels);
  else
    engine_.process(pointers, channels, samples);
  audition_.process(pointers, channels, samples);
}

template void Processor::process(juce::AudioBuffer<float>&) noexcept;
template void Processor::process(juce::AudioBuffer<double>&) noexcept;

void Processor::processBlockBypassed(juce::AudioBuffer<float>& audio, juce::MidiBuffer&) {
  host_.set_host_bypass(true);
  process(audio);
  host_.set_host_bypass(false);
}

void Processor::processBlockBypassed(juce::AudioBuffer<double>& audio, juce::MidiBuffer&) {
  host_.set_host_bypass(true);
  process(audio);
  host_.set_host_bypass(false);
}

double Processor::getTailLengthSeconds() const {
  return 0.6; // the equaliser's slowest filter, 20 Hz at Q 5, falls by 60 dB in 7 Q / (pi f); delays are
              // shorter
}

juce::AudioProcessorEditor* Processor::createEditor() { return create_editor(*this).release(); }

// --- Following the parameters

void Processor::update() {
  const std::lock_guard lock(mutex_);
  if (const int program = wanted_program_.exchange(-1); program >= 0) setCurrentProgram(program);
  follow_knobs();
  update_latency();
  engine_.collect();
}

void Processor::follow_knobs() {
  std::vector<double> values(effective_->size());
  effective_->at_knobs(values);
  for (std::size_t i = 0; i < values.size(); ++i) effective_->experts()[i]->follow(values[i]);
}

void Processor::update_latency() {
  if (sample_rate_ <= 0) return;
  dsp::ChainSettings chain = model_->model.chain;
  std::vector<double> values(effective_->size());
  effective_->compute(values);
  chain.set_values(values);
  setLatencySamples(latency_samples(host_.controls(), chain, sample_rate_));
}

void Processor::parameterGestureChanged(int index, bool starting) {
  const auto* parameter = dynamic_cast<juce::AudioProcessorParameterWithID*>(getParameters()[index]);
  if (!parameter) return;
  const std::lock_guard lock(mutex_);
  if (ExpertParameter* expert = host_.find_expert(parameter->paramID)) expert->set_in_hand(starting);
  if (starting && gestures_++ == 0) before_gesture_ = current_sound();
  if (!starting && gestures_ > 0 && --gestures_ == 0)
    record(parameter->paramID.toStdString(), before_gesture_);
}

// --- Model

void Processor::use_model(LoadedModelPtr model) {
  host_.next_model(); // the engine that plays stands still from here on
  model_ = std::move(model);
  effective_.emplace(model_, host_);
  const auto& knobs = model_->model.knobs;
  for (std::size_t k = 0; k < knob_count; ++k)
    host_.knobs()[k]->show(k < knobs.size() ? std::optional(knobs[k]) : std::nullopt);
  for (ExpertParameter* expert : host_.experts()) expert->set_in_use(false);
  for (ExpertParameter* expert : effective_->experts()) expert->set_in_use(true);
}

void Processor::load_model(const std::filesystem::path& file) { adopt_model(dsp::read_model(file)); }

void Processor::adopt_model(dsp::Model model) {
  Sound sound = initial_sound(load(std::move(model)));
  sound.controls = current_sound().controls;
  edit(sound);
}

dsp::Model Processor::sounding_model() const {
  const std::lock_guard lock(mutex_);
  dsp::Model model = model_->model;
  std::vector<double> values(effective_->size());
  effective_->compute(values);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const dsp::Parameter& p = model.chain.parameter(i);
    values[i] = std::clamp(values[i], p.minimum, p.maximum);
    if (effective_->experts()[i]->is_overridden())
      for (dsp::TableRow& row : model.table) row.values[i] = values[i];
  }
  model.chain.set_values(values);
  for (std::size_t k = 0; k < model.knobs.size(); ++k)
    model.knobs[k].initial = knob_position(model.knobs[k], host_.knobs()[k]->value());
  return model;
}

void Processor::save_model(const std::filesystem::path& file) const {
  dsp::write_model(file, sounding_model());
}

double Processor::effective_value(std::size_t index) const {
  const std::lock_guard lock(mutex_);
  std::vector<double> values(effective_->size());
  effective_->compute(values);
  return values.at(index);
}

bool Processor::is_overridden(const juce::String& parameter_id) const {
  const ExpertParameter* expert = host_.find_expert(parameter_id);
  return expert && expert->is_overridden();
}

void Processor::reset_override(const juce::String& parameter_id) {
  Sound sound = current_sound();
  if (sound.overrides.erase(parameter_id.toStdString()) > 0) edit(sound);
}

void Processor::reset_overrides() {
  Sound sound = current_sound();
  sound.overrides.clear();
  edit(sound);
}

// --- Sounds

Sound Processor::current_sound() const {
  const std::lock_guard lock(mutex_);
  Sound sound;
  sound.model = model_;
  sound.preset = preset_;
  for (std::size_t i = 0; i < control_specs.size(); ++i)
    if (control_specs[i].of_sound) sound.controls[control_specs[i].id] = host_.control(i);
  const auto& knobs = model_->model.knobs;
  for (std::size_t k = 0; k < knobs.size(); ++k)
    sound.knobs.push_back(knob_position(knobs[k], host_.knobs()[k]->value()));
  for (const ExpertParameter* expert : effective_->experts())
    if (expert->is_overridden()) sound.overrides[expert->paramID.toStdString()] = expert->value();
  return sound;
}

void Processor::play(const Sound& sound) {
  const std::lock_guard lock(mutex_);
  const bool is_other_model = !model_ || model_->text != sound.model->text;
  const bool is_other_preset = preset_ != sound.preset;
  if (is_other_model) use_model(sound.model);
  preset_ = sound.preset;
  for (std::size_t i = 0; i < presets_.factory_count(); ++i)
    if (presets_.list()[i].name == preset_) program_ = static_cast<int>(i);
  for (std::size_t i = 0; i < control_specs.size(); ++i) {
    if (!control_specs[i].of_sound) continue;
    const auto value = sound.controls.find(control_specs[i].id);
    host_.set_control(i, value == sound.controls.end() ? control_specs[i].initial : value->second);
  }
  for (std::size_t k = 0; k < sound.knobs.size(); ++k) {
    const auto value = static_cast<float>(normalised_position(model_->model.knobs[k], sound.knobs[k]));
    if (host_.knobs()[k]->value() != value) host_.knobs()[k]->setValueNotifyingHost(value);
  }
  for (ExpertParameter* expert : host_.experts()) {
    const auto value = sound.overrides.find(expert->paramID.toStdString());
    if (value != sound.overrides.end())
      expert->override_with(value->second);
    else if (expert->is_overridden())
      expert->reset();
  }
  follow_knobs();
  if (is_other_model) engine_.submit(std::make_unique<PlayedModel>(model_, host_));
  update_latency();
  if (is_other_model) updateHostDisplay(ChangeDetails().withParameterInfoChanged(true));
  if (is_other_model || is_other_preset) model_changed.sendChangeMessage();
}

void Processor::edit(const Sound& sound) {
  const Sound before = current_sound();
  play(sound);
  record("", before);
  updateHostDisplay(ChangeDetails().withNonParameterStateChanged(true).withProgramChanged(true));
}

void Processor::record(const std::string& what, Sound before) {
  if (same_sound(before, current_sound())) return;
  history_[slot_].edited(what, std::move(before), juce::Time::getMillisecondCounterHiRes());
  history_changed_.sendChangeMessage();
}

void Processor::select_slot(int slot) {
  if (slot == slot_ || slot < 0 || slot > 1) return;
  Sound now = current_sound();
  slot_ = slot;
  play(other_slot_);
  other_slot_ = std::move(now);
  history_changed_.sendChangeMessage();
  updateHostDisplay(ChangeDetails().withNonParameterStateChanged(true));
}

void Processor::copy_slot() {
  const Sound sound = current_sound();
  if (!same_sound(sound, other_slot_))
    history_[1 - slot_].edited("", other_slot_, juce::Time::getMillisecondCounterHiRes());
  other_slot_ = sound;
  updateHostDisplay(ChangeDetails().withNonParameterStateChanged(true));
}

bool Processor::undo() {
  const auto sound = history_[slot_].undo(current_sound());
  if (!sound) return false;
  play(*sound);
  history_changed_.sendChangeMessage();
  return true;
}

bool Processor::redo() {
  const auto sound = history_[slot_].redo(current_sound());
  if (!sound) return false;
  play(*sound);
  history_changed_.sendChangeMessage();
  return true;
}

} // namespace raphson::plugin
