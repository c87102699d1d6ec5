// Latency, transparency and the aliasing that oversampling removes.
#include "catch.h"
#include "plugin/engine/aliasing.h"
#include "plugin/engine/rig.h"

using namespace raphson;
using namespace raphson::test;
using plugin::Controls;

TEST_CASE("Oversampling: with nothing to compress the output is the input, late by the latency", "[engine]") {
  const auto chain = model("compressor", {{"ratio", 1}});
  for (const double rate : {44100.0, 48000.0})
    for (const int factor : {2, 4})
      for (const double hz : {30.0, 1000.0, 10000.0, 0.45 * rate}) {
        Controls c{.oversampling = factor};
        plugin::Engine engine(chain);
        engine.prepare(rate, 1);
        engine.set(c, chain.values());
        const Channels in{sine(hz, 0.5, rate, 9600)};
        const auto latency = static_cast<std::size_t>(engine.latency_samples());
        CAPTURE(rate, factor, hz);
        CHECK(latency == (factor == 2 ? 72u : 84u));
        CHECK(furthest(run(engine, in)[0], delayed(in[0], latency), 1000)
              < 0.5 * 4e-5); // four filters of -100 dB
      }
}

TEST_CASE("Oversampling: the gain is the one at the plain rate, but for what aliases", "[engine]") {
  const auto chain = busy_compressor();
  const Channels in{bursts(48000, 24000)};
  const Signal plain = run(chain, {}, in)[0];
  for (const int factor : {2, 4}) {
    const Signal y = run(chain, {.oversampling = factor}, in)[0];
    const auto latency =
        static_cast<std::size_t>(plugin::latency_samples({.oversampling = factor}, chain, 48000));
    // Steps of the ballistics are finer; they follow the same times.
    CHECK(furthest(y, delayed(plain, latency), 1000) < 0.02);
  }
}

TEST_CASE("Oversampling: takes away most of what aliases", "[engine]") {
  // A tone near a quarter of the Nyquist frequency through a fast compressor: the gain ripples at twice
  // the tone's frequency and its multiples, and what the product has above the Nyquist frequency folds back
  // between the harmonics.
  const double plain = aliasing_db(1, 5900), twice = aliasing_db(2, 5900), four = aliasing_db(4, 5900);
  CAPTURE(plain, twice, four);
  CHECK(twice < plain - 8);
  CHECK(four < twice - 8);
}
