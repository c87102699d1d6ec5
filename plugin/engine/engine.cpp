#include "plugin/engine/engine.h"

#include "dsp/delay/delay_line.h"
#include "dsp/error.h"
#include "plugin/engine/compressor_pair.h"
#include "plugin/engine/equaliser_stage.h"
#include "plugin/engine/flush_denormals.h"
#include "plugin/engine/limits.h"
#include "plugin/engine/linear_stage.h"
#include "plugin/engine/meter_accumulator.h"
#include "plugin/engine/sample_io.h"
#include "plugin/engine/saturation_stage.h"
#include "plugin/engine/smoothed_values.h"

#include <algorithm>
#include <optional>

namespace raphson::plugin {

using dsp::Line;

class Engine::Core {
public:
  explicit Core(const dsp::ChainSettings& chain) : values_(chain) {
    check_corrections(chain);
    if (const std::string fault = dsp::chain_fault(chain); !fault.empty())
      throw InputError("the chain " + to_string(chain) + ": " + fault);
    for (const dsp::BlockSettings& block : chain.blocks) {
      if (block.type == dsp::BlockType::rational) fitted_rate_ = block.fitted_rate;
      if (block.type == dsp::BlockType::gru_makeup)
        network_ = block.gru;
      else
        order_.push_back(block.type);
    }
    if (network_) dsp::GruGain check_weights(*network_, 48000, 1);
    if (const dsp::BlockSettings* block = chain.compressor()) {
      model_ = *block;
      compressor_.emplace();
    }
  }

  void prepare(double sample_rate, int channels) {
    sample_rate = held_rate(sample_rate);
    channels = std::clamp(channels, 1, maximum_channels);
    values_.prepare(sample_rate);
    if (compressor_) compressor_->prepare(sample_rate, channels, model_, network_ ? &*network_ : nullptr);
    for (EqualiserStage& equaliser : equaliser_) equaliser.prepare(sample_rate);
    saturation_.prepare(channels);
    linear_.prepare(sample_rate, fitted_rate_);
    meter_.prepare(sample_rate);
    const auto longest =
        Timing{dsp::Oversampler::maximum_factor,
               static_cast<std::size_t>(Timing::longest_look_ahead_ms * 0.001 * sample_rate + 1)}
            .latency();
    channel_ = std::vector<Channel>(static_cast<std::size_t>(channels));
    for (Channel& channel : channel_) channel.delay.prepare(longest, block_size);
    reset();
  }

  void reset() noexcept {
    values_.reset();
    if (compressor_) compressor_->reset(values_.timing_given());
    for (EqualiserStage& equaliser : equaliser_) equaliser.reset();
    saturation_.reset();
    linear_.reset();
    meter_.reset();
    for (Channel& channel : channel_) channel.delay.reset();
    offset_ = 0;
    fresh_ = true;
  }

  void set(const Controls& controls, std::span<const double> values) noexcept {
    values_.aim(controls, values);
  }

  int latency_samples() const noexcept { return static_cast<int>(values_.timing_given().latency()); }
  MeterFifo& meters() noexcept { return meters_; }

  template <class Sample>
  void process(Sample* const* audio, int channels, int samples, const Sample* const* sidechain,
               int sidechain_channels) noexcept {
    channels = std::min(channels, static_cast<int>(channel_.size()));
    if (channels <= 0 || samples <= 0) return;
    const FlushDenormals guard;
    const auto total = static_cast<std::size_t>(samples);
    for (std::size_t done = 0, count = 0; done < total; done += count) {
      count = next_block(total - done);
      take(audio, channels, done, count);
      const bool hears_sidechain = take_sidechain(sidechain, sidechain_channels, channels, done, count);
      process_block(channels, count, hears_sidechain);
      give(audio, channels, done, count);
      meter_.advance(count, meters_);
      offset_ = (offset_ + count) % grid;
    }
  }

private:
  struct Channel {
    std::array<double, block_size> raw, wet, late, sidechain;
    dsp::DelayLine delay;
  };

  /// Steps the values where a step is due; the samples until the next, or as many as may be while all is
  /// still.
  std::size_t next_block(std::size_t left) {
    if (offset_ == 0 && (values_.waiting() || (compressor_ && changing()))) step();
    const bool still = !values_.waiting() && !(compressor_ && changing());
    lines_ = values_.lines().from(static_cast<double>(offset_));
    return std::min(left, still ? block_size : grid - offset_);
  }

  bool changing() const { return compressor_->changing() || compressor_->timing() != values_.timing(); }

  void step() {
    values_.step();
    std::size_t equalisers = 0;
    for (std::size_t b = 0; b < order_.size(); ++b) {
      if (order_[b] == dsp::BlockType::equaliser) {
        EqualiserStage& equaliser = equaliser_[equalisers++];
        if (values_.moved(b)) equaliser.set(values_.of_block(b));
      }
      if (order_[b] == dsp::BlockType::saturation && values_.moved(b)) saturation_.set(values_.of_block(b));
      if (order_[b] == dsp::BlockType::rational && values_.moved(b)) linear_.set(values_.of_block(b));
    }
    if (!compressor_) return;
    if (fresh_)
      compressor_->start(values_.timing());
    else
      compressor_->aim(values_.timing());
    fresh_ = false;
  }

  template <class Sample>
  void take(const Sample* const* audio, int channels, std::size_t from, std::size_t count) {
    for (int c = 0; c < channels; ++c) {
      Channel& channel = channel_[static_cast<std::size_t>(c)];
      sample_io<Sample>().take(audio[c] + from, channel.raw.data(), count);
      channel.delay.write(channel.raw.data(), count);
      meter_.input_peak(static_cast<std::size_t>(c),
                        ops_.scale(channel.raw.data(), channel.wet.data(), count, lines_.input_gain));
    }
  }

  /// Whether there is one that matters.
  template <class Sample>
  bool take_sidechain(const Sample* const* sidechain, int sidechain_channels, int channels, std::size_t from,
                      std::size_t count) {
    if (sidechain == nullptr || sidechain_channels <= 0 || lines_.compressor.external.always(0)) return false;
    for (int c = 0; c < std::min(channels, sidechain_channels); ++c)
      sample_io<Sample>().take(sidechain[c] + from, channel_[static_cast<std::size_t>(c)].sidechain.data(),
                               count);
    for (int c = 0; c < channels; ++c)
      heard_[static_cast<std::size_t>(c)] =
          channel_[static_cast<std::size_t>(std::min(c, sidechain_channels - 1))].sidechain.data();
    return true;
  }

  void process_block(int channels, std::size_t count, bool hears_sidechain) {
    std::array<double*, maximum_channels> wet{};
    for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) wet[c] = channel_[c].wet.data();
    latency_ = compressor_ ? compressor_->latency() : CompressorPair::Latency{0, 0, {0}};
    std::size_t equalisers = 0;
    for (const dsp::BlockType type : order_) switch (type) {
      case dsp::BlockType::equaliser:
        equaliser_[equalisers].process(wet.data(), channels, count, lines_.equaliser_gain[equalisers]);
        ++equalisers;
        break;
      case dsp::BlockType::saturation:
        saturation_.process(wet.data(), channels, count);
        break;
      case dsp::BlockType::rational:
        linear_.process(wet.data(), channels, count);
        break;
      case dsp::BlockType::gru_makeup: // within the compressor
        break;
      case dsp::BlockType::compressor:
      case dsp::BlockType::dynamics:
        compressor_->process(wet.data(), hears_sidechain ? heard_.data() : nullptr, channels, count,
                             lines_.compressor, meter_.compressor());
        break;
      }
    if (!compressor_ && !lines_.delta.always(0)) // nothing is taken away
      for (int c = 0; c < channels; ++c)
        ops_.scale(wet[static_cast<std::size_t>(c)], wet[static_cast<std::size_t>(c)], count,
                   {1 - lines_.delta.start, -lines_.delta.slope});
  }

  template <class Sample> void give(Sample* const* audio, int channels, std::size_t from, std::size_t count) {
    const bool bypassing = !lines_.bypass.always(0), mixing = !lines_.mix.always(1);
    for (int c = 0; c < channels; ++c) {
      Channel& channel = channel_[static_cast<std::size_t>(c)];
      double* const wet = channel.wet.data();
      if (mixing || bypassing) read_late(channel, count);
      Line gain = lines_.output_gain;
      if (mixing) blend(wet, channel.late.data(), count, lines_.input_gain, lines_.mix);
      if (bypassing) {
        ops_.scale(wet, wet, count, gain);
        gain = {1};
        blend(wet, channel.late.data(), count, {1}, {1 - lines_.bypass.start, -lines_.bypass.slope});
      }
      meter_.output_peak(static_cast<std::size_t>(c),
                         sample_io<Sample>().give(wet, audio[c] + from, count, gain));
    }
  }

  /// The input, as late as the compressor's output is.
  void read_late(Channel& channel, std::size_t count) {
    channel.delay.read(latency_.from, channel.late.data(), count);
    if (latency_.weight.always(0)) return;
    channel.delay.read(latency_.to, channel.raw.data(), count);
    blend(channel.late.data(), channel.raw.data(), count, {1},
          {1 - latency_.weight.start, -latency_.weight.slope});
  }

  /// wet = amount wet + (1 - amount) gain dry: either alone, to the bit, at 1 and at 0.
  static void blend(double* wet, const double* dry, std::size_t count, Line gain, Line amount) {
    for (std::size_t t = 0; t < count; ++t) {
      const auto at = static_cast<double>(t);
      const double a = amount.at(at);
      wet[t] = a * wet[t] + (1 - a) * (gain.at(at) * dry[t]);
    }
  }

  std::vector<dsp::BlockType> order_;
  std::optional<dsp::GruWeights> network_; ///< corrects the compressor's gain
  double fitted_rate_ = 0;                 ///< of the rational block
  SmoothedValues values_;
  SmoothedValues::Lines lines_{};
  std::optional<CompressorPair> compressor_;
  dsp::BlockSettings model_{}; ///< the block that compresses, if there is one
  std::array<EqualiserStage, 2> equaliser_;
  SaturationStage saturation_;
  LinearStage linear_;
  std::vector<Channel> channel_; ///< empty until prepared
  std::array<const double*, maximum_channels> heard_{};
  CompressorPair::Latency latency_{};
  MeterAccumulator meter_;
  MeterFifo meters_;
  const GainOps& ops_ = gain_ops();
  std::size_t offset_ = 0; ///< samples since the last step of the grid
  bool fresh_ = true;
};

Engine::Engine(const dsp::ChainSettings& chain) : core_(std::make_unique<Core>(chain)) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

void Engine::prepare(double sample_rate, int channels) { core_->prepare(sample_rate, channels); }
void Engine::reset() noexcept { core_->reset(); }
void Engine::set(const Controls& controls, std::span<const double> values) noexcept {
  core_->set(controls, values);
}
int Engine::latency_samples() const noexcept { return core_->latency_samples(); }
MeterFifo& Engine::meters() noexcept { return core_->meters(); }

template <class Sample>
void Engine::process(Sample* const* audio, int channels, int samples, const Sample* const* sidechain,
                     int sidechain_channels) noexcept {
  core_->process(audio, channels, samples, sidechain, sidechain_channels);
}
template void Engine::process(float* const*, int, int, const float* const*, int) noexcept;
template void Engine::process(double* const*, int, int, const double* const*, int) noexcept;

} // namespace raphson::plugin
