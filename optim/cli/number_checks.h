// What an option's number may be, with refusals in words: "--dt: 0 is no number above 0". NaN and infinity
// pass none of them. In --help each is written after the option's type.
//
// Of an option that is unsigned, CLI11 takes -1 for the largest number: each of these refuses it.
#pragma once

#include <CLI/CLI.hpp>

#include <concepts>
#include <cstdint>

namespace raphson::cli {

CLI::Validator above_zero();
CLI::Validator zero_or_above();
CLI::Validator between(double least, double most); ///< both are allowed
CLI::Validator whole_between(std::int64_t least, std::int64_t most);

template <std::integral Least, std::integral Most> CLI::Validator between(Least least, Most most) {
  return whole_between(static_cast<std::int64_t>(least), static_cast<std::int64_t>(most));
}

/// Throws CLI::ValidationError for an option given as NaN, of those whose type --help calls FLOAT: one with a
/// type name of its own needs a check from above.
void refuse_nan(CLI::App& app);

} // namespace raphson::cli
