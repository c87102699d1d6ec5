// A mark in a recording: a sound that is found again to a small fraction of a sample after a unit has had its
// way with it, and that says which mark of which recording it is.
//
//   sync   a linear chirp of 0.2 s, 1 kHz up to 9 kHz (0.4 of the sample rate where that is less)
//   code   24 chirps of 25 ms over the same band, upwards for a 1 and downwards for a 0, most significant bit
//          first: 10 bits of number, 6 of the plan's id, 8 of checksum (CRC-8, polynomial x^8 + x^2 + x + 1)
//
// A chirp keeps its matched filter's peak where its amplitude is bent slowly (a compressor), its tops are cut
// (clipping), it stands on DC or in noise (the peak gathers 0.2 s), or is turned upside down (the peak's
// sign). Up and down, not loud and quiet, make the bits, so that no unit turns one into the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace raphson::optim::capture {

struct MarkCode {
  unsigned number = 0; ///< below 1024, in the order of the recording
  unsigned plan = 0;   ///< below 64: marks of another recording are told apart

  bool operator==(const MarkCode&) const = default;
};

inline constexpr unsigned mark_numbers = 1024, mark_plans = 64;
inline constexpr int mark_bits = 24;

std::uint32_t encode(MarkCode code);
/// Nothing where the checksum is wrong.
std::optional<MarkCode> decode(std::uint32_t bits);

/// The sound as a function of time, so that it can be had between samples and at another clock's speed.
class MarkSound {
public:
  static constexpr double sync_seconds = 0.2, bit_seconds = 0.025;
  static constexpr double seconds = sync_seconds + mark_bits * bit_seconds;

  explicit MarkSound(double sample_rate);

  double low_hz() const { return low_; }
  double high_hz() const { return high_; }

  /// Peak 1, silence outside; t in seconds from the mark's start.
  double sync(double t) const;
  double operator()(std::uint32_t bits, double t) const;

  /// One bit's chirp and the same a quarter of a period later, t from the bit's start.
  double bit(bool up, double t) const;
  double bit_quadrature(bool up, double t) const;

private:
  double low_, high_;
};

/// Samples of a mark, `padding` zeros on either side. A recorder whose clock is `stretch` times as fast as
/// the player's takes `stretch` times as many.
std::vector<double> mark_samples(MarkCode code, double sample_rate, double stretch = 1,
                                 std::size_t padding = 0);

} // namespace raphson::optim::capture
