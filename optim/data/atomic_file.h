// Writes a file whole or not at all: beside its place under another name, then renamed onto it, so that a
// reader never meets half a file and a failure leaves the old one as it was.
#pragma once

#include <filesystem>
#include <string_view>

namespace raphson::optim::data {

// Throws InputError naming the path and the reason (no such folder, read-only, disk full).
void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

} // namespace raphson::optim::data
