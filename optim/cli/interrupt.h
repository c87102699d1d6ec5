// Ctrl-C as a flag that long work looks at, so that it can end tidily.
//
//   const InterruptGuard guard;       // from here on SIGINT and SIGTERM set the flag; a second one kills
//   while (more()) { throw_if_interrupted(); ... }
#pragma once

#include <stdexcept>
#include <string>

namespace raphson::cli {

/// main() says so on one line and exits with 130. Without a text of its own it is last_words()
/// (program_ranks.h) that follow.
struct Interrupted : std::runtime_error {
  explicit Interrupted(const std::string& text = "") : runtime_error(text) {}
};

class InterruptGuard {
public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
};

/// Called by the signal handler itself, before it returns.
void on_interrupt(void (*action)());

bool interrupted();
int interrupting_signal(); ///< 0: none so far
void throw_if_interrupted();

} // namespace raphson::cli
