// The ranks that mpirun started this program as; one where it was started alone.
//
//   start_ranks();                                  // first; from here on only rank 0 is heard
//   int code = ...;                                 // together(program_ranks(), ...), match
//   return end_ranks(code, line);
#pragma once

#include "optim/engine/ranks.h"

#include <cstddef>
#include <string>

namespace raphson::cli {

class ProgramRanks : public optim::Ranks {
public:
  /// Of this rank, where the caller does not say how many.
  virtual std::size_t default_threads() const;

  /// The last call: says the line, if any, once, and returns the exit code of all. peer_failed: another rank
  /// knows why.
  virtual int end(int code, const std::string& line);
};

inline constexpr int peer_failed = -1;

/// Throws InputError where the ranks are not of one build, or this build knows no ranks.
void start_ranks();
ProgramRanks& program_ranks();
int end_ranks(int code, const std::string& line);

/// What is told beside the reason should the run end from here on: "nothing was written".
void set_last_words(const std::string& text);
const char* last_words(); ///< may be called by a signal handler

} // namespace raphson::cli
