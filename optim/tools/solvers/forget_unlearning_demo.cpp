#include "optim/tools/solvers/forget_unlearning_demo.h"

#include "optim/engine/parallel.h"
#include "optim/engine/random.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace raphson::optim::tools {
namespace {

using report::at_least;
using report::at_most;
using report::Cell;
using report::Table;
using report::ToolReport;

// Of order 2: lambda 0.02, eps_dp 0.1, eps_dd 0.01, ten rows at most.
constexpr DeletionOptions digits_options{.epsilon_dp = 0.1, .epsilon_dd = 0.01};

double accuracy(const Vector& theta, const DeletionDigits& digits) {
  const Vector z = digits.test * theta;
  return (z.array() * digits.test_target.array() > 0).cast<double>().mean();
}

struct Utility {
  double exact = 0, noisy = 0, after = 0; // test accuracy, the noisy ones means over runs
};

Utility utility(const DeletionDigits& digits, const DeletionPlan& plan, std::uint64_t seed, int runs) {
  Utility result;
  result.exact = accuracy(exact_minimiser(digits.training, plan.options.loss, plan.options.lambda), digits);
  SlottedRows without = digits.training;
  without.clear(0);
  RandomStream random(seed, "forget-unlearning utility");
  for (int run = 0; run < runs; ++run) {
    const Vector theta = learn_deletable(digits.training, plan, random());
    result.noisy += accuracy(theta, digits) / runs;
    result.after += accuracy(delete_rows(without, plan, theta, 1, random()), digits) / runs;
  }
  return result;
}

// Experiments 1 and 3.
void on_digits(const DemoOptions& options, const Seeds& seeds, ToolReport& report) {
  Table attacks{{{"seed"}, {"retraining"}, {"noisy descent"}, {"bound"}}, {}};
  Table costs{{{"seed"},
               {"exact (accuracy)"},
               {"noisy descent"},
               {"after a deletion"},
               {"steps to learn"},
               {"steps to delete a row"},
               {"ten rows"}},
              {}};
  const int trials = options.brief ? 100 : 200, runs = options.brief ? 4 : 20;
  for (const std::uint64_t seed : seeds) {
    options.say(of_seed("adaptive attack", seed));
    const DeletionDigits digits = deletion_digits(seed, 1500);
    const DeletionPlan plan = plan_deletion(digits_options, 1500, digits.training.rows.cols());
    const double bound =
        guessing_bound(adaptive_epsilon(plan.options.epsilon_dd, plan.options.epsilon_dp, 1));
    const auto attack =
        adaptive_attack(digits.training, plan, trials, seed, options.brief ? 1 : default_threads());
    attacks.rows.push_back(
        {seed, Cell::fixed(attack.retraining, 3), Cell::fixed(attack.noisy, 3), Cell::fixed(bound, 3)});
    report.claims.push_back(
        at_least(of_seed("adaptive attack on retraining, share right", seed), attack.retraining, 0.95));
    report.claims.push_back(
        at_most(of_seed("adaptive attack on noisy descent, share right", seed), attack.noisy, bound + 0.1));
    const Utility u = utility(digits, plan, seed, runs);
    costs.rows.push_back({seed, Cell::fixed(u.exact, 3), Cell::fixed(u.noisy, 3), Cell::fixed(u.after, 3),
                          plan.learn_steps, plan.delete_steps(1), plan.delete_steps(10)});
    report.claims.push_back(
        at_most(of_seed("test accuracy lost to the noise", seed), u.exact - u.noisy, 0.05));
    report.claims.push_back(at_most(of_seed("steps to delete a row / steps to learn", seed),
                                    double(plan.delete_steps(1)) / plan.learn_steps, 0.5));
  }
  report.tables.push_back(
      {"adaptive-attack",
       "How often the second model alone tells how the deleted row was labelled, when the rows "
       "deleted with it were chosen by the first model. Half is guessing.",
       attacks});
  report.tables.push_back(
      {"utility-and-cost", "Test accuracy of 3 against 8, and steps of noisy descent", costs});
}

double normal_share(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

// Experiment 2.
void on_hidden_state(const DemoOptions& options, const Seeds& seeds, ToolReport& report) {
  constexpr double renyi = 0.1;
  constexpr int releases = 100;
  options.say("hidden state");
  Table table{{{"seed"}, {"releases"}, {"hidden state"}, {"theory"}, {"noisy descent"}, {"at most"}}, {}};
  const double at_most_share = normal_share(std::sqrt(renyi) / 2);
  std::vector<double> count, theory, flat;
  for (int m = 1; m <= releases; ++m) {
    count.push_back(m);
    theory.push_back(normal_share(std::sqrt(renyi * m) / 2));
    flat.push_back(at_most_share);
  }
  report::Plot plot{
      "", {"Releases seen", "", report::Scale::logarithmic, {}}, {"Share of right guesses"}, {}};
  for (const std::uint64_t seed : seeds) {
    const auto attack = hidden_state_attack(renyi, releases, 400, seed);
    for (const std::size_t m : {1, 10, 100}) {
      table.rows.push_back({seed, m, Cell::fixed(attack.hidden[m - 1], 3), Cell::fixed(theory[m - 1], 3),
                            Cell::fixed(attack.noisy[m - 1], 3), Cell::fixed(at_most_share, 3)});
    }
    report.claims.push_back(at_least(of_seed("hidden state read from 100 releases, share right", seed),
                                     attack.hidden.back(), 0.88));
    report.claims.push_back(
        at_least(of_seed("hidden state, one release", seed), attack.hidden.front(), 0.48));
    report.claims.push_back(at_most(of_seed("hidden state, one release", seed), attack.hidden.front(), 0.65));
    report.claims.push_back(at_most(of_seed("noisy descent, the first and all later releases", seed),
                                    *std::max_element(attack.noisy.begin(), attack.noisy.end()), 0.66));
    if (seed != seeds.front()) continue;
    plot.series.push_back({"hidden state", count, attack.hidden, {}});
    plot.series.push_back(
        {"in theory", count, theory, {.colour = report::Colour::blue, .dash = report::Dash::dashed}});
    plot.series.push_back({"noisy descent", count, attack.noisy, {.colour = report::Colour::orange}});
    plot.series.push_back({"at most, in theory",
                           count,
                           flat,
                           {.colour = report::Colour::orange, .dash = report::Dash::dashed}});
  }
  report.tables.push_back(
      {"hidden-state",
       "How often the mean of the releases tells which of two rows was there at first; a single "
       "release is as private for both (R_2 = 0.1). 400 trials.",
       table});
  report.figures.push_back({"hidden-state", {{plot}, {880, 340}, "What later releases give away"}});
}

// Experiment 4.
void on_known_answer(const DemoOptions& options, const Seeds& seeds, ToolReport& report) {
  options.say("certificate against known laws");
  Table table{{{"seed"},
               {"steps"},
               {"R_q of neighbours"},
               {"bound"},
               {"after as many deletion steps"},
               {"bound"},
               {"mean off by (standard errors)"},
               {"variance off by"}},
              {}};
  for (const std::uint64_t seed : seeds) {
    for (const int steps : {1, 10, 100}) {
      const auto a = known_answer(steps, 2000, seed);
      table.rows.push_back({seed, steps, a.exact_dp, a.bound_dp, a.exact_dd, a.bound_dd,
                            Cell::fixed(a.mean_error, 2), Cell::fixed(a.variance_error, 2)});
      const std::string at = ", K = " + std::to_string(steps) + of_seed("", seed);
      report.claims.push_back(at_most("privacy, exact / certified" + at, a.exact_dp / a.bound_dp, 1));
      report.claims.push_back(at_most("deletion, exact / certified" + at, a.exact_dd / a.bound_dd, 1));
      report.claims.push_back(at_most("mean of 2,000 runs, standard errors off" + at, a.mean_error, 4));
      report.claims.push_back(
          at_most("variance of 2,000 runs, standard errors off" + at, a.variance_error, 4));
    }
  }
  report.tables.push_back(
      {"known-answer", "The certificate and the exact law of the loss -<x, theta>", table});
}

} // namespace

ToolReport forget_unlearning_demo(const DemoOptions& options) {
  const Seeds seeds = options.seeds_or({1, 2, 3});
  ToolReport report{.title = "Deleting rows for good: noisy gradient descent with a certificate"};
  report.paragraphs.push_back("Exact retraining gives a deleted row away to anyone whose further deletions "
                              "depend on the model they saw; a "
                              "hidden state gives it away over releases. Noisy gradient descent from the "
                              "published model does neither, "
                              "within the bound that it states.");
  on_digits(options, seeds, report);
  on_hidden_state(options, seeds, report);
  on_known_answer(options, seeds, report);
  return report;
}

} // namespace raphson::optim::tools
