// The colours of plots, on a light ground (contrast at least 3:1 on white) and on a dark one.
#pragma once

#include "optim/report/svg_plot.h"

namespace raphson::optim::report {

struct Ink {
  const char* css_class;
  const char* light;
  const char* dark;
};

inline constexpr Ink series_inks[] = {
    {"s-blue", "#1266d6", "#6aa9ff"},    {"s-orange", "#d9480f", "#ff9a57"},
    {"s-green", "#1b7f3b", "#5fcf80"},   {"s-purple", "#7c3aed", "#b794ff"},
    {"s-red", "#c92a2a", "#ff8080"},     {"s-teal", "#0c8599", "#4fd0de"},
    {"s-neutral", "#7a8394", "#98a1b0"},
};
inline constexpr Ink ground_ink{"ground", "#ffffff", "#1a1d24"}, grid_ink{"grid", "#e6e9ef", "#2c313c"},
    axis_ink{"axis", "#8a93a3", "#7f8898"}, title_ink{"title", "#16181d", "#e8eaee"},
    label_ink{"label", "#4d5563", "#a9b1be"};

// The ink of a series: its own colour, or the next of the palette (neutral is never automatic).
inline const Ink& ink_of(Colour colour, std::size_t order) {
  constexpr std::size_t automatic_inks = 6;
  return series_inks[colour == Colour::automatic ? order % automatic_inks
                                                 : static_cast<std::size_t>(colour) - 1];
}

} // namespace raphson::optim::report
