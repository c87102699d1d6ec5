#include "optim/tools/signals/rankseg_report.h"

#include "dsp/error.h"
#include "optim/engine/parallel.h"
#include "optim/tools/signals/rankseg_exact.h"
#include "optim/tools/signals/rankseg_tables.h"

#include <algorithm>
#include <atomic>
#include <cmath>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;
using report::ToolReport;

SetFigures figures_of(std::span<const double> p, const std::uint8_t* mask, double total,
                      OverlapMetric metric) {
  SetFigures figures;
  for (std::size_t j = 0; j < p.size(); ++j) {
    figures.kept += mask[j];
    figures.sum += mask[j] != 0 ? p[j] : 0;
  }
  figures.predicted = rma_score(metric, figures.kept, figures.sum, total);
  return figures;
}

ExactFigures exact_figures(std::span<const double> p, const TopSet& set, OverlapMetric metric) {
  const std::vector<double> order = ranked(p), curve = exact_curve(order, metric);
  ExactFigures figures{.best_count = best_count(curve)};
  const auto half = static_cast<std::size_t>(
      std::count_if(order.begin(), order.end(), [](double value) { return value > 0.5; }));
  const auto at = [&](std::size_t t) { return t == 0 ? 0 : curve[t - 1]; };
  figures.best = at(figures.best_count);
  figures.rma = at(set.count);
  figures.half = at(half);
  return figures;
}

SampleResult result_of(const Probabilities& p, const ClassMasks* truth, const RankSegRun& run) {
  const RankSegOptions& o = run.options;
  const ChosenMasks chosen = choose_masks(p, o);
  SampleResult result{.classes = std::vector<ClassResult>(static_cast<std::size_t>(p.rows()))};
  if (run.exclusive) {
    result.labels = exclusive_labels(p, chosen, o);
    result.masks = masks_of(result.labels, p.rows());
    result.plain = masks_of(most_probable(p), p.rows());
  } else {
    result.masks = chosen.masks;
    result.plain = above_half(p);
  }
  for (Index c = 0; c < p.rows(); ++c) {
    ClassResult& r = result.classes[static_cast<std::size_t>(c)];
    r.set = chosen.sets[static_cast<std::size_t>(c)];
    r.rma = figures_of(row_of(p, c), result.masks.row(c).data(), r.set.total, o.metric);
    r.plain = figures_of(row_of(p, c), result.plain.row(c).data(), r.set.total, o.metric);
    if (run.exact) r.exact = exact_figures(row_of(p, c), r.set, o.metric);
    if (truth == nullptr) continue;
    const Achieved achieved = compare(result.masks.row(c).data(), truth->row(c).data(), p.cols());
    r.in_truth = achieved.truth > 0;
    r.rma.achieved = achieved.score(o.metric);
    r.plain.achieved = compare(result.plain.row(c).data(), truth->row(c).data(), p.cols()).score(o.metric);
  }
  if (truth != nullptr) {
    result.achieved = mean_over_classes(result.masks, *truth, o.metric);
    result.plain_achieved = mean_over_classes(result.plain, *truth, o.metric);
  }
  return result;
}

std::vector<SampleResult> results_of(const ProbabilityMaps& maps, const RankSegRun& run) {
  std::vector<SampleResult> results(maps.samples);
  std::atomic<std::size_t> done{0};
  parallel_for(maps.samples, run.threads, [&](std::size_t i, std::size_t thread) {
    results[i] = result_of(maps.sample(i), run.truth.empty() ? nullptr : &run.truth[i], run);
    ++done;
    if (thread == 0 && run.progress)
      run.progress("map " + std::to_string(done) + " of " + std::to_string(maps.samples));
  });
  return results;
}

/// A line where the probabilities of pixels do not sum to 1. Grey levels are rounded, by half a step a class.
void warn_of_sums(const ProbabilityMaps& maps, ToolReport& out) {
  const double rounding =
      maps.source == ProbabilityMaps::Source::png ? static_cast<double>(maps.classes()) * 0.5 / 255 : 0;
  std::size_t off = 0;
  double worst = 0;
  for (std::size_t i = 0; i < maps.samples; ++i)
    for (const double sum : maps.sample(i).colwise().sum()) {
      if (std::abs(sum - 1) <= 1e-3 + rounding) continue;
      ++off;
      if (std::abs(sum - 1) > std::abs(worst - 1) || off == 1) worst = sum;
    }
  if (off == 0) return;
  const std::string pixels = off == 1
                                 ? "one pixel do not sum to 1 over the classes, but to "
                                 : std::to_string(off) + " pixels do not sum to 1 over the classes, one to ";
  out.warnings.push_back("the probabilities of " + pixels + report::Cell(worst).text
                         + ": where classes may overlap, --mode overlap is meant");
}

/// What of a truth does not count, and classes that it has nowhere.
void warn_of_truth(const ProbabilityMaps& maps, const std::vector<ClassMasks>& truth, ToolReport& out) {
  Index left_out = 0;
  std::vector<bool> present(maps.class_names.size(), false);
  for (const ClassMasks& masks : truth) {
    left_out += (masks.array() == ignored).colwise().any().count();
    for (Index c = 0; c < maps.classes(); ++c)
      if ((masks.row(c).array() == 1).any()) present[static_cast<std::size_t>(c)] = true;
  }
  if (left_out > 0)
    out.warnings.push_back(
        std::to_string(left_out) + " of " + std::to_string(maps.pixels() * static_cast<Index>(maps.samples))
        + " pixels of the truth are " + std::to_string(ignored_label(maps.classes())) + " and do not count");
  std::string absent;
  for (std::size_t c = 0; c < present.size(); ++c)
    if (!present[c]) absent += (absent.empty() ? "" : ", ") + maps.class_names[c];
  if (!absent.empty())
    out.warnings.push_back("the truth has no pixel of class " + absent + ": nothing is achieved there");
}

/// Of exclusive classes argmax is what is compared with; its pixels are no top set, but their number is
/// drawn.
PlainMark plain_mark(const SampleResult& result, std::size_t c, bool exclusive) {
  if (!exclusive) return {};
  return {"argmax's number", static_cast<std::size_t>(result.classes[c].plain.kept)};
}

void add_curves(const ProbabilityMaps& maps, const RankSegRun& run, const SampleResult& first,
                ToolReport& out) {
  constexpr std::size_t most_plots = 4;
  report::NamedFigure figure{"expected-overlap", {{}, {880, 0}, ""}};
  for (std::size_t c = run.exclusive && first.classes.size() == 2 ? 1 : 0;
       c < first.classes.size() && figure.figure.plots.size() < most_plots; ++c)
    if (first.classes[c].set.count > 0)
      figure.figure.plots.push_back(
          rankseg_plot(row_of(maps.sample(0), static_cast<Index>(c)), run.options.metric, run.exact,
                       "Class " + maps.class_names[c], plain_mark(first, c, run.exclusive)));
  figure.figure.size.height = 300 * static_cast<int>(figure.figure.plots.size());
  figure.figure.caption = std::string("Expected ") + name_of(run.options.metric)
                          + (maps.samples > 1 ? " of the first map" : "")
                          + " by how many of the most probable pixels are kept"
                          + (run.exclusive && maps.classes() > 2 ? ", before classes contest pixels" : "");
  if (!figure.figure.plots.empty()) out.figures.push_back(std::move(figure));
}

} // namespace

report::Plot rankseg_plot(std::span<const double> p, OverlapMetric metric, bool exact,
                          const std::string& title, const PlainMark& plain) {
  using report::Colour;
  const std::vector<double> order = ranked(p), curve = rma_curve(order, metric);
  std::vector<double> count;
  for (std::size_t t = 1; t <= curve.size(); ++t) count.push_back(static_cast<double>(t));
  const auto mark = [&](const std::string& name, std::size_t t, Colour colour) {
    return report::Series{.name = name,
                          .x = {static_cast<double>(t)},
                          .y = {t == 0 ? 0 : curve[t - 1]},
                          .style = {.mark = report::Mark::markers, .colour = colour, .width = 9}};
  };
  const auto half = static_cast<std::size_t>(
      std::count_if(order.begin(), order.end(), [](double value) { return value > 0.5; }));
  report::Plot plot{title, {"Pixels kept", "", report::Scale::count}, {name_of(metric), ""}, {}};
  plot.series.push_back({.name = "W(t)", .x = count, .y = curve, .style = {.colour = Colour::blue}});
  if (exact)
    plot.series.push_back({.name = "V(t), exact",
                           .x = count,
                           .y = exact_curve(order, metric),
                           .style = {.colour = Colour::neutral, .dash = report::Dash::dashed}});
  plot.series.push_back(mark("t*", best_top_set(p, metric, 0).count, Colour::orange));
  plot.series.push_back(mark(plain.name, plain.count.value_or(half), Colour::purple));
  return plot;
}

ToolReport rankseg_report(const ProbabilityMaps& maps, const RankSegRun& run) {
  if (run.exclusive && maps.classes() < 2)
    throw InputError(maps.name
                     + ": --mode exclusive with one class; of one class its mask is asked for, "
                       "--mode overlap");
  if (run.exact && maps.pixels() > static_cast<Index>(most_exact_pixels))
    throw InputError("--exact: " + std::to_string(maps.pixels()) + " pixels a map, at most "
                     + std::to_string(most_exact_pixels) + " take a bearable time");
  const std::vector<SampleResult> results = results_of(maps, run);
  ToolReport out{.title = std::string("Masks of the largest expected ") + name_of(run.options.metric)};
  const TableOptions options{run.options.metric, run.exclusive, run.exact, !run.truth.empty()};
  add_values(maps, results, options, out);
  out.tables.push_back(class_table(maps, results, options));
  out.files.push_back(sample_file(maps, results, options));
  if (run.exclusive) warn_of_sums(maps, out);
  if (!run.truth.empty()) warn_of_truth(maps, run.truth, out);
  if (!run.truth.empty() && maps.samples < 10)
    out.paragraphs.push_back("The masks are the best of the expectation. On "
                             + std::string(maps.samples == 1 ? "a single map" : "so few maps")
                             + " either rule may be ahead; it is the mean of many that gains.");
  add_curves(maps, run, results.front(), out);
  if (maps.are_images()) out.images.push_back(mask_picture(maps, results.front(), run.truth));
  std::vector<ClassMasks> masks;
  std::vector<std::vector<int>> labels;
  for (const SampleResult& result : results) {
    masks.push_back(result.masks);
    labels.push_back(result.labels);
  }
  if (run.exclusive) {
    out.files.push_back(label_file(maps, labels));
  } else {
    for (auto& file : mask_files(maps, masks)) out.files.push_back(std::move(file));
  }
  return out;
}

} // namespace raphson::optim::tools
