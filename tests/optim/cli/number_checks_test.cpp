#include "optim/cli/number_checks.h"

#include "catch.h"

#include <limits>
#include <string>

using namespace raphson::cli;

namespace {

/// The refusal, empty where the word is taken.
std::string refusal(CLI::Validator check, std::string word) { return check(word); }

std::string parsed(const std::string& word) {
  CLI::App app;
  double step = 0;
  app.add_option("--step", step);
  try {
    app.parse("--step=" + word);
    refuse_nan(app);
  } catch (const CLI::ParseError& error) {
    return error.what();
  }
  return "";
}

} // namespace

TEST_CASE("Checks of numbers take what they say and refuse the rest in words") {
  for (const char* word : {"1e-300", "0.5", "+3", "1e300"}) CHECK(refusal(above_zero(), word).empty());
  for (const char* word : {"0", "-0", "-1", "nan", "inf", "1e999", "", "x", "1x", " 1"})
    CHECK(refusal(above_zero(), word) == std::string(word) + " is no number above 0");
  CHECK(refusal(zero_or_above(), "0").empty());
  CHECK(refusal(zero_or_above(), "-1e-9") == "-1e-9 is no number from 0 on");
  CHECK(refusal(between(0.0, 0.99), "0.99").empty());
  CHECK(refusal(between(0.0, 0.99), "1") == "1 is no number from 0 to 0.99");
  CHECK(refusal(between(0.0, 0.99), "nan") == "nan is no number from 0 to 0.99");
  for (const char* word : {"1", "+7", "4096"}) CHECK(refusal(between(1, 4096), word).empty());
  for (const char* word : {"0", "4097", "2.5", "1e2", "-1", "99999999999999999999"})
    CHECK(refusal(between(1, 4096), word) == std::string(word) + " is no whole number from 1 to 4096");
}

TEST_CASE("NaN is refused of every option that takes a number, infinity is not") {
  CHECK(parsed("0.1").empty());
  CHECK(parsed("inf").empty());
  CHECK(parsed("nan") == "--step: nan is no number");
  CHECK(parsed("-nan") == "--step: -nan is no number");
}
