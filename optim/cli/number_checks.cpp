#include "optim/cli/number_checks.h"

#include "optim/cli/command.h"
#include "optim/report/text.h"

#include <charconv>
#include <cmath>
#include <functional>
#include <optional>

namespace raphson::cli {
namespace {

using optim::report::format_exact;

/// The whole of a word as a number, 1e-3, inf and nan among them.
template <class Number> std::optional<Number> number_in(std::string_view word) {
  if (word.starts_with('+')) word.remove_prefix(1);
  Number value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size()) return {};
  return value;
}

CLI::Validator number_that(const std::string& is, const std::string& described,
                           std::function<bool(double)> holds) {
  return {[is, holds = std::move(holds)](const std::string& word) -> std::string {
            const auto value = number_in<double>(word);
            return value && std::isfinite(*value) && holds(*value) ? "" : word + " is no number " + is;
          },
          described};
}

} // namespace

CLI::Validator above_zero() {
  return number_that("above 0", "above 0", [](double x) { return x > 0; });
}

CLI::Validator zero_or_above() {
  return number_that("from 0 on", "0 or above", [](double x) { return x >= 0; });
}

CLI::Validator between(double least, double most) {
  const std::string range = format_exact(least) + " to " + format_exact(most);
  return number_that("from " + range, range, [least, most](double x) { return x >= least && x <= most; });
}

CLI::Validator whole_between(std::int64_t least, std::int64_t most) {
  const std::string is = std::to_string(least) + " to " + std::to_string(most);
  return {[=](const std::string& word) -> std::string {
            const auto value = number_in<std::int64_t>(word);
            return value && *value >= least && *value <= most ? "" : word + " is no whole number from " + is;
          },
          is};
}

void refuse_nan(CLI::App& app) {
  each_level(app, [](const CLI::App& level) {
    for (const CLI::Option* option : level.get_options()) {
      if (!option->get_type_name().starts_with("FLOAT")) continue;
      for (const std::string& word : option->results())
        if (const auto value = number_in<double>(word); value && std::isnan(*value))
          throw CLI::ValidationError(option->get_name(), word + " is no number");
    }
  });
}

} // namespace raphson::cli
