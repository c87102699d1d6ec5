// A WAV file of 32-bit floats in memory, for reports whose files are written all or none.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace raphson::optim::data {

/// Samples of several channels by turns. Throws InputError where the file would exceed 4 GiB.
std::string wav_bytes(std::span<const double> samples, double sample_rate, std::size_t channels = 1);

} // namespace raphson::optim::data
