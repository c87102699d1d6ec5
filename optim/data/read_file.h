// Opening and reading whole files, with the one-line reasons the command line prints.
#pragma once

#include <filesystem>
#include <string>

namespace raphson::optim::data {

/// Opens for reading and returns the descriptor, which the caller closes. Throws InputError, one line naming
/// the file, where it is missing, not permitted, a folder or no regular file, or holds no byte.
int open_for_reading(const std::filesystem::path& path);

/// The bytes of a file. Throws as open_for_reading does, and where reading fails.
std::string read_file(const std::filesystem::path& path);

} // namespace raphson::optim::data
