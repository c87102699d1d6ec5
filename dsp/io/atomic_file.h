// A file that appears whole or not at all: written to a temporary beside the target and renamed over it by
// commit(). Without commit() the temporary is removed and the target stays as it was.
//
// A symbolic link is followed, an existing file keeps its permissions, and a target that is no regular file
// (/dev/null, a pipe) is written straight through. Every failure, a full disk included, throws InputError
// with one line: "cannot write X: No space left on device".
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace raphson::dsp {

class AtomicFile {
public:
  /// Throws InputError where the target is a folder or the folder it lies in cannot be written.
  explicit AtomicFile(const std::filesystem::path& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);

  /// The same without exceptions, for callbacks from C: false once any write failed, which check() then
  /// throws.
  bool try_write(std::span<const std::byte> bytes) noexcept;
  void check() const;

  /// lseek on the file: the new offset from its start, or -1.
  std::int64_t seek(std::int64_t offset, int whence) noexcept;
  std::int64_t size() const noexcept;

  /// Closes the file and moves it over the target. Throws InputError where any write so far, the close or the
  /// rename failed; the target is then untouched.
  void commit();

  const std::filesystem::path& path() const { return path_; }

private:
  [[noreturn]] void fail(int error) const;
  void discard() noexcept;

  std::filesystem::path path_;      // as the caller named it
  std::filesystem::path target_;    // with links followed
  std::filesystem::path temporary_; // empty when written straight through
  int descriptor_ = -1;
  int error_ = 0; // the first errno
};

/// The whole of a file in one call.
void write_file(const std::filesystem::path& path, std::string_view text);

} // namespace raphson::dsp
