#include "interruptible.h"

#include <pybind11/pybind11.h>

#include <chrono>
#include <thread>

namespace raphson::python {

namespace py = pybind11;

void Listener::run(const std::function<void()>& work) {
  {
    const py::gil_scoped_release released;
    std::thread worker([&] {
      try {
        work();
      } catch (...) {
        work_error_ = std::current_exception();
      }
      const std::lock_guard lock(mutex_);
      finished_ = true;
      changed_.notify_all();
    });
    std::unique_lock lock(mutex_);
    while (!finished_) listen(lock);
    lock.unlock();
    worker.join();
  }
  if (python_error_) std::rethrow_exception(python_error_);
  if (work_error_) std::rethrow_exception(work_error_);
}

void Listener::listen(std::unique_lock<std::mutex>& lock) {
  constexpr auto between_looks_at_signals = std::chrono::milliseconds(50);
  changed_.wait_for(lock, between_looks_at_signals, [&] { return finished_ || wanted_; });
  const std::function<void()>* const wanted = wanted_;
  const bool go_on = !python_error_;
  lock.unlock();
  with_gil([&] {
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    if (wanted && go_on) (*wanted)();
  });
  lock.lock();
  if (wanted_ == wanted) wanted_ = nullptr; // else it has been asked for meanwhile
  changed_.notify_all();
}

void Listener::with_gil(const std::function<void()>& action) {
  const py::gil_scoped_acquire gil;
  try {
    action();
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (!python_error_) python_error_ = std::current_exception();
  }
}

void Listener::call(const std::function<void()>& action) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return wanted_ == nullptr; });
  if (python_error_) throw Interrupted();
  wanted_ = &action;
  changed_.notify_all();
  changed_.wait(lock, [&] { return wanted_ != &action; });
  if (python_error_) throw Interrupted();
}

void Listener::check() const {
  const std::lock_guard lock(mutex_);
  if (python_error_) throw Interrupted();
}

} // namespace raphson::python
