#include "plugin/editor/transfer_curve.h"
#include "tests/catch.h"

#include "dsp/dynamics/compressor.h"

#include <cmath>

using namespace raphson;

TEST_CASE("The transfer curve is what the compressor does to a level that stays") {
  for (const double knee_db : {0.0, 12.0})
    for (const double level_db : {-50.0, -26.0, -22.0, -6.0}) {
      CAPTURE(knee_db, level_db);
      const std::vector<double> values{-24, 4, 1, 5, 3, knee_db, 0, 0};
      dsp::Compressor<double> compressor(std::span<const double>(values), 48000);
      std::vector<double> audio(48000, std::pow(10, level_db / 20)); // a constant settles
      compressor.process(audio);
      CHECK(plugin::TransferCurve::output_db(level_db, values)
            == Approx(20 * std::log10(audio.back())).margin(1e-6));
    }
}
