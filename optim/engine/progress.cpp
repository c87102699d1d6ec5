#include "optim/engine/progress.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <unistd.h>

namespace raphson::optim {
namespace {

std::string format_step(const Step& step) {
  char text[96];
  std::snprintf(text, sizeof text, "iteration %d  value %.6g  |gradient| %.2g", step.iteration, step.value,
                step.gradient_norm);
  return text;
}

std::string bar(double fraction, int width) {
  std::string text(width, '.');
  std::fill_n(text.begin(), std::lround(fraction * width), '#');
  return '[' + text + ']';
}

} // namespace

bool is_terminal(const std::ostream& stream) {
  if (&stream == &std::cout) return isatty(STDOUT_FILENO) == 1;
  if (&stream == &std::cerr || &stream == &std::clog) return isatty(STDERR_FILENO) == 1;
  return false;
}

Progress::Progress(std::ostream& stream, ProgressOptions options)
    : stream_(stream), options_(std::move(options)),
      terminal_(options_.terminal.value_or(is_terminal(stream))) {}

Observer Progress::observer() {
  return [this](const Step& step) {
    show(step);
    return Control::proceed;
  };
}

double Progress::fraction(const Step& step) {
  if (step.iteration == 0) {
    first_gradient_ = step.gradient_norm;
    fraction_ = 0;
  }
  const double iterations = static_cast<double>(step.iteration) / std::max(1, options_.maximum_iterations);
  const double whole = std::log(first_gradient_ / options_.gradient_tolerance);
  const double done = whole > 0 ? std::log(first_gradient_ / step.gradient_norm) / whole : 0;
  fraction_ = std::clamp(std::max(iterations, done), fraction_, 1.0);
  return fraction_;
}

void Progress::show(const Step& step) {
  const double share = fraction(step);
  const double interval = terminal_ ? options_.interval_seconds : options_.quiet_interval_seconds;
  // A terminal shows the start at once; plain lines wait, so that a short run prints its final line alone.
  if (step.iteration == 0) shown_seconds_ = step.seconds - (terminal_ ? interval : 0);
  if (step.seconds - shown_seconds_ < interval) return;
  shown_seconds_ = step.seconds;
  if (!terminal_) {
    stream_ << options_.label << "  " << format_step(step) << std::endl;
    return;
  }
  std::string line = options_.label + " " + bar(share, options_.width) + " " + format_step(step);
  const std::size_t length = line.size();
  if (length < drawn_) line.append(drawn_ - length, ' ');
  drawn_ = length;
  stream_ << '\r' << line << std::flush;
}

void Progress::finish(const Result& result) {
  char numbers[64];
  std::snprintf(numbers, sizeof numbers, "%d iterations  value %.6g  ", result.iterations, result.value);
  std::string line = options_.label + "  " + numbers + to_string(result.stop_reason);
  if (terminal_ && line.size() < drawn_) line.append(drawn_ - line.size(), ' ');
  stream_ << (terminal_ ? "\r" : "") << line << std::endl;
  drawn_ = 0;
}

} // namespace raphson::optim
