#include "optim/report/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace raphson::optim::report {
namespace {

constexpr char32_t replacement = 0xFFFD;

bool allowed_in_xml(char32_t c) {
  if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
  return c < 0xD800 || (c >= 0xE000 && c <= 0x10FFFF && c != 0xFFFE && c != 0xFFFF);
}

// The code point at `at`, which moves behind it; the replacement character for one malformed byte.
char32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(at++);
  if (lead < 0x80) return allowed_in_xml(lead) ? lead : replacement;
  const std::size_t follow = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  if (lead < 0xC2 || lead > 0xF4 || at + follow > text.size()) return replacement;
  char32_t code = lead & (0x3Fu >> follow);
  for (std::size_t i = 0; i < follow; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return replacement;
    code = (code << 6) | (byte(at + i) & 0x3Fu);
  }
  constexpr char32_t least[] = {0x80, 0x800, 0x10000}; // a longer form than needed is malformed
  if (code < least[follow - 1] || !allowed_in_xml(code)) return replacement;
  at += follow;
  return code;
}

void append_utf8(std::string& out, char32_t c) {
  const auto put = [&](char32_t b) { out += static_cast<char>(b); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6)), put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12)), put(0x80 | ((c >> 6) & 0x3F)), put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | (c >> 18)), put(0x80 | ((c >> 12) & 0x3F)), put(0x80 | ((c >> 6) & 0x3F)),
        put(0x80 | (c & 0x3F));
  }
}

bool is_combining(char32_t c) {
  return (c >= 0x300 && c <= 0x36F) || c == 0x200D || (c >= 0xFE00 && c <= 0xFE0F);
}

bool is_wide(char32_t c) {
  return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3)
         || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60)
         || (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD);
}

// Advance widths in em, grouped by their average over Helvetica, Segoe UI, Roboto and the wider DejaVu Sans.
double advance(char32_t c) {
  if (is_combining(c)) return 0;
  if (is_wide(c)) return 1;
  if (c > 0x7F) return 0.6;
  const auto in = [c](std::string_view set) { return set.find(static_cast<char>(c)) != set.npos; };
  if (in("iljI.,:;'|! ")) return 0.29;
  if (in("ftr()[]{}-/\\\"`")) return 0.38;
  if (in("mwMW@%")) return 0.88;
  if (c >= 'A' && c <= 'Z') return 0.69;
  return 0.57;
}

template <class... Format> std::string chars(double value, Format... format) {
  char buffer[400]; // 309 digits before the point at most
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, format...).ptr;
  return {buffer, end};
}

// Drops the sign of a number that rounds to zero.
std::string without_negative_zero(std::string number) {
  if (number.starts_with('-') && number.find_first_of("123456789in") == std::string::npos) number.erase(0, 1);
  return number;
}

} // namespace

std::string valid_utf8(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) append_utf8(out, next_code_point(text, at));
  return out;
}

std::string escape_markup(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += "&#39;";
    else
      append_utf8(out, c);
  }
  return out;
}

std::string format_fixed(double value, int decimals) {
  if (std::isnan(value)) return "nan";
  return without_negative_zero(chars(value, std::chars_format::fixed, std::clamp(decimals, 0, 15)));
}

std::string format_significant(double value, int digits) {
  if (std::isnan(value)) return "nan";
  return without_negative_zero(chars(value, std::chars_format::general, std::clamp(digits, 1, 17)));
}

std::string format_exact(double value) {
  if (std::isnan(value)) return "nan";
  return without_negative_zero(chars(value));
}

std::string typeset_number(std::string_view number) {
  if (number == "nan") return "–";
  constexpr const char* superscript[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string out;
  if (number.starts_with('-')) {
    out = "−";
    number.remove_prefix(1);
  }
  if (number == "inf") return out + "∞";
  const std::size_t e = number.find('e');
  out += number.substr(0, e);
  if (e == number.npos) return out;
  out += "×10";
  std::string_view exponent = number.substr(e + 1);
  if (exponent.starts_with('-')) out += "⁻";
  exponent.remove_prefix(std::min(exponent.find_first_not_of("+-0"), exponent.size()));
  for (const char digit : exponent) out += superscript[(digit - '0') % 10];
  return out;
}

std::string format_clock(double seconds) {
  if (!(std::abs(seconds) < 1e12)) return typeset_number(format_significant(seconds, 3));
  const auto whole = static_cast<std::int64_t>(std::llround(std::abs(seconds)));
  const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  const std::int64_t hours = whole / 3600, minutes = whole / 60 % 60;
  std::string out = seconds < 0 && whole > 0 ? "−" : "";
  out += hours > 0 ? std::to_string(hours) + ":" + two(minutes) : std::to_string(minutes);
  return out + ":" + two(whole % 60);
}

int display_columns(std::string_view text) {
  int columns = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    columns += is_combining(c) ? 0 : is_wide(c) ? 2 : 1;
  }
  return columns;
}

std::string wrap_text(std::string_view text, int columns, std::string_view indent) {
  std::string out;
  int used = 0; // columns of the last line
  bool fresh = true;
  const auto start_line = [&](const char* breaks) {
    out.append(breaks).append(indent);
    used = display_columns(indent);
    fresh = true;
  };
  constexpr std::string_view blanks = " \t\r\n";
  for (std::size_t at = 0; (at = text.find_first_not_of(blanks, at)) < text.size();) {
    const std::size_t end = std::min(text.find_first_of(blanks, at), text.size());
    const std::string_view word = text.substr(at, end - at);
    const int width = display_columns(word);
    if (!fresh && used + 1 + width > columns) start_line("\n");
    out.append(fresh ? "" : " ").append(word);
    used += width + (fresh ? 0 : 1);
    fresh = false;
    at = std::min(text.find_first_not_of(blanks, end), text.size());
    if (at < text.size() && std::count(text.begin() + end, text.begin() + at, '\n') > 1) start_line("\n\n");
  }
  return out;
}

double text_width(std::string_view text, double font_size) {
  double width = 0;
  for (std::size_t at = 0; at < text.size();) width += advance(next_code_point(text, at));
  return 1.08 * width * font_size;
}

std::string fit_text(std::string_view text, double font_size, double max_width) {
  if (text_width(text, font_size) <= max_width) return valid_utf8(text);
  std::string out;
  double width = 1.08 * advance(U'…') * font_size;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    width += 1.08 * advance(c) * font_size;
    if (width > max_width) break;
    append_utf8(out, c);
  }
  return out + "…";
}

} // namespace raphson::optim::report
