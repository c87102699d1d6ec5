// What the plugin's audio thread runs: a model with the plugin's controls around it.
//
//   in -> input gain -> the model's blocks in their order -> mix with dry -> output gain
//
// The controls around the compressor are around a dynamics block all the same, oversampling among them;
// saturation and equalisers work at the audio's own rate.
//
// With default Controls the output is dsp::ChainProcessor's, channel by channel, to float rounding, whatever
// the sizes of the blocks. All values move smoothly, on a grid of samples counted since reset(), so that the
// same values set at the same samples give the same output however the audio is cut into blocks.
//
// Everything but the constructor and prepare() is real-time safe: no allocation, no lock, no system call.
#pragma once

#include "dsp/chain/chain.h"
#include "plugin/engine/controls.h"
#include "plugin/engine/meters.h"

#include <memory>
#include <span>

namespace raphson::plugin {

class Engine {
public:
  /// The blocks of a model and the values it starts with. Throws InputError for what is no chain
  /// (dsp::chain_fault), where a network does not follow the compressor, or has weights that are not valid().
  explicit Engine(const dsp::ChainSettings& chain);
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  /// Allocates for 1..8 channels at 4..768 kHz (held to these) and resets. Not while process() runs.
  void prepare(double sample_rate, int channels);

  /// Silence behind, no gain reduction; the values last set hold at once.
  void reset() noexcept;

  /// New targets, in chain.values() order; on the audio thread. They are reached in about 20 ms, a new
  /// latency (look-ahead, oversampling) by a crossfade; the first after prepare() or reset() hold at once.
  /// Values out of range are held to it; values of the wrong number are ignored.
  void set(const Controls& controls, std::span<const double> values) noexcept;

  /// At the last set().
  int latency_samples() const noexcept;

  /// In place. Channels beyond those prepared are left as they are; with fewer, the rest stand still. Of the
  /// side-chain, channel c hears channel c, or the last one there is; without one the compressor hears the
  /// audio. Samples that are not finite or beyond +200 dB count as 0. Before prepare() the audio is left as
  /// it is.
  template <class Sample>
  void process(Sample* const* audio, int channels, int samples, const Sample* const* sidechain = nullptr,
               int sidechain_channels = 0) noexcept;

  MeterFifo& meters() noexcept;

private:
  class Core;
  std::unique_ptr<Core> core_;
};

/// The latency that set(controls, chain.values()) gives, without an engine.
int latency_samples(const Controls& controls, const dsp::ChainSettings& chain, double sample_rate);

} // namespace raphson::plugin
