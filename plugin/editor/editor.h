// The plugin's window. All of it is laid out at 960 x 656 and drawn at the window's scale, 75 to 200 %.
#pragma once

#include "plugin/processor.h"

#include <memory>

namespace raphson::plugin {

std::unique_ptr<juce::AudioProcessorEditor> create_editor(Processor& processor);

} // namespace raphson::plugin
