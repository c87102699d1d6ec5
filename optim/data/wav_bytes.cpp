#include "optim/data/wav_bytes.h"

#include "dsp/error.h"

#include <bit>
#include <cmath>
#include <cstdint>

namespace raphson::optim::data {
namespace {

void append(std::string& bytes, std::uint32_t value, int count) {
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
}

} // namespace

std::string wav_bytes(std::span<const double> samples, double sample_rate, std::size_t channels) {
  constexpr std::uint32_t ieee_float = 3, bytes_each = 4;
  if (samples.size() > (std::size_t{1} << 30) - 64)
    throw InputError("a WAV file of " + std::to_string(samples.size()) + " samples: at most 2^30 fit");
  const auto data = static_cast<std::uint32_t>(samples.size() * bytes_each);
  const auto rate = static_cast<std::uint32_t>(std::lround(sample_rate));
  std::string bytes = "RIFF";
  append(bytes, 36 + data, 4);
  bytes += "WAVEfmt ";
  append(bytes, 16, 4);
  append(bytes, ieee_float, 2);
  append(bytes, static_cast<std::uint32_t>(channels), 2);
  append(bytes, rate, 4);
  const auto frame = static_cast<std::uint32_t>(channels) * bytes_each;
  append(bytes, rate * frame, 4);
  append(bytes, frame, 2);
  append(bytes, 32, 2); // bits
  bytes += "data";
  append(bytes, data, 4);
  for (const double x : samples) append(bytes, std::bit_cast<std::uint32_t>(static_cast<float>(x)), 4);
  return bytes;
}

} // namespace raphson::optim::data
