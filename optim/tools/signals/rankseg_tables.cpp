#include "optim/tools/signals/rankseg_tables.h"

#include "optim/data/png_image.h"
#include "optim/report/scene_panels.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace raphson::optim::tools {
namespace {

using report::Cell;

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// The mean over the maps that `counts`; NaN where none does.
double mean_of(const std::vector<SampleResult>& results, const std::function<double(const SampleResult&)>& f,
               const std::function<bool(const SampleResult&)>& counts) {
  double sum = 0, number = 0;
  for (const SampleResult& r : results)
    if (counts(r)) {
      sum += f(r);
      number += 1;
    }
  return number > 0 ? sum / number : not_a_number;
}

/// Of exclusive pairs only class 1 has a mask of its own.
bool has_cut_off(const ClassResult& r, std::size_t c, std::size_t classes, bool exclusive) {
  return r.set.count > 0 && !(exclusive && classes == 2 && c == 0);
}

std::vector<report::Column> columns_of(const TableOptions& o, bool means) {
  const std::string metric = name_of(o.metric), plain = o.plain_name();
  std::vector<report::Column> columns{{"class"}};
  if (o.exclusive) columns.push_back({"t*"});
  for (const std::string& name : {std::string("kept"), std::string("cut-off"), std::string("predicted"),
                                  "kept, " + plain, "predicted, " + plain})
    columns.push_back({name});
  if (o.truth)
    for (const std::string& name : {"achieved " + metric, "achieved, " + plain}) columns.push_back({name});
  if (o.truth && means) columns.push_back({"maps with it"});
  if (o.exact)
    for (const char* name : {"V(t*)", "best V", "kept, best V", "V, p > 0.5"}) columns.push_back({name});
  return columns;
}

} // namespace

void add_values(const ProbabilityMaps& maps, const std::vector<SampleResult>& results,
                const TableOptions& options, report::ToolReport& out) {
  const std::string metric = name_of(options.metric);
  out.values = {{"maps", maps.samples},
                {"classes", maps.class_names.size()},
                {"pixels a map", static_cast<long>(maps.pixels())}};
  std::size_t empty = 0;
  for (const SampleResult& r : results)
    empty += static_cast<std::size_t>(std::count_if(r.classes.begin(), r.classes.end(),
                                                    [](const ClassResult& c) { return c.set.count == 0; }));
  out.values.emplace_back("classes pruned, of all maps", empty);
  if (!options.truth) return;
  const auto known = [](const SampleResult& r) { return !std::isnan(r.achieved); };
  const double rma = mean_of(
      results, [](const SampleResult& r) { return r.achieved; }, known);
  const double plain = mean_of(
      results, [](const SampleResult& r) { return r.plain_achieved; }, known);
  out.values.emplace_back("achieved " + metric + ", mean of the maps", rma);
  out.values.emplace_back(std::string("achieved by ") + options.plain_name(), plain);
  out.values.emplace_back("gain", rma - plain);
}

report::NamedTable class_table(const ProbabilityMaps& maps, const std::vector<SampleResult>& results,
                               const TableOptions& o) {
  report::Table table{columns_of(o, true), {}};
  const std::size_t classes = maps.class_names.size();
  for (std::size_t c = 0; c < classes; ++c) {
    const auto mean =
        [&](
            const std::function<double(const ClassResult&)>& f,
            const std::function<bool(const ClassResult&)>& counts = [](const ClassResult&) { return true; }) {
          return mean_of(
              results, [&](const SampleResult& r) { return f(r.classes[c]); },
              [&](const SampleResult& r) { return counts(r.classes[c]); });
        };
    const auto in_truth = [](const ClassResult& r) { return r.in_truth; };
    const auto chosen = [&](const ClassResult& r) { return has_cut_off(r, c, classes, o.exclusive); };
    std::vector<Cell> row{maps.class_names[c]};
    if (o.exclusive)
      row.push_back(mean([](const ClassResult& r) { return static_cast<double>(r.set.count); }, chosen));
    row.push_back(mean([](const ClassResult& r) { return r.rma.kept; }));
    row.push_back(mean([](const ClassResult& r) { return r.set.cut_off; }, chosen));
    row.push_back(mean([](const ClassResult& r) { return r.rma.predicted; }));
    row.push_back(mean([](const ClassResult& r) { return r.plain.kept; }));
    row.push_back(mean([](const ClassResult& r) { return r.plain.predicted; }));
    if (o.truth) {
      row.push_back(mean([](const ClassResult& r) { return r.rma.achieved; }, in_truth));
      row.push_back(mean([](const ClassResult& r) { return r.plain.achieved; }, in_truth));
      row.push_back(std::count_if(results.begin(), results.end(),
                                  [&](const SampleResult& r) { return r.classes[c].in_truth; }));
    }
    if (o.exact) {
      row.push_back(mean([](const ClassResult& r) { return r.exact.rma; }));
      row.push_back(mean([](const ClassResult& r) { return r.exact.best; }));
      row.push_back(mean([](const ClassResult& r) { return static_cast<double>(r.exact.best_count); }));
      row.push_back(mean([](const ClassResult& r) { return r.exact.half; }));
    }
    table.rows.push_back(std::move(row));
  }
  std::string caption = maps.samples > 1 ? "Each class, means over the maps" : "Each class";
  if (o.exclusive && classes > 2)
    caption += o.exact ? "; t*, cut-off and V before classes contest pixels"
                       : "; t* and cut-off before classes contest pixels";
  return {"classes", caption, table};
}

report::ResultFile sample_file(const ProbabilityMaps& maps, const std::vector<SampleResult>& results,
                               const TableOptions& o) {
  report::Table table{columns_of(o, false), {}};
  table.columns.insert(table.columns.begin(), {"map"});
  const std::size_t classes = maps.class_names.size();
  for (std::size_t i = 0; i < results.size(); ++i)
    for (std::size_t c = 0; c < classes; ++c) {
      const ClassResult& r = results[i].classes[c];
      const bool chosen = has_cut_off(r, c, classes, o.exclusive);
      std::vector<Cell> row{i, maps.class_names[c]};
      if (o.exclusive) row.emplace_back(chosen ? static_cast<double>(r.set.count) : not_a_number);
      for (const double value : {r.rma.kept, chosen ? r.set.cut_off : not_a_number, r.rma.predicted,
                                 r.plain.kept, r.plain.predicted})
        row.emplace_back(value);
      if (o.truth)
        for (const double value : {r.rma.achieved, r.plain.achieved})
          row.emplace_back(r.in_truth ? value : not_a_number);
      if (o.exact)
        for (const double value :
             {r.exact.rma, r.exact.best, static_cast<double>(r.exact.best_count), r.exact.half})
          row.emplace_back(value);
      table.rows.push_back(std::move(row));
    }
  return {"maps.csv", report::to_csv(table)};
}

report::NamedImage mask_picture(const ProbabilityMaps& maps, const SampleResult& first,
                                const std::vector<ClassMasks>& truth) {
  Eigen::Index shown = 0, most = 0;
  for (Eigen::Index c = maps.classes() > 1 ? 1 : 0; c < maps.classes(); ++c) { // class 0 is the background
    const Eigen::Index pixels = (first.masks.row(c).array() != 0).count();
    if (pixels <= most) continue;
    most = pixels;
    shown = c;
  }
  const auto rows = static_cast<Eigen::Index>(maps.shape[0]),
             columns = static_cast<Eigen::Index>(maps.shape[1]);
  std::vector<report::ScenePanel> panels;
  const auto add = [&](const std::string& caption, const data::RowMatrix& levels) {
    panels.push_back({.caption = caption,
                      .x = {0, static_cast<double>(columns)},
                      .y = {0, static_cast<double>(rows)},
                      .png = data::png_bytes(data::grey_image(
                          Eigen::Map<const data::RowMatrix>(levels.data(), rows, columns)))});
  };
  add("probability", maps.sample(0).row(shown));
  add(first.labels.empty() ? "p > 0.5" : "argmax", first.plain.row(shown).cast<double>());
  add("RankSEG-RMA", first.masks.row(shown).cast<double>());
  if (!truth.empty()) add("truth", truth.front().row(shown).cast<double>().cwiseMin(1));
  const auto width = static_cast<int>(std::clamp<Eigen::Index>(420 * columns / rows, 90, 210));
  return {"masks", report::panels_svg(panels, width, 4),
          "Class " + maps.class_names[static_cast<std::size_t>(shown)]
              + (maps.samples > 1 ? " of the first map" : "")};
}

} // namespace raphson::optim::tools
