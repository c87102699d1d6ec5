// The options of `raphson match`.
#pragma once

#include "optim/cli/command.h"
#include "optim/match/match.h"

#include <filesystem>
#include <optional>
#include <string>

namespace raphson::cli {

struct MatchCommandOptions {
  std::filesystem::path dry, wet, session;
  optim::match::MatchOptions match;
  std::string mode = "forward", name;
  std::optional<double> delay_samples;
  bool no_pre_emphasis = false, no_held_out = false, keep_partial = false, resume = false;
  std::size_t threads = 0;
  int gru_units = 0; ///< none
  double gru_seconds = 60;
  std::uint64_t seed = 0;
  bool bootstrap = false, attribution = false;
  int bootstrap_draws = 2000;
  std::optional<double> coreset_seconds;

  /// Throws InputError where some do not go together, naming one.
  void check() const;
};

void add_options(CLI::App& app, MatchCommandOptions& options, Common& common);

} // namespace raphson::cli
