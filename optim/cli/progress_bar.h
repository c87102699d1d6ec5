// One line on a terminal's stderr, redrawn in place: "fit  [######......]  48%  ESR 0.00534". Nothing
// where stderr is no terminal, or when disabled; gone without a trace when cleared or destroyed.
#pragma once

#include <chrono>
#include <string>

namespace raphson::cli {

class ProgressBar {
public:
  explicit ProgressBar(bool enabled, std::string title = "");
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void title(std::string text) { title_ = std::move(text); }
  /// fraction in 0 to 1. Drawn at most ten times a second, and whenever the phase changes.
  void show(const std::string& phase, double fraction, const std::string& note = "");
  /// A line without a bar, as often; the phase is what stands before its first digit.
  void say(const std::string& line);
  void clear();

private:
  bool is_due(const std::string& phase);
  void draw(std::string line);

  bool enabled_;
  std::string title_, phase_;
  int drawn_ = 0; // columns
  std::chrono::steady_clock::time_point shown_{};
};

} // namespace raphson::cli
