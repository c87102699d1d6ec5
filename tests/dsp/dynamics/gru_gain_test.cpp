// The network's kernel against its equations, and these against PyTorch.
#include "catch.h"
#include "dsp/dynamics/gru_activation.h"
#include "dsp/dynamics/gru_gain.h"
#include "dsp/error.h"
#include "gru_reference.h"

#include <numbers>

using namespace raphson;
using test::GruReference, test::random_network;

namespace {

/// Three inputs, three units; weights drawn from torch's generator and rounded, six steps played by
/// torch.nn.GRU and torch.nn.Linear of PyTorch 2.6.0 in float64, state 0 at the start.
const dsp::GruWeights torch_weights{
    3, 48000, {-1.076f, -0.493f, 0.630f,  -0.751f, 0.590f,  0.250f,  -0.696f, -0.154f, -0.220f, 0.643f,
               -0.724f, 0.218f,  -0.122f, -0.365f, 1.086f,  -0.954f, -0.889f, 0.077f,  1.037f,  -0.861f,
               0.368f,  0.107f,  -1.041f, -0.542f, -0.136f, -0.959f, -0.156f, // weight_ih_l0
               0.161f,  0.150f,  0.494f,  0.782f,  -1.058f, -1.145f, -0.929f, -0.850f, 0.832f,  -0.726f,
               -0.097f, -0.035f, 0.951f,  0.122f,  -0.255f, -0.244f, 0.212f,  -0.365f, -0.292f, 0.337f,
               0.192f,  -0.467f, -1.002f, 0.417f,  -0.176f, 0.563f,  0.337f, // weight_hh_l0
               -0.270f, 0.547f,  -0.364f, -0.378f, -0.327f, -0.135f, -0.847f, -0.369f, -1.131f, // bias_ih_l0
               -0.966f, -0.570f, 0.363f,  -1.129f, 1.153f,  0.790f,  -0.609f, -0.818f, -0.747f, // bias_hh_l0
               0.088f,  0.334f,  0.324f,  0.200f}};                                             // linear
constexpr double torch_gain[] = {1, 0.5, 0.25, 0.8, 0.9, 0.4};
constexpr double torch_audio[] = {0.5, -1, 0.8, -0.25, 0.125, -0.6};
constexpr double torch_factor[] = {0.926914616320461, 0.929215215692574, 0.806266380530677,
                                   0.757193618460628, 0.68869286541002,  0.733005563793115};

std::vector<dsp::Isa> sets() {
  std::vector<dsp::Isa> list{dsp::Isa::baseline};
  if (dsp::detect_isa() >= dsp::Isa::avx2) list.push_back(dsp::Isa::avx2);
  if (dsp::detect_isa() >= dsp::Isa::avx512) list.push_back(dsp::Isa::avx512);
  return list;
}

struct Played {
  std::vector<std::vector<double>> gain, audio;
};

Played programme(int channels, std::size_t count) {
  Played p;
  for (int c = 0; c < channels; ++c) {
    p.gain.emplace_back(count);
    p.audio.emplace_back(count);
    for (std::size_t t = 0; t < count; ++t) {
      const auto s = static_cast<double>(t);
      p.gain.back()[t] = 0.6 + 0.35 * std::sin(0.01 * s + c);
      p.audio.back()[t] = 0.7 * std::sin(0.21 * s + 2 * c);
    }
  }
  return p;
}

void play(dsp::GruGain& network, Played& p, std::size_t block) {
  const std::size_t count = p.gain[0].size();
  for (std::size_t from = 0; from < count; from += block) {
    std::vector<double*> gain;
    std::vector<const double*> audio;
    for (auto& g : p.gain) gain.push_back(g.data() + from);
    for (auto& a : p.audio) audio.push_back(a.data() + from);
    network.process(
        {static_cast<int>(gain.size()), std::min(block, count - from), gain.data(), audio.data()});
  }
}

} // namespace

TEST_CASE("GRU: sigmoid and tanh in float are within 2e-7") {
  double sigmoid = 0, tanh = 0;
  for (double x = -100; x <= 100; x += 1.0 / 512) {
    const auto f = static_cast<float>(x);
    sigmoid = std::max(sigmoid, std::abs(static_cast<double>(dsp::gru::sigmoid(f)) - 1 / (1 + std::exp(-x))));
    tanh = std::max(tanh, std::abs(static_cast<double>(dsp::gru::tanh(f)) - std::tanh(x)));
  }
  CHECK(sigmoid < 2e-7);
  CHECK(tanh < 2e-7);
  for (double x = -30; x <= 30; x += 0.01) CHECK(std::abs(dsp::gru::tanh(x) - std::tanh(x)) < 1e-15);
}

TEST_CASE("GRU: PyTorch's weights give PyTorch's numbers") {
  GruReference reference{torch_weights};
  for (std::size_t t = 0; t < 6; ++t)
    CHECK(reference(torch_gain[t], torch_audio[t])
          == Approx(torch_factor[t]).epsilon(1e-7)); // weights: float
  for (const dsp::Isa isa : sets()) {
    dsp::GruGain network(torch_weights, 48000, 1, isa);
    double gain[6];
    std::copy_n(torch_gain, 6, gain);
    double* const gains[] = {gain};
    const double* const audio[] = {torch_audio};
    network.process({1, 6, gains, audio});
    for (std::size_t t = 0; t < 6; ++t)
      CHECK(gain[t] == Approx(torch_gain[t] * torch_factor[t]).epsilon(1e-6));
  }
}

TEST_CASE("GRU: every instruction set plays the equations, whatever the units, channels and blocks") {
  constexpr std::size_t count = 1500;
  for (const int units : {1, 3, 8, 16, 17, 33, 64}) {
    const dsp::GruWeights weights = random_network(units, 7, 1.5 / std::sqrt(units));
    const Played before = programme(8, count);
    std::vector<std::vector<double>> expected = before.gain;
    for (std::size_t c = 0; c < 8; ++c) {
      GruReference reference{weights};
      for (std::size_t t = 0; t < count; ++t)
        expected[c][t] *= reference(before.gain[c][t], before.audio[c][t]);
    }
    for (const dsp::Isa isa : sets())
      for (const int channels : {1, 2, 3, 8}) {
        Played p = programme(channels, count);
        dsp::GruGain network(weights, 48000, channels, isa);
        play(network, p, units == 8 ? 1 : 37 + static_cast<std::size_t>(units));
        double furthest = 0;
        for (std::size_t c = 0; c < p.gain.size(); ++c)
          for (std::size_t t = 0; t < count; ++t)
            furthest = std::max(furthest, std::abs(p.gain[c][t] - expected[c][t]));
        CAPTURE(units, channels, to_string(isa));
        CHECK(furthest < 2e-5);
        CHECK(std::abs(expected[0][700] - before.gain[0][700]) > 1e-3); // something was done
      }
  }
}

TEST_CASE("GRU: a reset network starts again, an adopted state goes on") {
  const dsp::GruWeights weights = random_network(16, 3);
  dsp::GruGain network(weights, 48000, 2), other(weights, 48000, 2);
  Played first = programme(2, 500), again = programme(2, 500), more = programme(2, 500), mine = more;
  play(network, first, 64);
  other.adopt(network);
  play(network, more, 64);
  play(other, mine, 64);
  CHECK(mine.gain == more.gain);
  network.reset();
  play(network, again, 50);
  CHECK(again.gain == first.gain);
}

TEST_CASE("GRU: slow units keep their time constants at other rates") {
  // One unit that forgets in 1/(1 - z) samples: 10 ms at 48 kHz. Its state after a step of the gain is a
  // known exponential.
  dsp::GruWeights weights{1, 48000, std::vector<float>(dsp::GruWeights::count(1), 0.0f)};
  const auto at = dsp::GruWeights::layout(1);
  weights.values[at.input_bias + 1] = static_cast<float>(std::log(480 - 1));
  weights.values[at.input + 2 * 3] = 1; // n = tanh(1 - gain)
  weights.values[at.readout] = 1;
  for (const double rate : {24000.0, 44100.0, 48000.0, 96000.0, 192000.0}) {
    dsp::GruGain network(weights, rate, 1);
    Played p;
    const auto count = static_cast<std::size_t>(0.03 * rate);
    p.gain.emplace_back(count, 0.5);
    p.audio.emplace_back(count, 0.0);
    play(network, p, 64);
    for (const double ms : {2.0, 10.0, 25.0}) {
      const double expected = 1 + std::tanh(0.5) * (1 - std::exp(-ms / 10));
      CHECK(2 * p.gain[0][static_cast<std::size_t>(ms * 0.001 * rate)] == Approx(expected).epsilon(2e-3));
    }
  }
}

TEST_CASE("GRU: weights that are not valid are refused") {
  dsp::GruWeights weights = random_network(4, 1);
  CHECK_NOTHROW(dsp::GruGain(weights, 48000, 8));
  CHECK_THROWS_AS(dsp::GruGain(weights, 48000, 9), InputError);
  weights.values.pop_back();
  CHECK_THROWS_AS(dsp::GruGain(weights, 48000, 1), InputError);
  weights.values.push_back(std::nanf(""));
  CHECK_THROWS_AS(dsp::GruGain(weights, 48000, 1), InputError);
  weights.units = 65;
  weights.values.assign(dsp::GruWeights::count(65), 0.0f);
  CHECK_THROWS_AS(dsp::GruGain(weights, 48000, 1), InputError);
}
