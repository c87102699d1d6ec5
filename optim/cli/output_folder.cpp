#include "optim/cli/output_folder.h"

#include "dsp/error.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <unistd.h>
#include <vector>

namespace raphson::cli {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& folder, const std::string& why) {
  throw InputError("cannot write to the folder " + folder.string() + ": " + why);
}

/// The topmost part of the path that does not exist; empty where all of it does.
fs::path first_missing(const fs::path& folder) {
  fs::path missing;
  std::error_code code;
  for (fs::path at = fs::absolute(folder).lexically_normal(); !fs::exists(at, code); at = at.parent_path()) {
    if (at == at.parent_path()) break;
    missing = at;
  }
  return missing;
}

} // namespace

OutputFolder::OutputFolder(const fs::path& folder) : folder_(folder.empty() ? "." : folder) {
  std::error_code code;
  made_ = first_missing(folder_);
  try {
    if (fs::exists(folder_, code) && !fs::is_directory(folder_, code)) fail(folder_, "it is a file");
    fs::create_directories(folder_, code);
    if (code) fail(folder_, code.message());
    make_staging(); // no other check covers every file system and every user
  } catch (...) {
    if (!made_.empty()) fs::remove_all(made_, code);
    throw;
  }
  fs::remove(staging_, code);
  staging_.clear();
}

OutputFolder::~OutputFolder() {
  std::error_code ignored;
  if (!staging_.empty()) fs::remove_all(staging_, ignored);
  if (!committed_ && !made_.empty()) fs::remove_all(made_, ignored);
}

void OutputFolder::make_staging() {
  std::string name = (folder_ / ".raphson-XXXXXX").string();
  if (!mkdtemp(name.data())) fail(folder_, std::strerror(errno));
  staging_ = name;
}

const fs::path& OutputFolder::staging() {
  if (staging_.empty()) make_staging();
  return staging_;
}

void OutputFolder::commit() {
  std::vector<fs::path> names;
  for (const auto& entry : fs::directory_iterator(staging())) names.push_back(entry.path().filename());
  for (const fs::path& name : names)
    if (fs::is_directory(folder_ / name)) fail(folder_, name.string() + " there is a folder");
  committed_ = true;
  for (const fs::path& name : names) {
    std::error_code code;
    fs::rename(staging_ / name, folder_ / name, code);
    if (code) fail(folder_, name.string() + ": " + code.message());
  }
}

void check_writable_file(const fs::path& path) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const auto refuse = [&](const std::string& why) {
    throw InputError("cannot write " + path.string() + ": " + why);
  };
  std::error_code code;
  if (!path.has_filename() || fs::is_directory(path, code)) refuse("it is a folder; name a file");
  if (fs::exists(path, code)) {
    if (access(path.c_str(), W_OK) != 0) refuse(std::strerror(errno));
    if (!fs::is_regular_file(path, code)) return;
  }
  if (access(folder.c_str(), W_OK | X_OK) != 0) refuse(folder.string() + ": " + std::strerror(errno));
}

} // namespace raphson::cli
