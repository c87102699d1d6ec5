#include "catch.h"
#include "dsp/filters/equaliser_block.h"
#include "dsp/filters/parametric_equaliser.h"

#include <cmath>
#include <vector>

using namespace raphson;

TEST_CASE("Equaliser block: the parametric equaliser on every channel, for every instruction set and block") {
  const double values[] = {80, 6, 300, -9, 2, 3000, 4, 0.4, 9000, -5, 0};
  const auto sections = dsp::ParametricEqualiser<double>::sections(std::span<const double>(values), 44100);
  constexpr std::size_t count = 500;
  for (const dsp::Isa isa : {dsp::Isa::baseline, dsp::detect_isa()})
    for (const int channels : {1, 2, 3, 8}) {
      std::vector<std::vector<double>> x, y;
      for (int c = 0; c < channels; ++c) {
        std::vector<double> channel(count);
        for (std::size_t t = 0; t < count; ++t)
          channel[t] = std::sin(0.05 * static_cast<double>(t * (c + 1))) + (t % 97 == 0 ? 1 : 0);
        x.push_back(channel);
      }
      y = x;
      std::vector<dsp::EqualiserState> states(8);
      for (std::size_t from = 0, n = 1; from < count; from += n, n = n % 50 + 7) {
        n = std::min(n, count - from);
        std::vector<double*> audio;
        for (auto& channel : y) audio.push_back(channel.data() + from);
        dsp::equaliser_block(isa)(audio.data(), states.data(), channels, n, sections);
      }
      for (std::size_t c = 0; c < x.size(); ++c) {
        dsp::ParametricEqualiser<double> reference(std::span<const double>(values), 44100);
        for (std::size_t t = 0; t < count; ++t) REQUIRE(y[c][t] == Approx(reference(x[c][t])).margin(1e-12));
      }
    }
}
