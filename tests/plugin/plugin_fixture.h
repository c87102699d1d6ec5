// A plugin as a host holds it, with a preset folder of its own.
#pragma once

#include "optim/data/scratch_folder.h"
#include "plugin/processor.h"

#include <fstream>
#include <sstream>
#include <string>

namespace raphson::test {

struct Plugin {
  ScratchFolder scratch;
  plugin::Processor processor{scratch / "presets"};

  juce::RangedAudioParameter& parameter(const char* id) {
    auto* const found = processor.parameters.getParameter(id);
    if (!found) throw std::runtime_error(std::string("no parameter ") + id);
    return *found;
  }

  /// As a host moves it by automation, then lets a timer's time pass.
  void automate(const char* id, double value) {
    parameter(id).setValueNotifyingHost(parameter(id).convertTo0to1(static_cast<float>(value)));
    processor.update();
  }
  /// As the window does.
  void move_by_hand(const char* id, double value) {
    parameter(id).beginChangeGesture();
    parameter(id).setValueNotifyingHost(parameter(id).convertTo0to1(static_cast<float>(value)));
    parameter(id).endChangeGesture();
    processor.update();
  }
  double value(const char* id) {
    return static_cast<double>(parameter(id).convertFrom0to1(parameter(id).getValue()));
  }
  double effective(const char* name) {
    return processor.effective_value(processor.model().chain.index(name));
  }

  std::string state() {
    juce::MemoryBlock block;
    processor.getStateInformation(block);
    return {static_cast<const char*>(block.getData()), block.getSize()};
  }
  void set_state(const std::string& state) {
    processor.setStateInformation(state.data(), static_cast<int>(state.size()));
  }
};

inline std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

inline void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

} // namespace raphson::test
