#include "optim/tools/solvers/completion_report.h"

#include "optim/data/png_image.h"
#include "optim/engine/pca.h"

#include <algorithm>

namespace raphson::optim::tools {

using Eigen::Index;

namespace {

constexpr Index shown = 8, points = 300; // of each set

JudgedImages first(const JudgedImages& all, Index count) {
  count = std::min(count, all.images.rows());
  const auto size = static_cast<std::ptrdiff_t>(count);
  return {all.images.topRows(count),
          {all.labels.begin(), all.labels.begin() + size},
          {all.places.begin(), all.places.begin() + size}};
}

// Five lines of images.
data::RowMatrix lines_of(const CompletionModel& before, const CompletionModel& after,
                         const JudgedImages& set) {
  const auto& region = before.region;
  const auto filled = [&](const data::RowMatrix& inside) {
    return region.filled(set.images, inside, set.places);
  };
  data::RowMatrix lines(5 * set.images.rows(), set.images.cols());
  lines << set.images, region.masked(set.images, set.places), filled(complete_all(before, set)),
      filled(complete_all(after, set)), filled(noise_completions(before, set, 1));
  return lines;
}

std::string grid(const CompletionModel& before, const CompletionModel& after, const JudgedImages& set) {
  data::Dataset sheet;
  sheet.features = lines_of(before, after, set);
  sheet.image_rows = before.region.image_rows();
  sheet.image_columns = before.region.image_columns();
  return data::png_bytes(
      data::grey_image(data::contact_sheet(sheet, static_cast<int>(set.images.rows())), 4));
}

report::NamedFigure embeddings_figure(const CompletionModel& before, const CompletionModel& after,
                                      const JudgedImages& retain, const JudgedImages& forget) {
  const auto& region = before.region;
  const auto embed = [&](const CompletionModel& model, const data::RowMatrix& images,
                         const JudgedImages& set) {
    return CostMatrix(model.embeddings(region.masked(images, set.places)).cast<double>());
  };
  const data::RowMatrix noise = noise_images_like(forget, 1);
  const std::pair<const char*, CostMatrix> sets[] = {
      {"retained, after", embed(after, retain.images, retain)},
      {"forgotten, before", embed(before, forget.images, forget)},
      {"forgotten, after", embed(after, forget.images, forget)},
      {"noise", embed(before, noise, forget)}};
  Index rows = 0;
  for (const auto& [name, embeddings] : sets) rows += embeddings.rows();
  CostMatrix all(rows, before.embedding());
  rows = 0;
  for (const auto& [name, embeddings] : sets) {
    all.middleRows(rows, embeddings.rows()) = embeddings;
    rows += embeddings.rows();
  }
  const PrincipalAxes axes = principal_axes(all, std::min<Index>(2, before.embedding()));
  report::Plot plot{"", {"First axis"}, {"Second axis"}, {}};
  for (const auto& [name, embeddings] : sets) {
    const CostMatrix at = axes.project(embeddings);
    report::Series series{name, {}, {}, {.mark = report::Mark::markers, .width = 3, .opacity = 0.6}};
    for (Index i = 0; i < at.rows(); ++i) {
      series.x.push_back(at(i, 0));
      series.y.push_back(at.cols() > 1 ? at(i, 1) : 0);
    }
    plot.series.push_back(std::move(series));
  }
  return {"embeddings", {{plot}, {640, 520}, "Embeddings on their two principal axes"}};
}

} // namespace

void add_completion_pictures(const CompletionModel& before, const CompletionModel& after,
                             const JudgedImages& retain, const JudgedImages& forget,
                             report::ToolReport& report) {
  const char* const lines = "line by line: the image, what the model sees, completed before, after, and the "
                            "completion of noise";
  report.images.push_back(
      {"forgotten", grid(before, after, first(forget, shown)), std::string("Forgotten images; ") + lines});
  report.images.push_back(
      {"retained", grid(before, after, first(retain, shown)), std::string("Retained images; ") + lines});
  report.figures.push_back(embeddings_figure(before, after, first(retain, points), first(forget, points)));
}

report::Table completion_table(const CompletionModel& before, const CompletionModel& after,
                               const std::vector<JudgedGroup>& groups, const ImageClassifier& classifier) {
  using report::Cell;
  report::Table table{{{"group"},
                       {"use"},
                       {"images"},
                       {"error before"},
                       {"error after"},
                       {"Frechet before"},
                       {"Frechet after"},
                       {"recognised before"},
                       {"recognised after"},
                       {"distance to noise before"},
                       {"distance to noise after"}},
                      {}};
  const auto& region = before.region;
  for (const JudgedGroup& group : groups) {
    const JudgedImages& set = group.images;
    const auto figures = [&](const CompletionModel& model) {
      return judge_completions(set, complete_all(model, set), region, classifier);
    };
    const FloatRows noise = before.embeddings(region.masked(noise_images_like(set, 1), set.places));
    const auto distance = [&](const CompletionModel& model) {
      return static_cast<double>(
          (model.embeddings(region.masked(set.images, set.places)) - noise).array().square().mean());
    };
    const CompletionFigures b = figures(before), a = figures(after);
    table.rows.push_back({group.name, group.use, set.images.rows(), Cell::fixed(b.error, 4),
                          Cell::fixed(a.error, 4), b.frechet, a.frechet, Cell::fixed(b.recognised, 3),
                          Cell::fixed(a.recognised, 3), distance(before), distance(after)});
  }
  return table;
}

} // namespace raphson::optim::tools
