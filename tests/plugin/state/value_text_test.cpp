#include "catch.h"
#include "plugin/state/value_text.h"

using raphson::plugin::format_value;
using raphson::plugin::parse_value;

TEST_CASE("Values read with their units and as many digits as matter", "[plugin]") {
  CHECK(format_value(-20, "dB") == "-20.0 dB");
  CHECK(format_value(-0.01, "dB") == "0.0 dB");
  CHECK(format_value(4.28901, ":1") == "4.29:1");
  CHECK(format_value(100, ":1") == "100:1");
  CHECK(format_value(3.84972, "ms") == "3.85 ms");
  CHECK(format_value(254.912, "ms") == "255 ms");
  CHECK(format_value(999.7, "ms") == "1.00 s");
  CHECK(format_value(250, "Hz") == "250 Hz");
  CHECK(format_value(16000, "Hz") == "16.0 kHz");
  CHECK(format_value(50.4, "%") == "50 %");
  CHECK(format_value(0.7, "") == "0.70");
}

TEST_CASE("Typed values are understood with and without units", "[plugin]") {
  CHECK(parse_value("-20", "dB") == -20);
  CHECK(parse_value(" -20 dB", "dB") == -20);
  CHECK(parse_value("-20,5db", "dB") == -20.5);
  CHECK(parse_value("+3", "dB") == 3);
  CHECK(parse_value("4:1", ":1") == 4);
  CHECK(parse_value("4 : 1", ":1") == 4);
  CHECK(parse_value("1.2 s", "ms") == 1200);
  CHECK(parse_value("10ms", "ms") == 10);
  CHECK(parse_value("2.5k", "Hz") == 2500);
  CHECK(parse_value("2.5 kHz", "Hz") == 2500);
  CHECK(parse_value("50 %", "%") == 50);
}

TEST_CASE("What is no value in the unit is none", "[plugin]") {
  for (const char* text : {"", "dB", "loud", "20 ms", "1.2.3", "nan", "inf", "1e999", "--3", "+-3"}) {
    INFO(text);
    CHECK_FALSE(parse_value(text, "dB"));
  }
}
