#include "dsp/io/atomic_file.h"

#include "dsp/error.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace raphson::dsp {
namespace {

namespace fs = std::filesystem;

/// A name of its own for every open file of every process. Short and independent of the target's name, which
/// may itself be as long as the file system allows.
fs::path temporary_beside(const fs::path& target) {
  static std::atomic<unsigned> counter{0};
  const std::string name = ".raphson-" + std::to_string(getpid()) + "-" + std::to_string(counter++) + ".tmp";
  return target.parent_path() / name;
}

fs::path follow_links(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_symlink(path, ignored)) return path;
  std::error_code error;
  const fs::path resolved = fs::weakly_canonical(path, error);
  return error ? path : resolved;
}

int open_temporary(const fs::path& target, fs::path& temporary) {
  for (int attempt = 0; attempt < 100; ++attempt) {
    temporary = temporary_beside(target);
    const int descriptor = open(temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0 || errno != EEXIST) return descriptor;
  }
  return -1;
}

} // namespace

AtomicFile::AtomicFile(const fs::path& path) : path_(path), target_(follow_links(path)) {
  if (!path.has_filename()) fail(EISDIR);
  struct stat status {};
  const bool exists = stat(target_.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) fail(EISDIR);
  if (exists && access(target_.c_str(), W_OK) != 0) fail(errno);
  if (exists && !S_ISREG(status.st_mode)) {
    descriptor_ = open(target_.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor_ < 0) fail(errno);
    return;
  }
  descriptor_ = open_temporary(target_, temporary_);
  if (descriptor_ < 0) {
    temporary_.clear();
    fail(errno);
  }
  if (exists && fchmod(descriptor_, status.st_mode & 07777) != 0) {
    // A file system without permissions: the new file has its default ones.
    errno = 0;
  }
}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::discard() noexcept {
  if (descriptor_ >= 0) close(descriptor_);
  descriptor_ = -1;
  if (!temporary_.empty()) unlink(temporary_.c_str());
  temporary_.clear();
}

void AtomicFile::fail(int error) const {
  std::string reason = std::strerror(error);
  if (error == EISDIR) reason = "it is a folder";
  if (error == ENOENT) reason = "there is no folder " + target_.parent_path().string();
  throw InputError("cannot write " + path_.string() + ": " + reason);
}

bool AtomicFile::try_write(std::span<const std::byte> bytes) noexcept {
  while (error_ == 0 && !bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written >= 0)
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    else if (errno != EINTR)
      error_ = errno;
  }
  return error_ == 0;
}

void AtomicFile::check() const {
  if (error_ != 0) fail(error_);
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  try_write(bytes);
  check();
}

void AtomicFile::write(std::string_view text) { write(std::as_bytes(std::span(text))); }

std::int64_t AtomicFile::seek(std::int64_t offset, int whence) noexcept {
  return lseek(descriptor_, offset, whence);
}

std::int64_t AtomicFile::size() const noexcept {
  struct stat status {};
  return fstat(descriptor_, &status) == 0 ? status.st_size : 0;
}

void AtomicFile::commit() {
  int error = error_;
  if (descriptor_ >= 0 && close(descriptor_) != 0 && error == 0) error = errno;
  descriptor_ = -1;
  if (error == 0 && !temporary_.empty() && rename(temporary_.c_str(), target_.c_str()) != 0) error = errno;
  if (error == 0) temporary_.clear();
  discard();
  if (error != 0) fail(error);
}

void write_file(const fs::path& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

} // namespace raphson::dsp
