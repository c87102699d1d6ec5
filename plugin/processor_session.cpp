// What hosts keep and choose: sessions and programs.
#include "dsp/error.h"
#include "plugin/processor.h"

namespace raphson::plugin {

// --- Sessions

Session Processor::session() const {
  Session session;
  session.slots[slot_] = current_sound();
  session.slots[1 - slot_] = other_slot_;
  session.slot = slot_;
  session.program = program_;
  session.bypass = host_.control(*find_control("bypass")) != 0;
  session.delta = host_.control(*find_control("delta")) != 0;
  session.window_width = window_size_.x;
  session.window_height = window_size_.y;
  return session;
}

void Processor::getStateInformation(juce::MemoryBlock& state) {
  const std::lock_guard lock(mutex_);
  const std::string text = session_text(session());
  state.replaceAll(text.data(), text.size());
}

void Processor::setStateInformation(const void* data, int bytes) {
  const std::lock_guard lock(mutex_);
  try {
    if (!data || bytes <= 0) throw InputError("the session: it is empty");
    const Session session = parse_session({static_cast<const char*>(data), static_cast<std::size_t>(bytes)});
    slot_ = session.slot;
    other_slot_ = session.slots[1 - slot_];
    program_ = std::min(session.program, getNumPrograms() - 1);
    wanted_program_ = -1;
    if (session.window_width > 0) window_size_ = {session.window_width, session.window_height};
    host_.set_control(*find_control("bypass"), session.bypass);
    host_.set_control(*find_control("delta"), session.delta);
    play(session.slots[slot_]);
    history_[0] = history_[1] = {};
    history_changed_.sendChangeMessage();
    state_error_.clear();
  } catch (const std::exception& error) {
    state_error_ = error.what();
    model_changed.sendChangeMessage();
  }
}

std::string Processor::state_error() const {
  const std::lock_guard lock(mutex_);
  return state_error_;
}

// --- Programs: the factory's presets

int Processor::getNumPrograms() { return static_cast<int>(presets_.factory_count()); }

int Processor::getCurrentProgram() {
  const int wanted = wanted_program_;
  return wanted >= 0 ? wanted : program_;
}

void Processor::setCurrentProgram(int index) {
  // Hosts set the program they read right before, and must not lose the sound by it.
  if (index < 0 || index >= getNumPrograms() || index == getCurrentProgram()) return;
  if (!juce::MessageManager::existsAndIsCurrentThread()) {
    wanted_program_ = index; // the audio thread's, as automation; update() does it
    return;
  }
  program_ = index;
  presets_.load(static_cast<std::size_t>(index));
}

const juce::String Processor::getProgramName(int index) {
  if (index < 0 || index >= getNumPrograms()) return {};
  return juce::String::fromUTF8(presets_.list()[static_cast<std::size_t>(index)].name.c_str());
}

} // namespace raphson::plugin
