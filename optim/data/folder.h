// A folder of files as examples: sub-folders are classes.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace raphson::optim::data {

struct ClassFile {
  std::filesystem::path path = {};
  std::string label = {}; ///< the sub-folder's name; empty for files that lie in the folder itself
};

/// The files with one of these extensions (".png", any case) in a folder or in its sub-folders, sorted by
/// label and name; hidden ones are passed over. `what` names them in messages ("PNG images"). Throws
/// InputError where there are none, where some lie in the folder itself and others in sub-folders, or where
/// the folder cannot be read.
std::vector<ClassFile> files_by_class(const std::filesystem::path& folder,
                                      const std::vector<std::string>& extensions, const std::string& what);

/// ".wav" of "x/Y.WAV".
std::string lower_case_extension(const std::filesystem::path& path);

/// "'a', 'b' and 'c'", for messages.
std::string list_of(const std::vector<std::string>& names);

} // namespace raphson::optim::data
