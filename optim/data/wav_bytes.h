// A WAV file of 32-bit floats in memory, for reports whose files are written all or none.
#pragma once

#include <span>
#include <string>

namespace raphson::optim::data {

/// One channel. Throws InputError where the file would exceed 4 GiB.
std::string wav_bytes(std::span<const double> samples, double sample_rate);

} // namespace raphson::optim::data
