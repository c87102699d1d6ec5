#include "optim/tools/solvers/image_to_image_unlearning_demo.h"

#include "optim/data/digits.h"
#include "optim/data/image_transforms.h"
#include "optim/data/split.h"
#include "optim/tools/solvers/completion_measures.h"
#include "optim/tools/solvers/completion_report.h"
#include "optim/tools/solvers/image_to_image_unlearning.h"

#include <cmath>

namespace raphson::optim::tools {
namespace {

using report::at_least;
using report::at_most;
using report::Cell;
using report::Table;
using report::ToolReport;

constexpr std::size_t training_digits = 6000, test_digits = 3000;

data::RowMatrix images_of(const data::Dataset& digits, std::vector<int> classes) {
  return data::select_classes(digits, classes).features;
}

struct Bench {
  data::Dataset training, test;
  CompletionModel original;
  ImageClassifier classifier;
  JudgedImages retain, forget;
  std::uint64_t seed;

  Bench(data::TrainingAndHeldOut digits, std::uint64_t seed_)
      : training(std::move(digits.training)), test(std::move(digits.held_out)),
        original(train_completion(training.features, HiddenRegion("centre:6", 14, 14), {.seed = seed_})),
        classifier(training.features, training.labels, 10, seed_), retain(judged({0, 1, 2, 3})),
        forget(judged({7, 8, 9})), seed(seed_) {}

  JudgedImages judged(std::vector<int> classes) const {
    data::Dataset digits = data::select_classes(test, classes, false);
    const std::size_t count = digits.size();
    return {std::move(digits.features), std::move(digits.labels), original.region.places(count, 1)};
  }
  data::RowMatrix images(std::vector<int> classes) const { return images_of(training, std::move(classes)); }
};

struct Arm {
  std::string name;
  CompletionFigures retain, forget;
};

Arm judge(const Bench& bench, const std::string& name, const data::RowMatrix& of_retain,
          const data::RowMatrix& of_forget) {
  const auto& region = bench.original.region;
  return {name, judge_completions(bench.retain, of_retain, region, bench.classifier),
          judge_completions(bench.forget, of_forget, region, bench.classifier)};
}

Arm judge(const Bench& bench, const std::string& name, const CompletionModel& model) {
  return judge(bench, name, complete_all(model, bench.retain), complete_all(model, bench.forget));
}

std::vector<Arm> run_arms(const Bench& bench, const DemoOptions& options, ToolReport& report) {
  const std::string at = ", seed " + std::to_string(bench.seed);
  const data::RowMatrix retain = bench.images({0, 1, 2, 3}), forget = bench.images({7, 8, 9}),
                        proxy = bench.images({4, 5, 6});
  const CompletionForgetting standard{.seed = bench.seed};
  std::vector<Arm> arms{judge(bench, "original", bench.original),
                        judge(bench, "noise completed",
                              noise_completions(bench.original, bench.retain, bench.seed),
                              noise_completions(bench.original, bench.forget, bench.seed))};
  options.say("forgetting" + at);
  const CompletionModel ours = forget_completions(bench.original, retain, forget, standard);
  arms.push_back(judge(bench, "encoder towards noise", ours));
  arms.push_back(
      judge(bench, "the same, 4-6 for 0-3", forget_completions(bench.original, proxy, forget, standard)));
  CompletionForgetting random = standard;
  random.target = ForgetTarget::random_embeddings;
  arms.push_back(judge(bench, "random encoder", forget_completions(bench.original, retain, forget, random)));
  const std::pair<const char*, CompletionBaseline> baselines[] = {
      {"max loss", CompletionBaseline::max_loss},
      {"noise label", CompletionBaseline::noise_label},
      {"retain label", CompletionBaseline::retain_label}};
  for (const auto& [name, baseline] : baselines) {
    options.say(name + at);
    arms.push_back(
        judge(bench, name, forget_by_baseline(bench.original, retain, forget, baseline, standard)));
  }
  if (report.images.empty())
    add_completion_pictures(bench.original, ours, bench.retain, bench.forget, report);
  return arms;
}

void add_claims(const std::vector<Arm>& arms, std::uint64_t seed, ToolReport& report) {
  const Arm &original = arms[0], &ours = arms[2], &proxy = arms[3], &random = arms[4], &max_loss = arms[5];
  const std::string at = ", seed " + std::to_string(seed);
  auto& claims = report.claims;
  claims.push_back(
      at_most("retained: error / original's" + at, ours.retain.error / original.retain.error, 1.15));
  claims.push_back(
      at_least("forgotten: error / original's" + at, ours.forget.error / original.forget.error, 1.8));
  claims.push_back(
      at_least("forgotten: error / random encoder's" + at, ours.forget.error / random.forget.error, 1));
  claims.push_back(at_least("forgotten: Frechet distance / original's" + at,
                            ours.forget.frechet / original.forget.frechet, 4));
  // How far it goes depends on what the original makes of noise: of seeds 1 to 12 the share that is
  // recognised falls by 0.09 to 0.27 (two of them below the 0.1 of the first trials), since many digits are
  // known by what is not hidden; with the proxy the retained error is 1.32 to 1.68 times the original's (two
  // above 1.6).
  claims.push_back(at_least("forgotten: recognised, fall" + at,
                            original.forget.recognised - ours.forget.recognised, 0.07));
  claims.push_back(
      at_most("proxy, retained: error / original's" + at, proxy.retain.error / original.retain.error, 1.75));
  claims.push_back(
      at_least("proxy, forgotten: error / original's" + at, proxy.forget.error / original.forget.error, 1.8));
  claims.push_back(at_least("max loss, retained: error / original's" + at,
                            max_loss.retain.error / original.retain.error, 2));
}

} // namespace

ToolReport image_to_image_unlearning_demo(const DemoOptions& options) {
  const Seeds seeds = options.seeds_or({1, 2, 3});
  ToolReport report{.title = "A completer of digits forgets 7, 8 and 9"};
  report.paragraphs.push_back(
      "A masked autoencoder fills in the middle of digits. Its encoder alone is trained until it takes 7, 8 "
      "and "
      "9 for noise, and 0 to 3 for what they were; 4 to 6 are in neither set. Figures are of test digits: "
      "the "
      "mean square error of the hidden pixels, the Frechet distance between features of completed and true "
      "images, and the share whose completion a classifier still takes for the right digit.");
  report.paragraphs.push_back(
      "Many digits are recognised by what is not hidden. The two labels as targets do as well at this "
      "size; they train the decoder too.");
  Table table{{{"seed"},
               {"arm"},
               {"retained: error"},
               {"forgotten: error"},
               {"retained: Frechet"},
               {"forgotten: Frechet"},
               {"retained: recognised"},
               {"forgotten: recognised"}},
              {}};
  for (const std::uint64_t seed : seeds) {
    options.say("training, seed " + std::to_string(seed));
    auto split = data::digits_split(training_digits, test_digits, seed);
    const Bench bench({data::pool(split.training, 14, 14), data::pool(split.held_out, 14, 14)}, seed);
    const auto arms = run_arms(bench, options, report);
    for (const Arm& arm : arms)
      table.rows.push_back({seed, arm.name, Cell::fixed(arm.retain.error, 3),
                            Cell::fixed(arm.forget.error, 3), Cell::fixed(arm.retain.frechet, 2),
                            Cell::fixed(arm.forget.frechet, 2), Cell::fixed(arm.retain.recognised, 3),
                            Cell::fixed(arm.forget.recognised, 3)});
    add_claims(arms, seed, report);
  }
  report.tables.push_back({"arms", "Digits 7-9 forgotten, 0-3 retained", table});
  return report;
}

} // namespace raphson::optim::tools
