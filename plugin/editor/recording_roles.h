// Which of the files that were dropped is the dry recording and which the wet one, by the words in their
// names.
#pragma once

#include <juce_core/juce_core.h>

#include <optional>

namespace raphson::plugin {

enum class Role { dry, wet };

/// "la2a-dry.wav", "Vox BEFORE.flac", "bass_in.wav" are dry, "wet", "after", "out" and the like are wet;
/// nothing where the name says neither, or both.
std::optional<Role> role_by_name(const juce::String& file_name);

bool is_audio_file(const juce::String& path);
bool is_model_file(const juce::String& path);

struct Recordings {
  juce::File dry, wet; ///< empty where there is none yet
};

/// The recordings after files have been dropped: each goes where its name says, what is left over to the free
/// places, dry before wet; or all to `onto`, if it was dropped there and is alone.
Recordings assign(Recordings before, const juce::Array<juce::File>& dropped, std::optional<Role> onto = {});

} // namespace raphson::plugin
