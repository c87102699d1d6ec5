#include "plugin/state/history.h"

namespace raphson::plugin {

void History::edited(const std::string& what, Sound before, double now_ms) {
  const bool goes_on = !what.empty() && what == last_ && now_ms - last_ms_ < coalesce_ms && can_undo();
  if (!goes_on) undo_.push_back(std::move(before));
  if (undo_.size() > maximum_steps) undo_.pop_front();
  redo_.clear();
  last_ = what;
  last_ms_ = now_ms;
}

std::optional<Sound> History::undo(Sound current) {
  if (undo_.empty()) return {};
  redo_.push_back(std::move(current));
  Sound sound = std::move(undo_.back());
  undo_.pop_back();
  last_.clear();
  return sound;
}

std::optional<Sound> History::redo(Sound current) {
  if (redo_.empty()) return {};
  undo_.push_back(std::move(current));
  Sound sound = std::move(redo_.back());
  redo_.pop_back();
  last_.clear();
  return sound;
}

} // namespace raphson::plugin
