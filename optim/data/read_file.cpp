#include "optim/data/read_file.h"

#include "dsp/error.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace raphson::optim::data {

int open_for_reading(const std::filesystem::path& path) {
  const std::string start = "cannot read " + path.string() + ": ";
  // A pipe nobody writes to would block the open: look at what it is first.
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) throw InputError(start + std::strerror(errno));
  if (S_ISDIR(status.st_mode)) throw InputError(start + "it is a folder");
  if (!S_ISREG(status.st_mode)) throw InputError(start + "it is not a regular file");
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw InputError(start + std::strerror(errno));
  if (status.st_size == 0) {
    close(descriptor);
    throw InputError(start + "it is empty");
  }
  return descriptor;
}

std::string read_file(const std::filesystem::path& path) {
  const int descriptor = open_for_reading(path);
  std::string text;
  char block[1 << 16];
  ssize_t count = 0;
  while ((count = read(descriptor, block, sizeof block)) != 0) {
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) break;
    text.append(block, static_cast<std::size_t>(count));
  }
  const int error = errno;
  close(descriptor);
  if (count < 0) throw InputError("cannot read " + path.string() + ": " + std::strerror(error));
  return text;
}

} // namespace raphson::optim::data
