// What the plugin adds around the model, as plain numbers. The ranges in the comments are held by the engine:
// what lies outside is taken for the nearest value inside, and what is not finite for the value before it.
#pragma once

namespace raphson::plugin {

struct Controls {
  double input_gain_db = 0;         ///< -24..24, in front of everything: it drives the compressor
  double output_gain_db = 0;        ///< -24..24, behind everything, after the mix
  double mix = 1;                   ///< 0 dry .. 1 wet; dry is the input after its gain, as late as wet
  double stereo_link = 0;           ///< 0 each channel by itself, as fitted .. 1 all by the loudest
  double sidechain_highpass_hz = 0; ///< 20..1000; 0 is off
  double look_ahead_ms = 0;         ///< 0..20, on top of the model's own
  int oversampling = 1;             ///< 1, 2 or 4, of the compressor
  bool external_sidechain = false;  ///< heard as it comes, without the input gain
  bool auto_makeup = false;         ///< in place of the model's make-up
  bool bypass = false;              ///< the input as it came, as late as ever
  /// What the compressor takes away: what goes into it less what comes out, make-up apart, whatever the mix.
  /// Equalisers behind it and the output gain act on it.
  bool delta = false;

  bool operator==(const Controls&) const = default;
};

} // namespace raphson::plugin
