// Long work on a thread of its own while the caller's thread listens: for Ctrl-C, which Python tells its main
// thread alone, and for calls that the work wants made there, such as a progress callback.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>

namespace raphson::python {

class Listener {
public:
  /// Runs work() to its end with the GIL released. Rethrows what it threw, unless an exception of Python's,
  /// by Ctrl-C or from a call(), came first: then that one, once work() has ended.
  void run(const std::function<void()>& work);

  /// For work(), from any of its threads: makes the call on the listening thread, with the GIL, and waits for
  /// it. Throws Interrupted where the work is to end.
  void call(const std::function<void()>& action);

  /// Throws Interrupted where the work is to end.
  void check() const;

  struct Interrupted : std::exception {
    const char* what() const noexcept override { return "interrupted"; }
  };

private:
  void listen(std::unique_lock<std::mutex>& lock);
  void with_gil(const std::function<void()>& action);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void()>* wanted_ = nullptr; ///< the call that waits to be made
  bool finished_ = false;
  std::exception_ptr python_error_, work_error_;
};

} // namespace raphson::python
