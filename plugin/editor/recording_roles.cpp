#include "plugin/editor/recording_roles.h"

namespace raphson::plugin {

std::optional<Role> role_by_name(const juce::String& file_name) {
  static const juce::StringArray dry_words{"dry",   "before", "in",       "input", "pre",
                                           "clean", "raw",    "original", "source"};
  static const juce::StringArray wet_words{"wet",  "after",      "out",       "output",
                                           "post", "compressed", "processed", "target"};
  juce::String plain;
  for (const juce::juce_wchar c : file_name.upToLastOccurrenceOf(".", false, false).toLowerCase())
    plain += juce::CharacterFunctions::isLetter(c) ? juce::String::charToString(c) : juce::String(" ");
  bool dry = false, wet = false;
  for (const juce::String& word : juce::StringArray::fromTokens(plain, " ", "")) {
    dry = dry || dry_words.contains(word);
    wet = wet || wet_words.contains(word);
  }
  if (dry == wet) return {};
  return dry ? Role::dry : Role::wet;
}

bool is_audio_file(const juce::String& path) {
  return juce::File(path).hasFileExtension("wav;wave;aif;aiff;flac;ogg");
}

bool is_model_file(const juce::String& path) { return juce::File(path).hasFileExtension("json"); }

Recordings assign(Recordings before, const juce::Array<juce::File>& dropped, std::optional<Role> onto) {
  Recordings after = before;
  if (dropped.size() == 1 && onto) {
    (*onto == Role::dry ? after.dry : after.wet) = dropped[0];
    return after;
  }
  if (dropped.size() > 1) after = {};
  juce::Array<juce::File> undecided;
  bool taken[2] = {};
  for (const juce::File& file : dropped) {
    const auto role = role_by_name(file.getFileName());
    if (!role || taken[static_cast<int>(*role)]) {
      undecided.add(file);
      continue;
    }
    taken[static_cast<int>(*role)] = true;
    (*role == Role::dry ? after.dry : after.wet) = file;
  }
  for (const juce::File& file : undecided) {
    if (!taken[0] && (after.dry == juce::File() || after.wet != juce::File()))
      after.dry = file, taken[0] = true;
    else if (!taken[1])
      after.wet = file, taken[1] = true;
  }
  return after;
}

} // namespace raphson::plugin
