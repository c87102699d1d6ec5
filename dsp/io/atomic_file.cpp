#include "dsp/io/atomic_file.h"

#include "dsp/error.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <unistd.h>

namespace raphson::dsp {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, int error) {
  throw InputError("cannot write " + path.string() + ": "
                   + (error == EISDIR   ? "it is a folder"
                      : error == ENOENT ? "there is no folder " + path.parent_path().string()
                                        : std::strerror(error)));
}

/// A random name, short and independent of the target's, which may be as long as the file system allows.
fs::path temporary_beside(const fs::path& target) {
  std::random_device random;
  return target.parent_path()
         / (".raphson-" + std::to_string(random()) + "-" + std::to_string(random()) + ".tmp");
}

/// 0, or the errno of what failed: opening, writing or closing, where a full disk may first be noticed.
int write_all(const fs::path& path, const char* mode, std::string_view text) {
  std::FILE* file = std::fopen(path.c_str(), mode);
  if (!file) return errno;
  int error = std::fwrite(text.data(), 1, text.size(), file) == text.size() ? 0 : errno;
  if (std::fclose(file) != 0 && error == 0) error = errno;
  return error;
}

int replace(const fs::path& target, std::string_view text, const fs::perms* permissions) {
  const fs::path temporary = temporary_beside(target);
  int error = write_all(temporary, "wbx", text);
  if (error == EEXIST) return error; // another's file: not ours to remove
  std::error_code code;
  if (error == 0 && permissions)
    fs::permissions(temporary, *permissions, code); // not every file system has them
  if (error == 0 && std::rename(temporary.c_str(), target.c_str()) != 0) error = errno;
  if (error != 0) fs::remove(temporary, code);
  return error;
}

} // namespace

void write_file_atomically(const fs::path& path, std::string_view text) {
  if (!path.has_filename()) fail(path, EISDIR);
  std::error_code code;
  const fs::path target = fs::is_symlink(path, code) ? fs::weakly_canonical(path) : path;
  const fs::file_status status = fs::status(target, code);
  if (fs::is_directory(status)) fail(path, EISDIR);
  if (fs::exists(status) && access(target.c_str(), W_OK) != 0) fail(path, errno);
  int error = 0;
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    error = write_all(target, "wb", text);
  } else {
    const fs::perms permissions = status.permissions();
    error = replace(target, text, fs::exists(status) ? &permissions : nullptr);
  }
  if (error != 0) fail(path, error);
}

} // namespace raphson::dsp
