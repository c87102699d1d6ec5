// The network in chains and in model files.
#include "../dynamics/gru_reference.h"
#include "catch.h"
#include "dsp/chain/processor.h"
#include "dsp/error.h"
#include "dsp/model/model_file.h"

#include <nlohmann/json.hpp>

using namespace raphson;

namespace {

dsp::Model model_with_network(int units) {
  dsp::Model model;
  model.name = "unit";
  model.chain = dsp::parse_chain("compressor+eq");
  model.chain.blocks.insert(model.chain.blocks.begin() + 1,
                            {dsp::BlockType::gru_makeup, {}, {}, test::random_network(units, 5, 0.5, 44100)});
  return model;
}

} // namespace

TEST_CASE("Model with a network: written and read it is the same to the bit, also by way of other JSON") {
  const dsp::Model model = model_with_network(16);
  const std::string text = dsp::to_json(model);
  // What the plugin's sessions and presets do: the model as a part of a document of theirs.
  const std::string nested = nlohmann::json::parse(text).dump();
  for (const std::string& form : {text, nested}) {
    const dsp::Model read = dsp::parse_model(form, "test");
    CHECK(to_string(read.chain) == "compressor+gru+eq");
    const dsp::GruWeights& gru = *dsp::correction(read.chain);
    CHECK(gru.units == 16);
    CHECK(gru.sample_rate == 44100);
    CHECK(gru.values == dsp::correction(model.chain)->values);
    CHECK(read.chain.size() == dsp::parse_chain("compressor+eq").size());
    CHECK(read.chain.name(8) == "eq.low_shelf_hz");
  }
}

TEST_CASE("Model with a network: what is wrong is refused by name") {
  const std::string good = dsp::to_json(model_with_network(2));
  const auto refused = [&](const std::string& what, const std::string& with, const std::string& message) {
    std::string text = good;
    const std::size_t at = text.find(what);
    REQUIRE(at != std::string::npos);
    text.replace(at, what.size(), with);
    CHECK_THROWS_WITH(dsp::parse_model(text, "m"), Catch::Matchers::Contains(message));
  };
  refused("\"units\":2", "\"units\":3", "chain[1].weights: it holds 45 weights; 3 units have 76");
  refused("\"units\":2", "\"units\":0", "chain[1].units: 0 is outside 1 to 64");
  refused("\"units\":2", "\"units\":65", "chain[1].units: 65 is outside 1 to 64");
  refused("\"units\":2", "\"units\":2.5", "chain[1].units: it must be a whole number");
  refused("\"units\":2,", "", "chain[1].units: missing");
  refused("\"weights\":[", "\"weights\":[1,", "chain[1].weights: it holds 46 weights; 2 units have 45");
  refused("\"weights\":[", "\"weights\":[null,", "chain[1].weights: it holds 46");
  refused("\"sample_rate\":44100.0", "\"sample_rate\":0", "chain[1].sample_rate: 0 is outside");
  refused("\"units\":2", "\"units\":2,\"unit\":2", "chain[1]: unknown field \"unit\"");

  dsp::Model model = model_with_network(2);
  dsp::correction(model.chain);
  model.chain.blocks[1].gru.values[7] = std::nanf("");
  CHECK_THROWS_WITH(
      dsp::parse_model(dsp::to_json(model), "m"),
      Catch::Matchers::Contains("chain[1].weights[7]: it is null, as NaN and infinity are written"));
  model.chain.blocks[1].gru.values[7] = 2000;
  CHECK_THROWS_WITH(dsp::parse_model(dsp::to_json(model), "m"),
                    Catch::Matchers::Contains("chain[1].weights[7]: 2000 is outside"));
  model = model_with_network(2);
  std::swap(model.chain.blocks[1], model.chain.blocks[2]);
  CHECK_THROWS_WITH(dsp::parse_model(dsp::to_json(model), "m"),
                    Catch::Matchers::Contains("chain[2]: a \"gru\" must directly follow the compressor"));
  CHECK_THROWS_AS(dsp::ChainProcessor(model.chain, 48000), InputError);
}

TEST_CASE("Chain with a network: it is the equations on the compressor's gain") {
  dsp::ChainSettings chain = dsp::parse_chain("compressor");
  for (const bool detailed : {false, true}) {
    chain.blocks.resize(1);
    chain.set_values(std::vector<double>{-30, 4, 2, 80, 6, detailed ? 6.0 : 0.0, 0, detailed ? 2.0 : 0.0});
    const dsp::GruWeights weights = test::random_network(8, 9, 0.7);
    chain.blocks.push_back({dsp::BlockType::gru_makeup, {}, {}, weights});
    std::vector<float> x(5000), y(x.size());
    for (std::size_t t = 0; t < x.size(); ++t)
      x[t] = static_cast<float>(0.8 * std::sin(0.02 * double(t)) * std::sin(0.9 * double(t)));
    dsp::ChainProcessor(chain, 48000).process(x, std::span<float>(y));

    dsp::Compressor<double> compressor(std::span<const double>(chain.blocks[0].values), 48000);
    test::GruReference network{weights};
    const std::size_t late = compressor.latency_samples();
    double furthest = 0;
    for (std::size_t t = 0; t < x.size(); ++t) {
      const double gain = compressor.gain(double(x[t])), audio = t >= late ? double(x[t - late]) : 0;
      const double expected = dsp::db_to_gain(6.0) * gain * network(gain, audio) * audio;
      furthest = std::max(furthest, std::abs(expected - double(y[t])));
    }
    CHECK(furthest < 1e-5);
  }
}
