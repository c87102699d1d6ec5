// One compressor on all channels at one oversampling and one look-ahead: levels, linked gains, the network
// that corrects each channel's where the model has one (at the higher rate as well: dsp/dynamics/gru_gain.h),
// and the audio, late by the look-ahead, times the gain; all of it at the higher rate where it is
// oversampled, since it is the product of audio and gain that makes new frequencies. The gains are the plain
// compressor's or those of a dynamics block.
#pragma once

#include "dsp/delay/delay_line.h"
#include "dsp/dynamics/gru_gain.h"
#include "dsp/dynamics/linked_gain.h"
#include "dsp/resample/oversampler.h"
#include "plugin/engine/detector_path.h"
#include "plugin/engine/dynamics_gain.h"
#include "plugin/engine/sample_io.h"
#include "plugin/engine/timing.h"

#include <array>
#include <optional>
#include <vector>

namespace raphson::plugin {

class CompressorStage {
public:
  /// Allocates for every timing there is, and blocks of block_size. model: the block that compresses; network
  /// corrects its gain unless it is null.
  void prepare(double sample_rate, int channels, const dsp::BlockSettings& model,
               const dsp::GruWeights* network);

  /// Silence behind, no gain reduction.
  void reset(const Timing& timing);

  /// Another timing, as long as there is silence behind.
  void start(const Timing& timing);

  /// Goes on with the gain reduction of another; what it delays is not right before its latency is over.
  void follow(const CompressorStage& other, const Timing& timing);

  const Timing& timing() const { return timing_; }

  /// In place; sidechain may be null.
  void process(double* const* audio, const double* const* sidechain, int channels, std::size_t count,
               const CompressorValues& values, CompressorReading& reading);

private:
  void compress(double* const* audio, const double* const* sidechain, int channels, std::size_t count,
                const CompressorValues& values, CompressorReading& reading);
  void compress_oversampled(double* const* audio, const double* const* sidechain, int channels,
                            std::size_t count, const CompressorValues& values, CompressorReading& reading);
  void gains(const double* const* audio, const double* const* sidechain, int channels, std::size_t count,
             const CompressorValues& values, double* const* gain, CompressorReading& reading);
  void update(const CompressorValues& values);
  double rate() const { return sample_rate_ * static_cast<double>(timing_.oversampling); }

  struct Channel {
    std::vector<double> gain, high, high_sidechain;
    dsp::DelayLine look_ahead;
    dsp::Oversampler oversampler, sidechain_oversampler;
  };

  double sample_rate_ = 0;
  Timing timing_;
  double attack_ms_ = 0, release_ms_ = 0, attack_ = 1, release_ = 1;
  bool hears_sidechain_ = false;
  DetectorPath detector_;
  std::array<double, maximum_channels> gain_state_; ///< of the plain compressor
  std::optional<DynamicsGain> dynamics_;
  std::vector<Channel> channel_;
  std::optional<dsp::GruGain> network_;
  dsp::LinkedGain linked_gain_ = dsp::linked_gain();
  const GainOps& ops_ = gain_ops();
};

} // namespace raphson::plugin
