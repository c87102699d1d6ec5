// Files chosen in the window, as the libraries want them.
#pragma once

#include <juce_gui_basics/juce_gui_basics.h>

#include <filesystem>
#include <functional>
#include <memory>

namespace raphson::plugin {

std::filesystem::path path_of(const juce::File& file);

/// Keep the chooser alive until it calls.
std::unique_ptr<juce::FileChooser>
choose_model_to_save(const juce::String& name, std::function<void(const std::filesystem::path&)> then);
std::unique_ptr<juce::FileChooser>
choose_model_to_load(std::function<void(const std::filesystem::path&)> then);

} // namespace raphson::plugin
