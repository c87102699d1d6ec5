// 64 bits that tell data apart: recordings, builds, points. Quick (8 bytes a step) and the same on every
// machine of one byte order, but no proof against intent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <span>
#include <string>

namespace raphson::optim {

class Fingerprint {
public:
  Fingerprint& add(const void* data, std::size_t bytes) {
    const char* from = static_cast<const char*>(data);
    mix(bytes);
    for (; bytes >= sizeof(std::uint64_t); bytes -= sizeof(std::uint64_t), from += sizeof(std::uint64_t)) {
      std::uint64_t word;
      std::memcpy(&word, from, sizeof word);
      mix(word);
    }
    std::uint64_t rest = 0;
    std::memcpy(&rest, from, bytes);
    mix(rest);
    return *this;
  }
  template <class T> Fingerprint& add(std::span<const T> values) {
    return add(values.data(), values.size_bytes());
  }

  std::uint64_t value() const { return state_; }
  std::string hex() const {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(state_));
    return text;
  }

private:
  /// The finaliser's multiplier of MurmurHash3 (Appleby, public domain); any odd one with mixed bits does.
  void mix(std::uint64_t word) {
    state_ = (state_ ^ word) * 0xff51afd7ed558ccdull;
    state_ ^= state_ >> 33;
  }

  std::uint64_t state_ = 0x9e3779b97f4a7c15ull;
};

} // namespace raphson::optim
