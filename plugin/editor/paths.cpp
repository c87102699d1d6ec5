#include "plugin/editor/paths.h"

namespace raphson::plugin {
namespace {

constexpr const char* model_wildcard = "*.raphson.json;*.json";
using Browser = juce::FileBrowserComponent;

std::unique_ptr<juce::FileChooser> launch(const juce::String& title, const juce::File& start, int flags,
                                          std::function<void(const std::filesystem::path&)> then) {
  auto chooser = std::make_unique<juce::FileChooser>(title, start, model_wildcard);
  chooser->launchAsync(flags | Browser::canSelectFiles, [then = std::move(then)](const juce::FileChooser& c) {
    if (const auto file = c.getResult(); file != juce::File()) then(path_of(file));
  });
  return chooser;
}

} // namespace

std::filesystem::path path_of(const juce::File& file) {
  const std::string utf8 = file.getFullPathName().toStdString();
  return std::filesystem::path(std::u8string(utf8.begin(), utf8.end()));
}

std::unique_ptr<juce::FileChooser>
choose_model_to_save(const juce::String& name, std::function<void(const std::filesystem::path&)> then) {
  const auto folder = juce::File::getSpecialLocation(juce::File::userDocumentsDirectory);
  const auto file = folder.getChildFile(juce::File::createLegalFileName(name) + ".raphson.json");
  return launch("Save the model", file, Browser::saveMode | Browser::warnAboutOverwriting, std::move(then));
}

std::unique_ptr<juce::FileChooser>
choose_model_to_load(std::function<void(const std::filesystem::path&)> then) {
  return launch("A model file", juce::File(), Browser::openMode, std::move(then));
}

} // namespace raphson::plugin
