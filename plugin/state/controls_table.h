// The controls around the model as hosts and files know them.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace raphson::plugin {

enum class ControlKind {
  linear,
  logarithmic_or_off, ///< 0 is off; then from 20 on
  oversampling,       ///< 1, 2 or 4
  toggle              ///< 0 or 1
};

struct ControlSpec {
  const char* id; ///< the host parameter's, never renamed
  const char* name;
  const char* unit;
  ControlKind kind;
  double minimum, maximum, initial;
  bool of_sound; ///< belongs to presets, A/B and undo; the others are for listening
};

inline constexpr std::array control_specs{
    ControlSpec{"input_gain_db", "Input gain", "dB", ControlKind::linear, -24, 24, 0, true},
    ControlSpec{"output_gain_db", "Output gain", "dB", ControlKind::linear, -24, 24, 0, true},
    ControlSpec{"mix", "Mix", "%", ControlKind::linear, 0, 100, 100, true},
    ControlSpec{"stereo_link", "Stereo link", "%", ControlKind::linear, 0, 100, 0, true},
    ControlSpec{"external_sidechain", "External side-chain", "", ControlKind::toggle, 0, 1, 0, true},
    ControlSpec{"sidechain_highpass_hz", "Side-chain high-pass", "Hz", ControlKind::logarithmic_or_off, 0,
                1000, 0, true},
    ControlSpec{"look_ahead_ms", "Look-ahead", "ms", ControlKind::linear, 0, 20, 0, true},
    ControlSpec{"oversampling", "Oversampling", "x", ControlKind::oversampling, 1, 4, 1, true},
    ControlSpec{"auto_makeup", "Auto make-up", "", ControlKind::toggle, 0, 1, 0, true},
    ControlSpec{"bypass", "Bypass", "", ControlKind::toggle, 0, 1, 0, false},
    ControlSpec{"delta", "Delta", "", ControlKind::toggle, 0, 1, 0, false},
};

constexpr std::optional<std::size_t> find_control(std::string_view id) {
  for (std::size_t i = 0; i < control_specs.size(); ++i)
    if (id == control_specs[i].id) return i;
  return {};
}

/// The same for an id that is known when this is compiled, to be looked up then.
consteval std::size_t control_index(std::string_view id) { return find_control(id).value(); }

} // namespace raphson::plugin
