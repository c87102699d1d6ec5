// A compressor whose timing may change while it plays: a second one, with the new timing and the first one's
// gain reduction, runs unheard until its delays and filters are full of audio, and is then faded to in 10 ms.
#pragma once

#include "plugin/engine/compressor_stage.h"

#include <utility>

namespace raphson::plugin {

class CompressorPair {
public:
  CompressorPair() = default;
  CompressorPair(const CompressorPair&) = delete; // heard_ and next_ point inside
  CompressorPair& operator=(const CompressorPair&) = delete;

  /// Allocates. model: the block that compresses; network corrects its gain unless it is null.
  void prepare(double sample_rate, int channels, const dsp::BlockSettings& model,
               const dsp::GruWeights* network);
  void reset(const Timing& timing);
  /// Right after reset(): another timing from the first sample on.
  void start(const Timing& timing) { heard_->start(timing); }

  /// At a step of the grid: the timing wanted; begins the change to it unless one is under way.
  void aim(const Timing& timing);
  /// The one heard.
  const Timing& timing() const { return heard_->timing(); }
  /// While this is so, blocks do not cross steps of the grid.
  bool changing() const { return changing_; }

  /// Over the next samples, for what must be as late as the compressor is.
  struct Latency {
    std::size_t from, to;
    dsp::Line weight; ///< of `to`
  };
  Latency latency() const;

  /// In place; sidechain may be null.
  void process(double* const* audio, const double* const* sidechain, int channels, std::size_t count,
               const CompressorValues& values, CompressorReading& reading);

private:
  double sample_rate_ = 0;
  CompressorStage stage_[2];
  CompressorStage *heard_ = &stage_[0], *next_ = &stage_[1];
  bool changing_ = false;
  std::size_t elapsed_ = 0, unheard_ = 0, fade_ = 0; ///< samples, multiples of the grid
  std::vector<std::vector<double>> copy_;
};

} // namespace raphson::plugin
