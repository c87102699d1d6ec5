#include "optim/data/asset.h"

#include "dsp/error.h"

#include <cstdlib>
#include <string>
#include <system_error>

#if defined(__APPLE__)
#include <cstdint>
#include <mach-o/dyld.h>
#endif

namespace raphson::optim::data {
namespace {

namespace fs = std::filesystem;

/// The running program, links followed; empty where the system does not tell.
fs::path running_program() {
  std::error_code error;
#if defined(__APPLE__)
  char name[4096];
  std::uint32_t size = sizeof name;
  if (_NSGetExecutablePath(name, &size) != 0) return {};
  const fs::path program = fs::canonical(name, error);
#else
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
#endif
  return error ? fs::path() : program;
}

} // namespace

std::vector<fs::path> asset_folders() {
  if (const char* const named = std::getenv("RAPHSON_ASSETS"); named != nullptr && *named != '\0')
    return {named};
  std::vector<fs::path> folders;
  if (const fs::path program = running_program(); !program.empty())
    folders.push_back(program.parent_path().parent_path() / "share" / "raphson");
  folders.push_back(RAPHSON_SOURCE_ASSETS);
  return folders;
}

fs::path asset(std::string_view name) {
  std::string looked_in;
  for (const fs::path& folder : asset_folders()) {
    std::error_code ignored;
    fs::path found = folder / name;
    if (fs::exists(found, ignored)) return found;
    looked_in += (looked_in.empty() ? "" : " or ") + folder.string();
  }
  throw InputError("cannot find " + std::string(name) + " in " + looked_in
                   + "; RAPHSON_ASSETS in the environment names the folder that holds Raphson's assets");
}

} // namespace raphson::optim::data
