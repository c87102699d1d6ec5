#include "tests/bench/bench.h"

#include "dsp/io/atomic_file.h"
#include "optim/data/audio_file.h"
#include "optim/engine/first_order.h"
#include "optim/engine/gradient_descent.h"
#include "optim/engine/lbfgs.h"
#include "optim/engine/levenberg_marquardt.h"
#include "optim/engine/newton.h"
#include "optim/engine/newton_cg.h"
#include "optim/match/match.h"
#include "optim/match/reverse_objective.h"
#include "optim/report/svg_plot.h"
#include "optim/report/table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace raphson::bench {
namespace {

using namespace optim;
using namespace optim::match;
using report::Cell, report::Table;

struct TracePoint {
  int iteration;
  double seconds, value;
  Evaluations evaluations;
};
struct Run {
  std::string name;
  Result result;
  std::vector<TracePoint> trace;
  double gradient_cost, hessian_cost, product_cost; ///< in passes of the loss alone
};

double patience_seconds = 4; ///< for solvers that do not get there; --long: 30

template <class F, class SolverOptions>
Run solve(const std::string& name, const F& objective, const Vector& start, const SolverOptions& options) {
  Run run{name, {}, {}, 0, 0, 0};
  run.result = minimise(objective, start, options, [&](const Step& step) {
    run.trace.push_back({step.iteration, step.seconds, step.value, step.evaluations});
    return step.seconds > patience_seconds ? Control::cancel : Control::proceed;
  });
  return run;
}

/// A first-order rule at the learning rate that serves it best: the one that gets lowest in its time.
Run best_rate(const std::string& name, const RuleSettings& rule, std::array<double, 3> rates,
              const CompressorObjective& objective, const Vector& start) {
  Run best;
  for (const double rate : rates) {
    const FirstOrderOptions options{.rule = with_learning_rate(rule, rate), .maximum_iterations = 100000};
    char label[64];
    std::snprintf(label, sizeof label, "%s, rate %g", name.c_str(), rate);
    Run run = solve(label, objective, start, options);
    if (best.trace.empty() || run.result.value < best.result.value) best = std::move(run);
  }
  return best;
}

std::vector<Run> solve_all(const Pair& pair, const Vector& start, const ObjectiveOptions& options) {
  const CompressorObjective objective(pair, options);
  const ReverseCompressorObjective reverse(pair, options);
  Vector g;
  Matrix h;
  const auto cost = [&](const std::function<void()>& call) { return time_calls(9, call).best; };
  const double pass = cost([&] { use(objective.value(start)); });
  const double gradient = cost([&] { objective.value_and_gradient(start, g); }) / pass;
  const double hessian = cost([&] { objective.value_gradient_and_hessian(start, g, h); }) / pass;
  const double gauss_newton = cost([&] { objective.value_gradient_and_gauss_newton(start, g, h); }) / pass;
  const double adjoint = cost([&] { reverse.value_and_gradient(start, g); }) / pass;
  const double product = cost([&] { reverse.hessian_product(start, Vector::Ones(5)); }) / pass;
  std::printf(
      "A pass (the loss alone) takes %.2f ms. In passes: gradient %.1f, Gauss-Newton %.1f, Hessian %.1f;"
      "\nby the adjoint: gradient %.1f, Hessian-vector product %.1f.\n\n",
      1e3 * pass, gradient, gauss_newton, hessian, adjoint, product);

  std::vector<Run> runs;
  runs.push_back(solve("Newton", objective, start, NewtonOptions{}));
  runs.push_back(
      solve("Gauss-Newton (LM)", objective, start, LevenbergMarquardtOptions{.maximum_iterations = 1000}));
  runs.push_back(solve("Newton-CG", reverse, start, NewtonCgOptions{}));
  runs.push_back(solve("L-BFGS", objective, start, LbfgsOptions{.maximum_step = 2}));
  constexpr std::array rates{0.03, 0.1, 0.3};
  runs.push_back(best_rate("Adam", AdamSettings{}, rates, objective, start));
  runs.push_back(best_rate("SOAP", SoapSettings{}, rates, objective, start));
  // M-FAC's steps are in units of the loss, and its damping is compared with gradients of the loss squared.
  runs.push_back(best_rate("M-FAC", MFacSettings{.lambda = 1e-4}, {0.0003, 0.001, 0.003}, objective, start));
  runs.push_back(
      solve("gradient descent", objective, start, GradientDescentOptions{.maximum_iterations = 100000}));
  for (Run& run : runs) {
    run.gradient_cost = run.name == "Newton-CG" ? adjoint : gradient;
    run.hessian_cost = run.name == "Newton" ? hessian : gauss_newton;
    run.product_cost = product;
  }
  return runs;
}

double passes(const Run& run, const Evaluations& e) {
  return e.value + run.gradient_cost * e.gradient + run.hessian_cost * e.hessian
         + run.product_cost * e.hessian_product;
}

Table table_of(const std::vector<Run>& runs, double best) {
  Table table{{{"solver"},
               {"iterations"},
               {"values"},
               {"gradients"},
               {"Hessians"},
               {"products"},
               {"passes"},
               {"seconds"},
               {"x Newton"},
               {"end: loss / best - 1"},
               {"stopped"}},
              {}};
  double newton = 0;
  for (const Run& run : runs) {
    const auto reached = std::find_if(run.trace.begin(), run.trace.end(),
                                      [&](const TracePoint& p) { return p.value <= best * (1 + 1e-6); });
    const TracePoint& at = reached == run.trace.end() ? run.trace.back() : *reached;
    const bool arrived = reached != run.trace.end();
    if (newton == 0) newton = at.seconds;
    const Evaluations& e = at.evaluations;
    table.rows.push_back(
        {run.name, at.iteration, e.value, e.gradient, e.hessian, e.hessian_product,
         Cell::fixed(passes(run, e), 0),
         arrived ? Cell::fixed(at.seconds, 3)
                 : Cell("not in " + std::to_string(static_cast<int>(std::ceil(at.seconds))) + " s"),
         arrived ? Cell::fixed(at.seconds / newton, 1) : Cell("-"),
         Cell::significant(std::max(run.result.value / best - 1, 0.0), 2),
         run.result.stop_reason == StopReason::cancelled ? "out of time"
                                                         : to_string(run.result.stop_reason)});
  }
  return table;
}

report::Plot plot_of(const std::string& title, const std::vector<Run>& runs, double best) {
  report::Plot plot{title,
                    {"time", "s", report::Scale::logarithmic},
                    {"loss above the best, relative", "", report::Scale::logarithmic},
                    {}};
  for (const Run& run : runs) {
    report::Series series{run.name};
    for (const TracePoint& p : run.trace) {
      series.x.push_back(std::max(p.seconds, 1e-4));
      series.y.push_back(std::max(p.value / best - 1, 1e-10));
    }
    plot.series.push_back(std::move(series));
  }
  return plot;
}

void compare(const std::string& name, double delay, const Options& options) {
  const std::string folder = std::string(RAPHSON_SOURCE_DIR) + "/assets/recordings/" + name;
  const data::Audio dry = data::read_audio(folder + "-dry.flac");
  data::Audio wet = data::read_audio(folder + "-wet.flac");
  const Pair pair = align_in_place(dry, wet, {.delay_samples = delay});
  ObjectiveOptions objective_options;
  objective_options.threads = 2;
  CompressorValues values{-36, 4, 1, 200, 0};
  values[4] = CompressorObjective(pair, objective_options).fit_makeup({values})[0].makeup_db;
  std::printf("%s, from threshold -36 dB, ratio 4, attack 1 ms, release 200 ms, make-up %.2f dB\n",
              name.c_str(), values[4]);
  const std::vector<Run> runs =
      solve_all(pair, CompressorObjective::unconstrained(values), objective_options);
  double best = runs[0].result.value;
  for (const Run& run : runs) best = std::min(best, run.result.value);
  const Table table = table_of(runs, best);
  const CompressorValues fitted = CompressorObjective::physical(runs[0].result.x);
  std::printf("%s\nNewton ends at loss %.8f: threshold %.2f dB, ratio %.3f, attack %.3f ms, release %.1f ms, "
              "make-up %.2f dB\n\n",
              shown(table, options).c_str(), runs[0].result.value, fitted[0], fitted[1], fitted[2], fitted[3],
              fitted[4]);
  if (!options.out) return;
  const auto write = [&](const std::string& file, const std::string& text) {
    dsp::write_file(*options.out / file, text);
  };
  write("newton-" + name + ".svg", report::to_svg(plot_of("Solvers on " + name, runs, best), {880, 380}));
  write("newton-" + name + ".csv", report::to_csv(table));
}

} // namespace

int newton(const Options& options) {
  if (options.long_run) patience_seconds = 30;
  if (options.out) std::filesystem::create_directories(*options.out);
  compare("la2a", 0.2163, options);
  compare("cl1b", 0.5689, options);
  return 0;
}

} // namespace raphson::bench
