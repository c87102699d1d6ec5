#include "optim/data/folder.h"

#include "dsp/error.h"

#include <algorithm>
#include <system_error>
#include <tuple>

namespace raphson::optim::data {
namespace {

namespace fs = std::filesystem;

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

/// What lies in a folder, sorted, without hidden entries.
std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    if (!is_hidden(at->path())) found.push_back(at->path());
  if (error) throw InputError("cannot read " + folder.string() + ": " + error.message());
  std::sort(found.begin(), found.end());
  return found;
}

} // namespace

std::string lower_case_extension(const fs::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return extension;
}

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (std::size_t i = 0; i < names.size(); ++i)
    list += (i == 0 ? "'" : i + 1 == names.size() ? " and '" : ", '") + names[i] + "'";
  return list;
}

std::vector<ClassFile> files_by_class(const fs::path& folder, const std::vector<std::string>& extensions,
                                      const std::string& what) {
  const auto is_wanted = [&extensions](const fs::path& path) {
    return std::find(extensions.begin(), extensions.end(), lower_case_extension(path)) != extensions.end();
  };
  std::vector<ClassFile> files;
  fs::path loose, in_class;
  for (const fs::path& entry : entries(folder)) {
    if (!fs::is_directory(entry)) {
      if (!is_wanted(entry)) continue;
      files.push_back({entry, ""});
      loose = entry;
      continue;
    }
    for (const fs::path& file : entries(entry))
      if (is_wanted(file) && !fs::is_directory(file)) {
        files.push_back({file, entry.filename().string()});
        in_class = file;
      }
  }
  if (files.empty()) throw InputError("cannot use " + folder.string() + ": it holds no " + what);
  if (!loose.empty() && !in_class.empty())
    throw InputError("cannot use " + folder.string() + ": " + loose.string()
                     + " lies in the folder itself and " + in_class.string()
                     + " in a sub-folder; either all of them or none have a class");
  return files;
}

} // namespace raphson::optim::data
