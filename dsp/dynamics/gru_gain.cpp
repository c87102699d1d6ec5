#include "dsp/dynamics/gru_gain.h"

#include "dsp/dynamics/gru_activation.h"
#include "dsp/error.h"

#include <algorithm>
#include <cmath>

namespace raphson::dsp {

RAPHSON_DECLARE_COPIES(GruGainKernel, gru_gain_kernel);

GruGainKernel gru_gain_kernel(Isa isa) { return RAPHSON_COPY_FOR(isa, gru_gain_kernel); }

bool GruWeights::valid() const {
  return units >= 1 && units <= maximum_units && values.size() == count(units) && std::isfinite(sample_rate)
         && sample_rate > 0
         && std::all_of(values.begin(), values.end(), [](float w) { return std::isfinite(w); });
}

namespace {

/// Kernels take 1, 2, 4 ... registers of any size up to 16 floats.
int padded_units(int units) { return units <= 16 ? 16 : units <= 32 ? 32 : 64; }

GruPacked pack(const GruWeights& weights) {
  if (!weights.valid())
    throw InputError("a network of " + std::to_string(weights.units) + " units with "
                     + std::to_string(weights.values.size())
                     + " weights: they must be finite, 1 to 64 units and as many weights as they need");
  const int units = weights.units, padded = padded_units(units);
  const auto h = static_cast<std::size_t>(units), wide = static_cast<std::size_t>(padded);
  const auto at = GruWeights::layout(units);
  const float* const w = weights.values.data();
  constexpr auto octave = static_cast<float>(gru::log2_e);
  const float scale[3] = {-octave, -octave, -2 * octave};

  GruPacked p{units, padded, 0, 3 * GruWeights::inputs * wide, 0, 0, w[at.readout_bias], {}};
  p.bias = p.recurrent + 3 * h * wide;
  p.readout = p.bias + 4 * wide;
  p.values.assign(p.readout + wide, 0.0f);
  for (std::size_t gate = 0; gate < 3; ++gate)
    for (std::size_t u = 0; u < h; ++u) {
      const std::size_t row = gate * h + u;
      for (std::size_t i = 0; i < GruWeights::inputs; ++i)
        p.values[p.input + (i * 3 + gate) * wide + u] = scale[gate] * w[row * GruWeights::inputs + i];
      for (std::size_t j = 0; j < h; ++j)
        p.values[p.recurrent + (j * 3 + gate) * wide + u] = scale[gate] * w[at.recurrent + row * h + j];
      const float input = w[at.input_bias + row], recurrent = w[at.recurrent_bias + row];
      p.values[p.bias + gate * wide + u] = scale[gate] * (gate < 2 ? input + recurrent : input);
      if (gate == 2) p.values[p.bias + 3 * wide + u] = scale[gate] * recurrent;
    }
  std::copy_n(w + at.readout, h, p.values.begin() + static_cast<std::ptrdiff_t>(p.readout));
  return p;
}

} // namespace

GruGain::GruGain(const GruWeights& weights, double sample_rate, int channels, Isa isa)
    : trained_rate_(weights.sample_rate), packed_(pack(weights)), kernel_(gru_gain_kernel(isa)) {
  if (channels < 1 || channels > maximum_channels)
    throw InputError("a network for " + std::to_string(channels) + " channels: 1 to 8 are possible");
  const auto padded = static_cast<std::size_t>(packed_.padded);
  const auto z = packed_.values.begin() + static_cast<std::ptrdiff_t>(packed_.bias + padded);
  z_bias_.assign(z, z + packed_.padded);
  state_.assign(static_cast<std::size_t>(channels) * padded, 0.0f);
  set_sample_rate(sample_rate);
}

void GruGain::reset() noexcept { std::fill(state_.begin(), state_.end(), 0.0f); }

void GruGain::set_sample_rate(double sample_rate) noexcept {
  const auto shift = static_cast<float>(std::log2(trained_rate_ / sample_rate));
  float* const z = packed_.values.data() + packed_.bias + packed_.padded;
  for (std::size_t u = 0; u < static_cast<std::size_t>(packed_.units); ++u) z[u] = z_bias_[u] + shift;
}

void GruGain::process(const GruGainBlock& block) noexcept {
  std::array<float*, maximum_channels> state{};
  for (int c = 0; c < block.channels; ++c)
    state[static_cast<std::size_t>(c)] = state_.data() + c * packed_.padded;
  kernel_(packed_, block, state.data());
}

} // namespace raphson::dsp
