// Undo and redo: sounds as they were before each edit. Edits of one thing that follow closely, such as the
// steps of a mouse wheel, are one.
#pragma once

#include "plugin/state/sound.h"

#include <deque>
#include <optional>

namespace raphson::plugin {

class History {
public:
  static constexpr std::size_t maximum_steps = 200;
  static constexpr double coalesce_ms = 700;

  /// Something has changed from `before`. what: the parameter; empty: never one with the last.
  void edited(const std::string& what, Sound before, double now_ms);

  bool can_undo() const { return !undo_.empty(); }
  bool can_redo() const { return !redo_.empty(); }
  /// The sound to go back or forth to from the current one; nothing where there is none.
  std::optional<Sound> undo(Sound current);
  std::optional<Sound> redo(Sound current);

private:
  std::deque<Sound> undo_, redo_;
  std::string last_;
  double last_ms_ = 0;
};

} // namespace raphson::plugin
