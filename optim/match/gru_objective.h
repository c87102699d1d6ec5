// What training the network minimises: the error-to-signal ratio of the chain with the network in it, over
// chunks of a recording, both sides pre-emphasised as in every match,
//
//   e = H(tail(make-up f g a) - wet)      f the network's factor, g the compressor's gain, a its audio
//   value = sum of e^2 / sum of (H wet)^2     over the scored samples
//
// tail being the equalisers behind the compressor: linear, so that the error goes back through them as sound
// goes forth, with time reversed (their adjoint). Gradients are exact; second derivatives of the hundreds of
// weights are not offered.
//
// Each chunk begins with a warm-up that is played and not scored; beyond it the network is not
// differentiated.
#pragma once

#include "dsp/chain/chain.h"
#include "optim/engine/types.h"
#include "optim/match/gru_kernel.h"
#include "optim/match/pair.h"

#include <array>
#include <vector>

namespace raphson::optim::match {

/// What the network sees of a chunk, and what should become of it; all of one length.
struct GruChunk {
  std::size_t channel = 0, begin = 0; ///< of the scored samples in the recording
  std::vector<float> gain, audio, wet;
};

struct GruChunkOptions {
  double scored_seconds = 8192 / 48000.0, warm_up_seconds = 8192 / 48000.0;
  std::size_t maximum = 128; ///< chunks, spread over a longer recording
  std::size_t threads = 1;
};

struct GruChunks {
  std::size_t warm_up, length; ///< samples, multiples of gru_tile
  std::vector<GruChunk> list;
};

/// Plays the recording through the chain up to the compressor's gain. Throws InputError for a chain without a
/// compressor.
GruChunks gru_chunks(const Pair& pair, const dsp::ChainSettings& chain, const GruChunkOptions& options);

/// Make-up and equalisers behind the compressor.
struct LinearTail {
  double gain = 1;
  std::vector<dsp::BiquadCoefficients<double>> sections;
};

/// Throws InputError where something that is not linear follows the compressor.
LinearTail linear_tail(const dsp::ChainSettings& chain, double sample_rate);

/// Of T float, or double for tests. The weights are those of dsp::GruWeights, but for inputs divided by
/// `scale`, so that all are of a size.
template <class T> class GruObjective {
public:
  GruObjective(const GruChunks& chunks, std::vector<const GruChunk*> chosen, LinearTail tail, double pole,
               int units, const std::array<double, dsp::GruWeights::inputs>& scale, std::size_t threads);

  /// Adds decay times the squared norm of all weights but the biases of gates, from now on.
  void set_decay(double decay) { decay_ = decay; }

  double penalty(const Vector& weights) const { return penalty(weights, nullptr); }

  double value(const Vector& weights) const;
  double value_and_gradient(const Vector& weights, Vector& gradient) const;

private:
  struct Group {
    std::vector<const GruChunk*> chunks;
    std::vector<T> features, states, output, slope, scratch;
  };
  double penalty(const Vector& weights, Vector* gradient) const;
  double evaluate(const Vector& weights, Vector* gradient) const;
  double compare(const GruChunk& chunk, std::size_t lane, Group& group, bool with_slope) const;

  std::size_t warm_up_, length_;
  LinearTail tail_;
  double pole_;
  int units_;
  std::size_t threads_;
  double target_energy_ = 0, decay_ = 0;
  mutable std::vector<Group> groups_;
};

/// Root mean squares of the network's inputs over the chunks.
std::array<double, dsp::GruWeights::inputs> input_scale(const std::vector<const GruChunk*>& chunks);

} // namespace raphson::optim::match
