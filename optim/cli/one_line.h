// A message on one line whatever it quotes: line breaks and other control characters become blanks.
#pragma once

#include <string>

namespace raphson::cli {

inline std::string one_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 32 || c == 127) c = ' ';
  return text;
}

} // namespace raphson::cli
