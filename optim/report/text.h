// Text for reports: markup escapes, UTF-8 repair, locale-free number formats, width estimates.
//
// Names come from users' files, so every function takes any bytes: a malformed UTF-8 sequence, a surrogate or
// a control character that XML 1.0 forbids becomes U+FFFD. Numbers are formatted by std::to_chars, so neither
// the C nor the C++ locale changes a report's bytes. Nothing here throws but for lack of memory.
#pragma once

#include <string>
#include <string_view>

namespace raphson::optim::report {

// The text with what is not valid in XML replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

// valid_utf8, and & < > " ' as entities: safe as content and as a quoted attribute of XML and HTML.
std::string escape_markup(std::string_view text);

// Digits after the point fixed; "nan", "inf", "-inf"; never "-0". Decimals in 0..15.
std::string format_fixed(double value, int decimals);

// At most so many significant digits, trailing zeros dropped, exponent below 1e-4 or where the digits end.
std::string format_significant(double value, int digits);

// Fewest digits that read back as the same double.
std::string format_exact(double value);

// A formatted number as print sets it: "-3.1e-09" -> "−3.1×10⁻⁹", "inf" -> "∞", "nan" -> "–".
std::string typeset_number(std::string_view number);

// Seconds as a clock reads them: "0:07", "12:30", "1:02:30".
std::string format_clock(double seconds);

// Columns that the text takes in a terminal: combining marks 0, East Asian wide characters 2.
int display_columns(std::string_view text);

// The words with line breaks between them, so that no line takes more columns; a longer word has its own
// line. Paragraphs, parted by empty lines, stay apart; every line after the first begins with the indent.
std::string wrap_text(std::string_view text, int columns, std::string_view indent = "");

// Estimated width of the text in a sans serif of this size, in the size's unit (real fonts differ by about
// 10%).
double text_width(std::string_view text, double font_size);

// The text, cut and ended by an ellipsis where its estimated width would pass max_width.
std::string fit_text(std::string_view text, double font_size, double max_width);

} // namespace raphson::optim::report
