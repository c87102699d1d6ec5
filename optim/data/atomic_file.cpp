#include "optim/data/atomic_file.h"

#include "dsp/error.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>
#include <unistd.h>

namespace raphson::optim::data {

void write_file_atomically(const std::filesystem::path& path, std::string_view bytes) {
  static std::atomic<unsigned> serial{0};
  std::filesystem::path beside = path;
  beside += std::string(".")
                .append(std::to_string(::getpid()))
                .append("-")
                .append(std::to_string(serial++))
                .append(".part");
  std::FILE* file = std::fopen(beside.c_str(), "wb");
  int error = file ? 0 : errno;
  if (file) {
    if (std::fwrite(bytes.data(), 1, bytes.size(), file) != bytes.size()) error = errno;
    if (std::fclose(file) != 0 && error == 0) error = errno;
    if (error == 0 && std::rename(beside.c_str(), path.c_str()) != 0) error = errno;
    if (error != 0) std::remove(beside.c_str());
  }
  if (error != 0)
    throw InputError(path.string() + ": cannot write (" + std::generic_category().message(error) + ")");
}

} // namespace raphson::optim::data
