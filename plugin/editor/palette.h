// The colours of the window: warm blacks, ivory text, one accent. What is written on what is listed below,
// and a test holds every pair to a contrast of 4.5:1 (WCAG 2.1, 1.4.3).
#pragma once

#include <juce_graphics/juce_graphics.h>

#include <array>

namespace raphson::plugin::palette {

inline const juce::Colour window{0xff161513};
inline const juce::Colour panel{0xff201e1b};
inline const juce::Colour well{0xff121110}; ///< behind curves and meters
inline const juce::Colour raised{0xff2f2c28};
inline const juce::Colour raised_hover{0xff3a3732};
inline const juce::Colour line{0xff3b3732};
inline const juce::Colour text{0xfff2ece0};
inline const juce::Colour text_dim{0xffb4aa9b};
inline const juce::Colour text_off{0xff948b7e}; ///< of what cannot be used now
inline const juce::Colour accent{0xfff2a63a};
inline const juce::Colour on_accent{0xff1d1507};
inline const juce::Colour alarm{0xfff57f68}; ///< clipping and errors
inline const juce::Colour alarm_panel{0xff3a1f1a};
inline const juce::Colour face{0xfff5e8c8}; ///< of the needle meter
inline const juce::Colour face_edge{0xffdcc08a};
inline const juce::Colour on_face{0xff2a1f14};

struct Pair {
  const char* what;
  juce::Colour text, background;
};

/// Every text on its background.
inline const std::array pairs{
    Pair{"text on window", text, window},
    Pair{"text on panel", text, panel},
    Pair{"text on well", text, well},
    Pair{"text on raised", text, raised},
    Pair{"text on raised, hovered", text, raised_hover},
    Pair{"dim text on window", text_dim, window},
    Pair{"dim text on panel", text_dim, panel},
    Pair{"dim text on well", text_dim, well},
    Pair{"dim text on raised", text_dim, raised},
    Pair{"dim text on raised, hovered", text_dim, raised_hover},
    Pair{"unusable on panel", text_off, panel},
    Pair{"unusable on window", text_off, window},
    Pair{"accent on well", accent, well},
    Pair{"accent on panel", accent, panel},
    Pair{"chosen button", accent, raised_hover},
    Pair{"on accent", on_accent, accent},
    Pair{"alarm on well", alarm, well},
    Pair{"text on an error", text, alarm_panel},
    Pair{"needle meter", on_face, face},
    Pair{"needle meter's edge", on_face, face_edge},
};

} // namespace raphson::plugin::palette
