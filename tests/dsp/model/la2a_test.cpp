// The shipped model of the LA-2A, held against the published table. `raphson_test_dsp "[write-la2a]"` writes
// it.
#include "catch.h"
#include "dsp/model/knob_map.h"
#include "dsp/model/model_examples.h"

using namespace raphson::dsp;

namespace {
const std::string models = RAPHSON_SOURCE_DIR "/assets/models/";
}

TEST_CASE("Write assets/models/la2a.raphson.json from the published table", "[.][write-la2a]") {
  const Model model = la2a_from_csv(models + "la2a-published-parameters.csv");
  REQUIRE(model.table.size() == 26);
  write_model(models + "la2a.raphson.json", model);
}

TEST_CASE("The LA-2A model turns its knobs through the published table", "[model]") {
  const Model published = la2a_from_csv(models + "la2a-published-parameters.csv");
  const Model model = read_model(models + "la2a.raphson.json");
  CHECK(model.name == "LA-2A (Yu & Fazekas)");
  REQUIRE(published.table.size() == 26);
  REQUIRE(model.table.size() == 26);
  REQUIRE(model.knobs.size() == 2);
  CHECK(model.knobs[0].minimum == 40);
  CHECK(model.knobs[0].maximum == 100);
  CHECK(model.knobs[1].positions == std::vector<std::string>{"Compress", "Limit"});
  CHECK(model.source.citation.value().find("aim-qmul/4a2a") != std::string::npos);
  for (const TableRow& row : published.table) CHECK(chain_values(model, row.knobs) == row.values);
  CHECK(model.chain.values() == chain_values(model, model.initial_setting()));
  CHECK(model.table.at(3).source.esr == published.table.at(3).source.esr);

  // One line of the CSV, by hand.
  const auto limit_85 = chain_values(model, {85, 1});
  const double expected[] = {-27.5285, 4.57075, 1.64326, 233.046, 0.238691, 0, 0, 0};
  CHECK(limit_85 == std::vector<double>(std::begin(expected), std::end(expected)));
}

TEST_CASE("Between its rows the LA-2A is scipy's spline, of the logarithm for ratio and times", "[model]") {
  Model model = read_model(models + "la2a.raphson.json");
  model.interpolation = Interpolation::spline;
  const std::vector<std::vector<double>> limit{
      // Peak Reduction, then exp(CubicSpline(x, log y)) or plain, 1.17.1
      {42.5, -13.516083837259442, 5.3324659850224805, 23.396573516666013, 392.63664916608093,
       0.6941820636445418},
      {67, -18.42517266325306, 4.62627978693601, 4.878616792887194, 253.66073496210655, 0.4796656433011182},
      {81.25, -24.754464137162667, 4.601167343860109, 2.0710143863128305, 232.23514268264222,
       0.281707098335654},
      {97.5, -34.11067543414939, 4.498993672396619, 1.0168609509274267, 253.96078688134597,
       0.276688030450762},
      {99.9, -34.864360107329254, 4.4727014014773046, 0.9680256383119287, 256.2134921359509,
       0.3146341267352885}};
  for (const auto& row : limit) {
    const auto values = chain_values(model, {row[0], 1});
    for (std::size_t i = 0; i < 5; ++i) CHECK(values[i] == Approx(row[i + 1]).epsilon(1e-12));
    for (std::size_t i = 5; i < 8; ++i) CHECK(values[i] == 0);
  }
}
