#include "optim/match/gru_objective.h"

#include "dsp/dynamics/compressor.h"
#include "dsp/error.h"
#include "dsp/filters/pre_emphasis.h"
#include "optim/engine/parallel.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::match {
namespace {

std::size_t tiles(double seconds, double sample_rate) {
  const double steps = seconds * sample_rate / static_cast<double>(gru_tile);
  return static_cast<std::size_t>(std::max(1.0, std::round(steps))) * gru_tile;
}

/// The chain up to the compressor, which is given apart.
struct Split {
  dsp::ChainSettings head;
  const dsp::BlockSettings* compressor = nullptr;
  std::vector<const dsp::BlockSettings*> tail;
};

Split split(const dsp::ChainSettings& chain) {
  Split s;
  for (const dsp::BlockSettings& block : chain.blocks)
    if (block.type == dsp::BlockType::compressor)
      s.compressor = &block;
    else if (s.compressor == nullptr)
      s.head.blocks.push_back(block);
    else if (block.type != dsp::BlockType::gru_makeup)
      s.tail.push_back(&block);
  if (s.compressor == nullptr)
    throw InputError("the chain " + to_string(chain)
                     + " has no compressor (a dynamics block is none) whose gain a network could correct");
  for (const dsp::BlockSettings* block : s.tail)
    if (block->type != dsp::BlockType::equaliser)
      throw InputError("the chain " + to_string(chain)
                       + " has a block behind the compressor that is no equaliser, which the training of a"
                         " network cannot pass");
  return s;
}

/// Where the chunks lie: whole ones alone, evenly spread.
std::vector<GruChunk> places(const Pair& pair, std::size_t length, std::size_t maximum) {
  std::vector<GruChunk> all;
  for (std::size_t channel = 0; channel < pair.dry.size(); ++channel)
    for (std::size_t from = pair.scored_begin; from + length <= pair.scored_end; from += length)
      all.push_back({channel, from, {}, {}, {}});
  if (all.size() <= maximum) return all;
  std::vector<GruChunk> some;
  for (std::size_t i = 0; i < maximum; ++i) some.push_back(all[i * all.size() / maximum]);
  return some;
}

/// Copies [from, from + count) of a channel to where the chunk has it.
void copy_overlap(const float* block, std::size_t from, std::size_t count, std::size_t begin,
                  std::size_t warm_up, std::vector<float>& out) {
  const std::size_t first = std::max(from + warm_up, begin),
                    last = std::min(from + count + warm_up, begin + out.size());
  for (std::size_t n = first; n < last; ++n) out[n - begin] = block[n - warm_up - from];
}

void play_channel(const Pair& pair, std::size_t channel, const Split& blocks, GruChunks& chunks) {
  const std::vector<double> values = blocks.head.values();
  dsp::Chain<double> head(blocks.head, std::span<const double>(values), pair.sample_rate);
  dsp::Compressor<double> compressor(std::span<const double>(blocks.compressor->values), pair.sample_rate);
  std::array<double, 256> audio, gain;
  std::array<float, 256> audio_out, gain_out;
  for (std::size_t from = 0; from < pair.scored_end; from += audio.size()) {
    const std::size_t count = std::min(audio.size(), pair.scored_end - from);
    std::copy_n(pair.dry[channel].data() + from, count, audio.data());
    head.process(std::span(audio).first(count));
    compressor.gains(std::span(audio).first(count), gain.data());
    std::transform(audio.begin(), audio.end(), audio_out.begin(),
                   [](double x) { return static_cast<float>(x); });
    std::transform(gain.begin(), gain.end(), gain_out.begin(),
                   [](double x) { return static_cast<float>(x); });
    for (GruChunk& chunk : chunks.list) {
      if (chunk.channel != channel) continue;
      copy_overlap(audio_out.data(), from, count, chunk.begin, chunks.warm_up, chunk.audio);
      copy_overlap(gain_out.data(), from, count, chunk.begin, chunks.warm_up, chunk.gain);
      copy_overlap(pair.wet[channel].data() + from, from, count, chunk.begin, chunks.warm_up, chunk.wet);
    }
  }
}

std::array<float, dsp::GruWeights::inputs> inputs_of(const GruChunk& chunk, std::size_t t) {
  const float v = chunk.gain[t] * chunk.audio[t];
  return {1 - chunk.gain[t], v, std::abs(v)};
}

/// In place, with time reversed: the adjoint of the same filter forwards.
template <class Filter> void backwards(Filter filter, std::vector<double>& signal) {
  for (std::size_t t = signal.size(); t-- > 0;) signal[t] = filter(signal[t]);
}

} // namespace

GruChunks gru_chunks(const Pair& pair, const dsp::ChainSettings& chain, const GruChunkOptions& options) {
  const Split blocks = split(chain);
  const std::size_t scored = tiles(options.scored_seconds, pair.sample_rate);
  GruChunks chunks{tiles(options.warm_up_seconds, pair.sample_rate), 0,
                   places(pair, scored, options.maximum)};
  chunks.length = chunks.warm_up + scored;
  for (GruChunk& chunk : chunks.list) {
    chunk.gain.assign(chunks.length, 1.0f); // silence before the recording
    chunk.audio.assign(chunks.length, 0.0f);
    chunk.wet.assign(chunks.length, 0.0f);
  }
  parallel_for(pair.dry.size(), options.threads,
               [&](std::size_t channel, std::size_t) { play_channel(pair, channel, blocks, chunks); });
  return chunks;
}

LinearTail linear_tail(const dsp::ChainSettings& chain, double sample_rate) {
  const Split blocks = split(chain);
  LinearTail tail{dsp::db_to_gain(blocks.compressor->values[4]), {}};
  for (const dsp::BlockSettings* block : blocks.tail) {
    if (block->type != dsp::BlockType::equaliser)
      throw InputError("the chain " + to_string(chain)
                       + ": a network can be trained only where equalisers alone follow the compressor");
    const std::span<const double> values(block->values);
    for (const auto& section : dsp::ParametricEqualiser<double>::sections(values, sample_rate))
      tail.sections.push_back(section);
    tail.gain *= dsp::db_to_gain(values[10]);
  }
  return tail;
}

std::array<double, dsp::GruWeights::inputs> input_scale(const std::vector<const GruChunk*>& chunks) {
  std::array<double, dsp::GruWeights::inputs> sum{};
  std::size_t count = 0;
  for (const GruChunk* chunk : chunks)
    for (std::size_t t = 0; t < chunk->gain.size(); ++t, ++count) {
      const auto x = inputs_of(*chunk, t);
      for (std::size_t i = 0; i < x.size(); ++i) sum[i] += double(x[i]) * double(x[i]);
    }
  for (double& s : sum)
    s = std::max(1e-6, std::sqrt(s / static_cast<double>(std::max<std::size_t>(1, count))));
  return sum;
}

template <class T>
GruObjective<T>::GruObjective(const GruChunks& chunks, std::vector<const GruChunk*> chosen, LinearTail tail,
                              double pole, int units,
                              const std::array<double, dsp::GruWeights::inputs>& scale, std::size_t threads)
    : warm_up_(chunks.warm_up), length_(chunks.length), tail_(std::move(tail)), pole_(pole), units_(units),
      threads_(threads) {
  constexpr std::size_t lanes = gru_lanes, inputs = dsp::GruWeights::inputs;
  const std::size_t count = (chosen.size() + lanes - 1) / lanes;
  for (std::size_t g = 0; g < count; ++g) {
    Group group;
    const std::size_t first = chosen.size() * g / count, last = chosen.size() * (g + 1) / count;
    group.chunks.assign(chosen.begin() + static_cast<std::ptrdiff_t>(first),
                        chosen.begin() + static_cast<std::ptrdiff_t>(last));
    group.features.assign(length_ * inputs * lanes, T(0));
    for (std::size_t lane = 0; lane < group.chunks.size(); ++lane)
      for (std::size_t t = 0; t < length_; ++t) {
        const auto x = inputs_of(*group.chunks[lane], t);
        for (std::size_t i = 0; i < inputs; ++i)
          group.features[(t * inputs + i) * lanes + lane] = static_cast<T>(double(x[i]) / scale[i]);
      }
    group.states.resize(length_ / gru_tile * static_cast<std::size_t>(units) * lanes);
    group.output.resize(length_ * lanes);
    group.slope.assign(length_ * lanes, T(0));
    group.scratch.resize(gru_scratch(units));
    groups_.push_back(std::move(group));
  }
  for (const GruChunk* chunk : chosen) {
    dsp::PreEmphasis<double> h(pole_);
    for (std::size_t t = 0; t < length_; ++t) {
      const double target = h(double(chunk->wet[t]));
      if (t >= warm_up_) target_energy_ += target * target;
    }
  }
}

template <class T>
double GruObjective<T>::compare(const GruChunk& chunk, std::size_t lane, Group& group,
                                bool with_slope) const {
  constexpr std::size_t lanes = gru_lanes;
  std::vector<double> signal(length_);
  std::vector<dsp::Biquad<double>> filters;
  for (const auto& section : tail_.sections) filters.emplace_back(section);
  for (std::size_t t = 0; t < length_; ++t) {
    const double factor = std::clamp(1 + double(group.output[t * lanes + lane]), dsp::GruGain::lowest_factor,
                                     dsp::GruGain::highest_factor);
    signal[t] = tail_.gain * factor * double(chunk.gain[t]) * double(chunk.audio[t]);
  }
  for (dsp::Biquad<double>& filter : filters)
    for (double& s : signal) s = filter(s);
  dsp::PreEmphasis<double> h(pole_);
  double energy = 0;
  for (std::size_t t = 0; t < length_; ++t) {
    const double error = h(signal[t] - double(chunk.wet[t]));
    signal[t] = t >= warm_up_ ? error : 0;
    energy += signal[t] * signal[t];
  }
  if (!with_slope) return energy;
  backwards(dsp::PreEmphasis<double>(pole_), signal);
  for (const auto& section : tail_.sections) backwards(dsp::Biquad<double>(section), signal);
  for (std::size_t t = 0; t < length_; ++t) {
    const double factor = 1 + double(group.output[t * lanes + lane]);
    const bool held = factor < dsp::GruGain::lowest_factor || factor > dsp::GruGain::highest_factor;
    group.slope[t * lanes + lane] = held ? T(0)
                                         : static_cast<T>(2 * signal[t] * tail_.gain * double(chunk.gain[t])
                                                          * double(chunk.audio[t]) / target_energy_);
  }
  return energy;
}

template <class T> double GruObjective<T>::evaluate(const Vector& weights, Vector* gradient) const {
  const std::vector<T> w(weights.data(), weights.data() + weights.size());
  const auto& kernel = gru_kernel<T>();
  std::vector<double> energy(groups_.size(), 0.0);
  std::vector<Vector> gradients(gradient ? groups_.size() : 0);
  parallel_for(groups_.size(), threads_, [&](std::size_t g, std::size_t) {
    Group& group = groups_[g];
    const GruBatch<T> batch{units_,
                            length_,
                            w.data(),
                            group.features.data(),
                            group.states.data(),
                            group.output.data(),
                            group.slope.data(),
                            group.scratch.data()};
    kernel.forward(batch);
    for (std::size_t lane = 0; lane < group.chunks.size(); ++lane)
      energy[g] += compare(*group.chunks[lane], lane, group, gradient != nullptr);
    if (gradient == nullptr) return;
    gradients[g] = Vector::Zero(weights.size());
    kernel.backward(batch, gradients[g].data());
  });
  double sum = 0;
  for (const double e : energy) sum += e;
  if (gradient != nullptr) {
    *gradient = Vector::Zero(weights.size());
    for (const Vector& part : gradients) *gradient += part;
  }
  sum /= target_energy_;
  return sum + penalty(weights, gradient);
}

template <class T> double GruObjective<T>::penalty(const Vector& weights, Vector* gradient) const {
  const auto at = dsp::GruWeights::layout(units_);
  double sum = 0;
  const auto penalise = [&](std::size_t from, std::size_t to) {
    const auto first = static_cast<Eigen::Index>(from), count = static_cast<Eigen::Index>(to - from);
    sum += decay_ * weights.segment(first, count).squaredNorm();
    if (gradient != nullptr) gradient->segment(first, count) += 2 * decay_ * weights.segment(first, count);
  };
  penalise(at.input, at.input_bias);
  penalise(at.readout, at.size);
  return sum;
}

template <class T> double GruObjective<T>::value(const Vector& weights) const {
  return evaluate(weights, nullptr);
}

template <class T> double GruObjective<T>::value_and_gradient(const Vector& weights, Vector& gradient) const {
  return evaluate(weights, &gradient);
}

template class GruObjective<float>;
template class GruObjective<double>;

} // namespace raphson::optim::match
