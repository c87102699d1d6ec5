#include "catch.h"

#include "optim/report/text.h"

#include <cmath>
#include <limits>
#include <string>

using namespace raphson::optim::report;

TEST_CASE("markup escapes what XML reserves and keeps the rest", "[report]") {
  CHECK(escape_markup("a<b> & \"c\" 'd'.wav") == "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;.wav");
  CHECK(escape_markup("Grüße 音 🎚") == "Grüße 音 🎚");
}

TEST_CASE("malformed UTF-8 and forbidden characters become U+FFFD", "[report]") {
  const std::string bad = "\xEF\xBF\xBD";
  CHECK(valid_utf8("a\xFF"
                   "b")
        == "a" + bad + "b");
  CHECK(valid_utf8("\xC3") == bad);                               // cut off
  CHECK(valid_utf8("\xC0\xAF") == bad + bad);                     // longer than needed
  CHECK(valid_utf8("\xED\xA0\x80") == bad + bad + bad);           // surrogate
  CHECK(valid_utf8("\xF4\x90\x80\x80") == bad + bad + bad + bad); // above U+10FFFF
  CHECK(valid_utf8("\xEF\xBF\xBF") == bad + bad + bad);           // U+FFFF
  CHECK(valid_utf8(std::string("a\0b\x1B", 4)) == "a" + bad + "b" + bad);
  CHECK(valid_utf8("\xF4\x8F\xBF\xBD") == "\xF4\x8F\xBF\xBD");
}

TEST_CASE("numbers", "[report]") {
  CHECK(format_fixed(-21.3456, 2) == "-21.35");
  CHECK(format_fixed(-0.0004, 2) == "0.00");
  CHECK(format_fixed(std::nan(""), 2) == "nan");
  CHECK(format_fixed(-std::numeric_limits<double>::infinity(), 2) == "-inf");
  CHECK(format_fixed(1e300, 0).size() == 301);
  CHECK(format_significant(0.0058193, 3) == "0.00582");
  CHECK(format_significant(0.0000123, 3) == "1.23e-05");
  CHECK(std::stod(format_exact(0.1 + 0.2)) == 0.1 + 0.2);
  CHECK(typeset_number("-3.1e-09") == "−3.1×10⁻⁹");
  CHECK(typeset_number("1e+12") == "1×10¹²");
  CHECK(typeset_number("-inf") == "−∞");
  CHECK(typeset_number("nan") == "–");
  CHECK(format_clock(7.4) == "0:07");
  CHECK(format_clock(3750) == "1:02:30");
  CHECK(format_clock(std::nan("")) == "–");
}

TEST_CASE("widths", "[report]") {
  CHECK(display_columns("dB µs") == 5);
  CHECK(display_columns("音量") == 4);
  CHECK(display_columns("e\xCC\x81") == 1); // e and a combining acute
  CHECK(fit_text("short", 12, 100) == "short");
  const std::string cut = fit_text(std::string(200, 'n'), 12, 100);
  CHECK(cut.ends_with("…"));
  CHECK(text_width(cut, 12) <= 100);
  CHECK(text_width(cut, 12) > 85);
}

TEST_CASE("text is wrapped between words, paragraphs stay apart", "[report]") {
  CHECK(wrap_text("", 10) == "");
  CHECK(wrap_text("  one two  three ", 7) == "one two\nthree");
  CHECK(wrap_text("one two", 6) == "one\ntwo");
  CHECK(wrap_text("incomprehensible is long", 7) == "incomprehensible\nis long");
  CHECK(wrap_text("a\nb\n\nc\n \n\nd", 80) == "a b\n\nc\n\nd");
  CHECK(wrap_text("one two\n\nthree", 7, "  ") == "one two\n\n  three");
  CHECK(wrap_text("one two three", 7, "  ") == "one two\n  three");
  CHECK(wrap_text("ein µs µs", 6) == "ein µs\nµs");
}
