#include "optim/cli/progress_bar.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <sys/ioctl.h>
#include <unistd.h>

namespace raphson::cli {
namespace {

constexpr int bar_width = 28;
constexpr auto interval = std::chrono::milliseconds(100);

int terminal_columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

} // namespace

ProgressBar::ProgressBar(bool enabled, std::string title)
    : enabled_(enabled && isatty(STDERR_FILENO) == 1), title_(std::move(title)) {}

bool ProgressBar::is_due(const std::string& phase) {
  const auto now = std::chrono::steady_clock::now();
  if (!enabled_ || (phase == phase_ && now - shown_ < interval)) return false;
  shown_ = now;
  phase_ = phase;
  return true;
}

void ProgressBar::show(const std::string& phase, double fraction, const std::string& note) {
  if (!is_due(phase)) return;
  const double share = std::clamp(fraction, 0.0, 1.0);
  const int filled = static_cast<int>(std::lround(share * bar_width));
  char middle[96];
  std::snprintf(middle, sizeof middle, "%-9s [%s%s] %3.0f%%  ", phase.c_str(),
                std::string(static_cast<std::size_t>(filled), '#').c_str(),
                std::string(static_cast<std::size_t>(bar_width - filled), '.').c_str(), 100 * share);
  draw(middle + note);
}

void ProgressBar::say(const std::string& line) {
  if (is_due(line.substr(0, line.find_first_of("0123456789")))) draw(line);
}

void ProgressBar::draw(std::string line) {
  if (!title_.empty()) line.insert(0, title_ + "  ");
  // A line that wraps could not be redrawn in place.
  line.resize(std::min(line.size(), static_cast<std::size_t>(terminal_columns() - 1)));
  const int columns = static_cast<int>(line.size());
  line.append(static_cast<std::size_t>(std::max(0, drawn_ - columns)), ' ');
  std::cerr << '\r' << line << std::flush;
  drawn_ = columns;
}

void ProgressBar::clear() {
  if (drawn_ == 0) return;
  std::cerr << '\r' << std::string(static_cast<std::size_t>(drawn_), ' ') << '\r' << std::flush;
  drawn_ = 0;
  phase_.clear();
}

} // namespace raphson::cli
