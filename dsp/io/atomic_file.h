// A file that appears whole or not at all: written beside its target and renamed over it.
#pragma once

#include <filesystem>
#include <string_view>

namespace raphson::dsp {

/// A symbolic link is followed, an existing file keeps its permissions, and a target that is no regular file
/// (/dev/null, a pipe) is written straight through. Throws InputError, one line with the reason ("cannot
/// write X: No space left on device"); the target is then as it was and nothing lies beside it.
void write_file_atomically(const std::filesystem::path& path, std::string_view text);

} // namespace raphson::dsp
