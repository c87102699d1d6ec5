#include "plugin/state/value_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace raphson::plugin {
namespace {

struct Suffix {
  std::string_view unit, text; ///< lower case, no blanks
  double factor;
};

constexpr std::array suffixes{
    Suffix{"dB", "db", 1}, Suffix{"ms", "ms", 1},     Suffix{"ms", "s", 1000},
    Suffix{"Hz", "hz", 1}, Suffix{"Hz", "khz", 1000}, Suffix{"Hz", "k", 1000},
    Suffix{":1", ":1", 1}, Suffix{":1", "to1", 1},    Suffix{"%", "%", 1},
};

std::string fixed(double value, int digits, const char* unit) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f%s", digits, value, unit);
  if (std::string_view(text).find_first_of("123456789") == std::string_view::npos && text[0] == '-')
    return text + 1; // no "-0.0"
  return text;
}

/// Three digits that count, two decimals at most.
int decimals(double value) {
  const double size = std::abs(value);
  return size < 9.995 ? 2 : size < 99.95 ? 1 : 0;
}

std::string plain(std::string_view text) {
  std::string result;
  for (const char c : text)
    if (!std::isspace(static_cast<unsigned char>(c)))
      result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

} // namespace

std::string format_value(double value, std::string_view unit) {
  if (unit == "dB") return fixed(value, 1, " dB");
  if (unit == "%") return fixed(value, 0, " %");
  if (unit == ":1") return fixed(value, decimals(value), ":1");
  const bool thousands = std::abs(value) >= 999.5;
  if (unit == "ms") return thousands ? fixed(value / 1000, 2, " s") : fixed(value, decimals(value), " ms");
  if (unit == "Hz")
    return thousands ? fixed(value / 1000, decimals(value / 1000), " kHz")
                     : fixed(value, decimals(value), " Hz");
  std::string text = fixed(value, decimals(value), "");
  if (!unit.empty()) text += ' ', text += unit;
  return text;
}

std::optional<double> parse_value(std::string_view typed, std::string_view unit) {
  std::string text = plain(typed);
  if (std::count(text.begin(), text.end(), ',') == 1 && text.find('.') == std::string::npos)
    std::replace(text.begin(), text.end(), ',', '.');
  const char* begin = text.data();
  const char* const end = begin + text.size();
  if (text.starts_with('+') && !text.starts_with("+-")) ++begin;
  double value = 0;
  const auto [rest, error] = std::from_chars(begin, end, value);
  if (error != std::errc() || !std::isfinite(value)) return {};
  const std::string_view suffix(rest, static_cast<std::size_t>(end - rest));
  if (suffix.empty() || suffix == plain(unit)) return value;
  for (const Suffix& s : suffixes)
    if (s.unit == unit && s.text == suffix) return value * s.factor;
  return {};
}

} // namespace raphson::plugin
