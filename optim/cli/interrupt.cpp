#include "optim/cli/interrupt.h"

#include <csignal>

namespace raphson::cli {
namespace {

volatile std::sig_atomic_t caught = 0;
void (*volatile further_action)() = nullptr;

void on_signal(int signal) {
  caught = signal;
  std::signal(signal, SIG_DFL);
  if (further_action != nullptr) further_action();
}

} // namespace

InterruptGuard::InterruptGuard() {
  caught = 0;
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
}

InterruptGuard::~InterruptGuard() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

void on_interrupt(void (*action)()) { further_action = action; }

bool interrupted() { return caught != 0; }

int interrupting_signal() { return caught; }

void throw_if_interrupted() {
  if (interrupted()) throw Interrupted();
}

} // namespace raphson::cli
