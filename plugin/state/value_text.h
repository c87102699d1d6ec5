// Values of parameters as people read and type them: "-20.0 dB", "4.29:1", "255 ms", "1.20 s", "2.50 kHz".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace raphson::plugin {

/// unit: as in dsp::Parameter ("dB", "ms", "Hz", ":1", "") or "%". Digits fit the size of the value.
std::string format_value(double value, std::string_view unit);

/// What was typed, in that unit: "-20", "-20 dB", "4:1", "1.2 s" for ms, "2.5k" for Hz; a comma may stand for
/// the decimal point. Nothing where it is no number or has another unit.
std::optional<double> parse_value(std::string_view text, std::string_view unit);

} // namespace raphson::plugin
