// Loudness after ITU-R BS.1770-4 (integrated, gated, LUFS) and loudness range after EBU Tech 3342 (LRA, LU),
// by libebur128. One and two channels count alike (a mono signal is 3 LU below its copy on two); of five, the
// surround channels weigh +1.5 dB.
//
// Memory grows by some 30 bytes for every 100 ms, which the two-pass gate needs: 1 MB an hour.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace raphson::dsp {

class LoudnessMeter {
public:
  /// Rates from 16 Hz to 2.8 MHz in whole Hz, 1 to 64 channels; InputError otherwise.
  LoudnessMeter(double sample_rate, std::size_t channels);
  ~LoudnessMeter();
  LoudnessMeter(LoudnessMeter&&) noexcept;
  LoudnessMeter& operator=(LoudnessMeter&&) noexcept;

  /// Blocks of any size, down to one frame. block.size() is a multiple of the number of channels.
  void add_interleaved(std::span<const float> block);
  void add_planar(std::span<const float* const> channels, std::size_t frames);

  /// Minus infinity for silence (nothing above the gate of -70 LUFS) and for less than the 400 ms of one
  /// gating block.
  double integrated_lufs() const;

  /// 0 for silence and for less than the 3 s of one short-term block.
  double range_lu() const;

private:
  struct State; // libebur128's
  std::unique_ptr<State> state_;
};

/// Of one channel.
double integrated_lufs(std::span<const float> signal, double sample_rate);

} // namespace raphson::dsp
