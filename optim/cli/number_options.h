// Options whose value is a number within bounds, their default shown in --help.
#pragma once

#include "optim/cli/number_checks.h"

#include <concepts>
#include <string>

namespace raphson::cli {

/// A whole number from least to most.
template <std::integral Number>
CLI::Option* add_whole(CLI::App& app, const std::string& name, Number& value, const std::string& what,
                       std::int64_t least, std::int64_t most) {
  return app.add_option(name, value, what)->check(between(least, most))->capture_default_str();
}

inline CLI::Option* add_steps(CLI::App& app, const std::string& name, auto& value, const std::string& what) {
  return add_whole(app, name, value, what, 1, 1'000'000);
}

/// Above 0, a learning rate for one.
inline CLI::Option* add_positive(CLI::App& app, const std::string& name, double& value,
                                 const std::string& what) {
  return app.add_option(name, value, what)->check(above_zero())->capture_default_str();
}

} // namespace raphson::cli
