#include "dsp/error.h"
#include "optim/cli/tool.h"
#include "optim/data/csv.h"
#include "optim/tools/solvers/pama_demo.h"

#include <algorithm>
#include <memory>

namespace raphson::cli {
namespace {

using namespace optim;
using namespace optim::tools;
using report::Cell;
using report::Table;
using report::ToolReport;

struct Options {
  std::string lines, advantages;
  std::vector<std::string> rewards;
  bool words = false, chars = false, no_clip = false;
  int longest = 20, examples = 50, fit_steps = 1500;
  AlignmentSettings alignment;
};

// --- Advantages that are given ----------------------------------------------------------------------------

ToolReport merge_table(const Options& o) {
  const auto table = data::read_csv(o.advantages);
  const auto& names = table.columns();
  if (names.size() < 2) throw InputError(o.advantages + ": one objective; at least two columns are needed");
  Table out{{{"row"}, {"s"}, {"limiting"}}, {}};
  for (const auto& name : names) out.columns.push_back({"c_" + name});
  std::vector<int> limiting(names.size(), 0);
  int reinforced = 0;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    std::vector<double> a;
    for (const auto& name : names) {
      const double raw = table.number(row, name);
      a.push_back(o.no_clip ? raw : std::max(raw, 0.0));
    }
    std::vector<double> raw_values;
    for (const auto& name : names) raw_values.push_back(table.number(row, name));
    const auto merged = merge_advantages(a);
    const auto least = static_cast<std::size_t>(limiting_objective(raw_values));
    ++limiting[least];
    reinforced += merged.value != 0;
    std::vector<Cell> cells{row + 1, merged.value, names[least]};
    for (const double c : merged.weights) cells.push_back(c);
    out.rows.push_back(std::move(cells));
  }
  ToolReport report{.title = "One weight a row of " + o.advantages};
  report.values = {{"rows", table.rows()}, {"rows with s other than 0", reinforced}};
  if (reinforced == 0) report.warnings.push_back("stalled: no row improves all objectives");
  report.tables.push_back({"merged", "s* and the weights c of each objective", out});
  return report;
}

// --- A generator of lines
// ------------------------------------------------------------------------------------

Table samples_table(const RewardFigures& figures, const Corpus& corpus, std::span<const Reward> rewards,
                    int count) {
  Table table{{{"sequence"}}, {}};
  for (const auto& reward : rewards) table.columns.push_back({reward.name});
  for (std::size_t i = 0;
       i < std::min<std::size_t>(static_cast<std::size_t>(count), figures.of_sequences.size()); ++i) {
    std::vector<Cell> cells{written(figures.batch.sequence(i), corpus)};
    for (const double reward : figures.of_sequences[i]) cells.push_back(reward);
    table.rows.push_back(std::move(cells));
  }
  return table;
}

// Those that no other exceeds in one of the first two rewards without falling behind in the other.
report::Series front_of(const std::vector<std::vector<double>>& points) {
  std::vector<std::pair<double, double>> sorted;
  for (const auto& p : points) sorted.emplace_back(p[0], p[1]);
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  report::Series front{"Pareto front after", {}, {}, {.colour = report::Colour::red}};
  for (const auto& [x, y] : sorted) {
    if (!front.y.empty() && y <= front.y.back()) continue;
    front.x.push_back(x);
    front.y.push_back(y);
  }
  return front;
}

report::Series cloud(const std::vector<std::vector<double>>& points, const std::string& name,
                     report::Colour colour) {
  report::Series series{
      name, {}, {}, {.mark = report::Mark::markers, .colour = colour, .width = 4, .opacity = 0.6}};
  for (const auto& p : points) {
    series.x.push_back(p[0]);
    series.y.push_back(p[1]);
  }
  return series;
}

void add_figures(const AlignmentResult& aligned, const RewardFigures& before, const RewardFigures& after,
                 std::span<const Reward> rewards, ToolReport& out) {
  std::vector<report::Plot> curves;
  for (std::size_t k = 0; k < rewards.size(); ++k) {
    report::Series series{"", {}, {}, {}};
    for (std::size_t i = 0; i < aligned.steps.size(); ++i) {
      series.x.push_back(static_cast<double>(i));
      series.y.push_back(aligned.steps[i].rewards[k]);
    }
    curves.push_back({"", {"Iteration", "", report::Scale::count, {}}, {rewards[k].name}, {series}});
  }
  out.figures.push_back(
      {"rewards", {curves, {880, 220 * static_cast<int>(curves.size())}, "Mean rewards of the batches"}});
  const report::Plot scatter{"",
                             {rewards[0].name},
                             {rewards[1].name},
                             {cloud(before.of_sequences, "before", report::Colour::neutral),
                              cloud(after.of_sequences, "after", report::Colour::blue),
                              front_of(after.of_sequences)}};
  out.figures.push_back(
      {"samples", {{scatter}, {640, 480}, "Samples in the space of the first two rewards"}});
}

ToolReport align_lines(const Options& o, const ToolRun& run) {
  if (o.rewards.size() < 2)
    throw InputError("--reward: give at least two; PAMA weighs them against each other");
  if (o.longest < 2) throw InputError("--max-length must be at least 2");
  const Corpus corpus = read_corpus(o.lines, o.words, o.longest);
  std::vector<Reward> rewards;
  for (const auto& spec : o.rewards) rewards.push_back(reward_of(spec, corpus.sequences, corpus.words));
  const auto progress = [&run](const std::string& line) { run.say(line); };
  const SequenceGenerator generator({.tokens = static_cast<int>(corpus.words.size()), .longest = o.longest});
  const Parameters reference = generator.fit(
      corpus.sequences, {.steps = o.fit_steps, .held_out = 0.2, .seed = run.seed, .progress = progress});
  AlignmentSettings settings = o.alignment;
  settings.seed = run.seed;
  settings.progress = progress;
  const auto aligned = align(generator, reference, rewards, Alignment::pama, settings);
  RandomStream random(run.seed, "pama samples of the report");
  constexpr std::size_t measured = 2000;
  const auto before = measure_rewards(generator, reference, reference, rewards, measured, random);
  const auto after = measure_rewards(generator, aligned.theta, reference, rewards, measured, random);
  ToolReport out{.title = "A generator of " + o.lines + ", aligned"};
  out.values = {
      {"lines", corpus.sequences.size()},
      {"different tokens", corpus.words.size() - 1},
      {"divergence from the fitted generator (nats a sequence)", after.divergence},
      {"tokens better than expected on every reward, last iteration", aligned.steps.back().improving}};
  if (aligned.stalled) out.warnings.push_back("stalled: no token improves all objectives");
  Table gains{{{"reward"},
               {"before"},
               {"standard error"},
               {"after"},
               {"standard error"},
               {"limits (share of tokens)"}},
              {}};
  for (std::size_t k = 0; k < rewards.size(); ++k) {
    gains.rows.push_back({rewards[k].name, before.mean[k], before.standard_error[k], after.mean[k],
                          after.standard_error[k], aligned.limiting[k]});
  }
  out.tables.push_back(
      {"rewards", "Mean rewards of 2,000 sequences, and how often each had the least advantage", gains});
  out.tables.push_back({"after", "Samples after", samples_table(after, corpus, rewards, o.examples)});
  out.tables.push_back({"before", "Samples before", samples_table(before, corpus, rewards, o.examples)});
  add_figures(aligned, before, after, rewards, out);
  return out;
}

ToolReport start(const Options& o, const ToolRun& run) {
  if (!o.advantages.empty()) {
    if (!o.lines.empty()) throw InputError("LINES.txt and --advantages: give one of them");
    return merge_table(o);
  }
  if (o.lines.empty()) throw InputError("give LINES.txt with --reward twice or more, or --advantages");
  if (o.no_clip) throw InputError("--no-clip belongs to --advantages");
  return align_lines(o, run);
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  app.add_option("LINES.txt", o->lines, "Short sequences, one a line, at least 20");
  app.add_option("--reward", o->rewards,
                 "length:TARGET, lexicon:FILE.csv (columns token, value) or novelty; twice or more")
      ->type_name("SPEC")
      ->allow_extra_args(false);
  auto* words = app.add_flag("--words", o->words, "Tokens are words");
  app.add_flag("--chars", o->chars, "Tokens are characters (the default)")->excludes(words);
  app.add_option("--max-length", o->longest, "Tokens of a sequence at most")->capture_default_str();
  app.add_option("--n", o->examples, "Samples to show, before and after")->capture_default_str();
  app.add_option("--iterations", o->alignment.iterations, "Batches of samples")
      ->capture_default_str()
      ->check(above_zero());
  app.add_option("--beta", o->alignment.beta, "Price of moving away from the fitted generator")
      ->capture_default_str();
  app.add_option("--step", o->alignment.learning_rate, "Adam's step")
      ->capture_default_str()
      ->check(above_zero());
  app.add_option("--fit-steps", o->fit_steps, "Steps of the maximum likelihood fit")
      ->capture_default_str()
      ->check(above_zero());
  app.add_option("--advantages", o->advantages, "Instead: rows of raw advantages, a column an objective")
      ->type_name("A.csv");
  app.add_flag("--no-clip", o->no_clip, "With --advantages: negative ones stay, as in theorem 1");
  return [o](const ToolRun& run) { return start(*o, run); };
}

constexpr const char* about = "For a text file of short sequences, one a line, such as preset names, drum "
                              "patterns like x..x..x. or chord "
                              "progressions: fits a small generator to them by maximum likelihood, a fifth "
                              "held out to stop in time, and then "
                              "moves it towards two or more rewards "
                              "that may pull apart, without weights to tune. A sampled token is reinforced "
                              "by the least of its advantages, and "
                              "only where it is better than expected on every reward.\n\n"
                              "Rewards: length:TARGET is clip(length / TARGET, 0.25, 2); lexicon:FILE.csv is "
                              "the mean of the tokens' values; "
                              "novelty is the share of runs of three tokens that the file has not. With "
                              "--advantages it only merges advantages "
                              "that you have.\n\n"
                              "It stops (\"stalled: no token improves all objectives\") where no sampled "
                              "token beats the mean on every reward, "
                              "which is Pareto-stationary and need not be Pareto optimal: with rewards "
                              "(1,0), (0,1), (0,0) of three actions, "
                              "uniform play stays although leaving out the third would help both.";

const ToolRegistration registration{
    {.family = "Solvers",
     .name = "pama",
     .summary = "Aligns a generator of short sequences to several rewards at once",
     .paper = {"Q. He, S. Maghsudi", "Pareto Multi-Objective Alignment for Language Models", "ECML/PKDD 2025",
               "2508.07768"},
     .about = about,
     .set_up = set_up,
     .demo = pama_demo,
     .example = "assets/data/drum-patterns.txt --reward length:16 --reward lexicon:assets/data/drum-hits.csv "
                "--n 8"}};

} // namespace
} // namespace raphson::cli
