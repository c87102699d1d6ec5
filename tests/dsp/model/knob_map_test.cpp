#include "catch.h"
#include "dsp/allocation_count.h"
#include "dsp/error.h"
#include "dsp/model/knob_map.h"

#include <cmath>
#include <limits>

using namespace raphson;
using namespace raphson::dsp;
using Catch::Matchers::Contains;

namespace {

std::vector<double> with_threshold_and_ratio(double threshold_db, double ratio) {
  return {threshold_db, ratio, 5, 200, 0, 0, 0, 0};
}

Model compressor_with(std::vector<Knob> knobs, std::vector<TableRow> table, Interpolation interpolation) {
  Model model{"test", parse_chain("compressor"), std::move(knobs), std::move(table), interpolation, {}};
  return model;
}

const Knob amount{"Amount", "amount", "", 0, 10, {}, 0};
const Knob colour{"Colour", "colour", "", 0, 5, {}, 0};
const Knob mode{"Mode", "mode", "", 0, 1, {"Compress", "Limit"}, 0};

std::string refusal(const Model& model) {
  try {
    KnobMap map(model);
  } catch (const InputError& error) {
    return error.what();
  }
  return "none";
}

} // namespace

TEST_CASE("Linear interpolation moves in the parameter's own scale, a curve a switch position", "[model]") {
  const Model model = compressor_with({mode, amount},
                                      {{{0, 8}, with_threshold_and_ratio(-30, 16)},
                                       {{0, 2}, with_threshold_and_ratio(-10, 1)},
                                       {{1, 5}, with_threshold_and_ratio(-50, 99)}},
                                      Interpolation::linear);
  const auto middle = chain_values(model, {0, 5});
  CHECK(middle[0] == Approx(-20).epsilon(1e-14));
  CHECK(middle[1] == Approx(4).epsilon(1e-14)); // the geometric mean of 1 and 16
  const auto three_quarters = chain_values(model, {0, 6.5});
  CHECK(three_quarters[0] == Approx(-25).epsilon(1e-14));
  CHECK(three_quarters[1] == Approx(8).epsilon(1e-14));
  CHECK(chain_values(model, {0, 0})[1] == 1); // beyond the table's ends
  CHECK(chain_values(model, {0, 10})[1] == 16);
  CHECK(chain_values(model, {1, 0})[0] == -50); // one row: constant
}

TEST_CASE("A spline's overshoot stays in the parameters' ranges", "[model]") {
  std::vector<TableRow> rows;
  for (int x = 0; x <= 10; x += 2)
    rows.push_back({{double(x)}, with_threshold_and_ratio(x < 5 ? 0 : -80, x < 5 ? 1 : 100)});
  const KnobMap map(compressor_with({amount}, rows, Interpolation::spline));
  std::vector<double> values(map.size());
  int at_bound = 0;
  for (double x = 0; x <= 10; x += 0.01) {
    map.evaluate(std::vector{x}, values);
    CHECK((values[0] >= -80 && values[0] <= 0 && values[1] >= 1 && values[1] <= 100));
    at_bound += values[0] == 0 || values[0] == -80;
  }
  CHECK(at_bound > 20); // the spline did overshoot
}

TEST_CASE("Two continuous knobs make a grid, interpolated along each in turn", "[model]") {
  // scipy: CubicSpline(y, CubicSpline(x, z, axis=0)(2.2))(3.7)
  const double x[] = {0, 1, 3, 4}, y[] = {0, 2, 5};
  const double z[4][3] = {{-20.0, -30.0, -45.0},
                          {-15.041675947737657, -22.04167594773766, -32.54167594773766},
                          {-24.629073411638664, -25.629073411638664, -27.129073411638664},
                          {-17.529433244306958, -15.529433244306961, -12.529433244306958}};
  std::vector<TableRow> rows;
  for (int j : {2, 0, 1})
    for (int i : {1, 3, 0, 2}) rows.push_back({{x[i], y[j]}, with_threshold_and_ratio(z[i][j], 4)});
  const Model model = compressor_with({amount, colour}, rows, Interpolation::spline);
  CHECK(chain_values(model, {2.2, 3.7})[0] == Approx(-27.77305079142528).epsilon(1e-12));
  CHECK(chain_values(model, {2.2, 3.7})[1] == Approx(4).epsilon(1e-13));
  for (const TableRow& row : rows) CHECK(chain_values(model, row.knobs) == row.values);

  Model with_hole = model;
  with_hole.table.erase(with_hole.table.begin() + 6);
  CHECK_THAT(refusal(with_hole), Contains("no row for amount = 0, colour = 0"));
}

TEST_CASE("Monotone interpolation works in each parameter's scale, exact on rows, and never overshoots",
          "[model]") {
  const std::vector<double> x{0, 1, 3, 4, 10}, threshold{0, -1, -30, -30, -31}, ratio{1, 1.1, 20, 21, 90};
  std::vector<TableRow> rows;
  std::vector<double> log_ratio;
  for (std::size_t i = 0; i < x.size(); ++i) {
    rows.push_back({{x[i]}, with_threshold_and_ratio(threshold[i], ratio[i])});
    log_ratio.push_back(std::log(ratio[i]));
  }
  std::swap(rows[0], rows[3]);
  const Model model = compressor_with({amount}, rows, Interpolation::monotone);
  const KnobMap map(model);
  for (const TableRow& row : rows) CHECK(chain_values(model, row.knobs) == row.values);
  const std::vector<double> slopes = monotone_slopes(x, threshold),
                            log_slopes = monotone_slopes(x, log_ratio);
  const auto middle = chain_values(model, {2.5});
  CHECK(middle[0] == Approx(monotone_value(0.75, 2, -1, -30, slopes[1], slopes[2])).epsilon(1e-14));
  CHECK(std::log(middle[1])
        == Approx(monotone_value(0.75, 2, log_ratio[1], log_ratio[2], log_slopes[1], log_slopes[2]))
               .epsilon(1e-14));
  std::vector<double> values(map.size()), last = chain_values(model, {0});
  const std::size_t before = allocation_count();
  bool monotone = true;
  for (double at = -0.5; at <= 10.5; at += 0.01) {
    map.evaluate(std::span(&at, 1), values);
    monotone = monotone && values[0] <= last[0] && values[1] >= last[1] * (1 - 1e-14);
    std::copy(values.begin(), values.end(), last.begin());
  }
  CHECK(allocation_count() == before);
  CHECK(monotone);
  CHECK(chain_values(model, {11})[1] == 90);

  CHECK_THAT(refusal(compressor_with({amount, colour}, {{{0, 0}, with_threshold_and_ratio(-1, 2)}},
                                     Interpolation::monotone)),
             Contains("\"monotone\" with several continuous knobs"));
}

TEST_CASE("A model without knobs is its chain", "[model]") {
  const Model model = compressor_with({}, {}, Interpolation::linear);
  CHECK(chain_values(model, {}) == model.chain.values());
  CHECK_THROWS_AS(chain_values(model, {1}), InputError);
}

TEST_CASE("Turning a knob allocates nothing and takes any setting", "[model]") {
  std::vector<TableRow> rows;
  for (double m : {0, 1})
    for (int i = 0; i <= 10; ++i) rows.push_back({{double(i), m}, with_threshold_and_ratio(-3 * i, 1 + i)});
  const KnobMap map(compressor_with({amount, mode}, rows, Interpolation::spline));
  std::vector<double> values(map.size()), setting(2);
  const double infinity = std::numeric_limits<double>::infinity();
  const double any[] = {-infinity, -1e300, -1, -0.5, 0,     0.4,      0.5,         1,
                        1.5,       3.3,    10, 11,   1e300, infinity, std::nan("")};
  bool inside = true;
  const std::size_t before = allocation_count();
  for (const double a : any)
    for (const double b : any) {
      setting[0] = a;
      setting[1] = b;
      map.evaluate(setting, values);
      for (std::size_t i = 0; i < values.size(); ++i) {
        const Parameter& p = compressor_parameters[i];
        inside = inside && values[i] >= p.minimum && values[i] <= p.maximum;
      }
    }
  CHECK(allocation_count() == before);
  CHECK(inside);
}

TEST_CASE("A table that is no map is refused by row", "[model]") {
  const auto values = with_threshold_and_ratio(-20, 4);
  const auto refuse = [&](std::vector<Knob> knobs, std::vector<TableRow> table) {
    return refusal(compressor_with(std::move(knobs), std::move(table), Interpolation::linear));
  };
  CHECK(refuse({amount}, {{{1}, values}}) == "none");
  CHECK_THAT(refuse({amount}, {}), Contains("table: no row"));
  CHECK_THAT(refuse({mode}, {{{0}, values}}), Contains("no row for mode = Limit"));
  CHECK_THAT(refuse({amount, mode}, {{{0, 1}, values}}), Contains("no row for mode = Compress"));
  CHECK_THAT(refuse({}, {{{}, values}}), Contains("no knobs"));
  CHECK_THAT(refuse({amount}, {{{1}, values}, {{2}, {-20, 4}}}), Contains("table[1].values"));
  CHECK_THAT(refuse({amount}, {{{1, 2}, values}}), Contains("table[0].knobs"));
  CHECK_THAT(refuse({amount}, {{{1}, values}, {{2}, values}, {{1 + 1e-9}, values}}),
             Contains("table[2]: the same knob positions as table[0] (amount = 1"));
  CHECK_THAT(refuse({amount}, {{{std::nan("")}, values}}), Contains("table[0]"));
  CHECK_THAT(refuse({amount}, {{{1}, with_threshold_and_ratio(std::nan(""), 1)}}), Contains("table[0]"));
  CHECK_THAT(refuse(std::vector<Knob>(9, amount), {}), Contains("more than 8"));
  CHECK_THAT(refuse(std::vector<Knob>(8, Knob{"", "k", "", 0, 1, {"a", "b", "c", "d", "e"}, 0}), {}),
             Contains("combinations"));

  std::vector<TableRow> many;
  for (int i = 0; i < 600; ++i) many.push_back({{i / 60.0}, values});
  CHECK_THAT(refuse({amount}, many), Contains("more than 512"));
  many.clear();
  for (int i = 0; i < 4096; ++i) many.push_back({{0.5 * (i / 241), i % 241 / 50.0}, values});
  CHECK_THAT(refuse({amount, colour}, many), Contains("no row for")); // 17 x 241 = 4097 points
}

TEST_CASE("Logarithmic parameters have a logarithm everywhere in their range", "[model]") {
  for (const BlockType type : {BlockType::compressor, BlockType::equaliser})
    for (const Parameter& p : parameters(type)) CHECK((p.scale == Scale::linear || p.minimum > 0));
}
