#include "optim/tools/solvers/goracs_report.h"

#include "optim/engine/distances.h"
#include "optim/engine/pca.h"
#include "optim/engine/random.h"

#include <algorithm>
#include <numeric>

namespace raphson::optim::tools {
namespace {

using report::Cell;
using report::Table;
using report::ToolReport;

double lambda_of(const GoracsInput& input) { return input.gradient_norms.size() == 0 ? 0 : input.lambda; }

CostMatrix costs_of(const GoracsInput& input) {
  return goracs_costs(input.pool, input.validation, input.gradient_norms, lambda_of(input), input.threads);
}

struct Figures {
  double j = 0, raw = 0;
};

// J, and the transport in the units of the embedding.
Figures figures_of(const GoracsInput& input, const CostMatrix& cost, const Rows& rows) {
  const CostMatrix chosen = input.pool(rows, Eigen::all);
  return {goracs_objective(cost, rows), uniform_transport(distances(chosen, input.validation)).cost};
}

Figures mean_of_random(const GoracsInput& input, const CostMatrix& cost, std::size_t n) {
  constexpr int sets = 20;
  RandomStream random(input.seed, "goracs random sets");
  Figures mean;
  for (int k = 0; k < sets; ++k) {
    Rows rows(static_cast<std::size_t>(cost.rows()));
    std::iota(rows.begin(), rows.end(), 0);
    random.shuffle(rows);
    rows.resize(n);
    const auto figures = figures_of(input, cost, rows);
    mean.j += figures.j / sets;
    mean.raw += figures.raw / sets;
  }
  return mean;
}

std::string listed(const Rows& rows) {
  std::string list;
  for (const int row : rows) list += (list.empty() ? "" : " ") + std::to_string(row + 1);
  return list;
}

// `serves`: the validation rows by number, or how many they are.
Table selected_table(const GoracsInput& input, const Rows& rows, const std::vector<ServedRows>& served,
                     bool by_number) {
  Table table{{{"row"}}, {}};
  const bool classes = !input.classes.names.empty(), names = !input.row_names.empty();
  if (names) table.columns.push_back({"name"});
  if (classes) table.columns.push_back({"class"});
  table.columns.push_back({"nearest_share"});
  table.columns.push_back({"serves"});
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const auto row = static_cast<std::size_t>(rows[k]);
    const Rows& validation = served[k].validation;
    std::vector<Cell> cells{row + 1};
    if (names) cells.push_back(input.row_names[row]);
    if (classes) cells.push_back(input.classes.names[static_cast<std::size_t>(input.classes.pool[row])]);
    cells.push_back(served[k].nearest_share);
    cells.push_back(by_number ? Cell(listed(validation)) : Cell(validation.size()));
    table.rows.push_back(std::move(cells));
  }
  return table;
}

void add_rows(const GoracsInput& input, const CostMatrix& cost, const Rows& rows, ToolReport& out) {
  const auto served = served_rows(cost, rows);
  out.tables.push_back(
      {"rows",
       "The rows, from 1, the share of validation rows that lie nearest to each, and how many it "
       "serves in the transport (selected.csv has their numbers)",
       selected_table(input, rows, served, false)});
  out.files.push_back({"selected.csv", to_csv(selected_table(input, rows, served, true))});
}

report::Series points(const CostMatrix& rows, const std::string& name, report::Colour colour, double width) {
  report::Series series{name, {}, {}, {.mark = report::Mark::markers, .colour = colour, .width = width}};
  for (const auto& row : rows.rowwise()) {
    series.x.push_back(row[0]);
    series.y.push_back(row[1]);
  }
  return series;
}

void add_map(const GoracsInput& input, const Rows& rows, ToolReport& out) {
  if (input.pool.cols() < 2 || input.pool.rows() < 2) return;
  const auto axes = principal_axes(input.pool, 2);
  const CostMatrix pool = axes.project(input.pool);
  using report::Colour;
  const report::Plot plot{"",
                          {"First principal axis"},
                          {"Second"},
                          {points(pool, "pool", Colour::neutral, 3),
                           points(axes.project(input.validation), "validation", Colour::orange, 4),
                           points(pool(rows, Eigen::all), "chosen", Colour::blue, 6)}};
  out.figures.push_back({"map", {{plot}, {640, 480}, "The embedding in its first two principal axes"}});
}

void add_figures(const GoracsInput& input, const CostMatrix& cost, const Rows& rows, ToolReport& out) {
  const auto ours = figures_of(input, cost, rows), random = mean_of_random(input, cost, rows.size());
  out.tables.push_back(
      {"figures",
       "J = transport over the largest distance, less lambda times the mean gradient norm; and "
       "the transport alone in the units of the embedding",
       {{{"rows"}, {"J"}, {"transport"}},
        {{"these " + std::to_string(rows.size()), ours.j, ours.raw},
         {"random, mean of 20 sets", random.j, random.raw}}}});
  out.values.push_back({"J", ours.j});
  out.values.push_back({"J of random sets", random.j});
}

report::Plot stages_plot(const std::vector<std::pair<std::string, GoracsSelection>>& parts) {
  report::Plot plot{"", {"Exchanges", "", report::Scale::count, {}}, {"J"}, {}};
  for (const auto& [name, selection] : parts) {
    report::Series series{name, {}, selection.objective, {}};
    for (std::size_t k = 0; k < selection.objective.size(); ++k) series.x.push_back(static_cast<double>(k));
    plot.series.push_back(std::move(series));
  }
  return plot;
}

} // namespace

std::vector<ServedRows> served_rows(const CostMatrix& cost, const Rows& rows) {
  const CostMatrix chosen = cost(rows, Eigen::all);
  std::vector<ServedRows> served(rows.size());
  for (Eigen::Index v = 0; v < chosen.cols(); ++v) {
    Eigen::Index nearest = 0;
    chosen.col(v).minCoeff(&nearest);
    served[static_cast<std::size_t>(nearest)].nearest_share += 1.0 / static_cast<double>(chosen.cols());
  }
  for (const auto& cell : uniform_transport(chosen).cells) {
    if (cell.mass > 0) served[static_cast<std::size_t>(cell.source)].validation.push_back(cell.target);
  }
  return served;
}

ToolReport goracs_report(const GoracsInput& input, int n, const GoracsOptions& options) {
  const CostMatrix cost = costs_of(input);
  Rows rows;
  std::vector<std::pair<std::string, GoracsSelection>> parts;
  if (input.classes.names.empty()) {
    parts.push_back({"all", goracs(cost, n, options)});
    rows = parts.front().second.rows;
  } else {
    const auto selection = goracs_by_class(cost, input.classes, n, options);
    rows = selection.rows;
    for (const auto& part : selection.classes) {
      parts.push_back({input.classes.names[static_cast<std::size_t>(part.label)], part.selection});
    }
  }
  ToolReport out{.title = std::to_string(n) + " rows of " + std::to_string(cost.rows())};
  out.paragraphs.push_back(
      "The rows of selected.csv stand together for the validation rows: of the sets that greedy "
      "choice and exchanges came to, theirs is the least transport to them"
      + std::string(lambda_of(input) > 0 ? ", less lambda times their mean gradient norm." : "."));
  add_figures(input, cost, rows, out);
  Table stages{{{"class"}, {"rows"}, {"J, greedy"}, {"J, refined"}, {"exchanges"}, {"transports solved"}},
               {}};
  for (const auto& [name, s] : parts) {
    stages.rows.push_back({name, s.rows.size(), s.greedy, s.refined, s.exchanges, s.transports});
  }
  out.tables.push_back({"stages", "The two stages", stages});
  add_rows(input, cost, rows, out);
  add_map(input, rows, out);
  out.figures.push_back({"exchanges", {{stages_plot(parts)}, {640, 320}, "J over the exchanges"}});
  return out;
}

ToolReport goracs_evaluation(const GoracsInput& input, const Rows& rows) {
  const CostMatrix cost = costs_of(input);
  ToolReport out{.title =
                     "A set of " + std::to_string(rows.size()) + " rows of " + std::to_string(cost.rows())};
  add_figures(input, cost, rows, out);
  add_rows(input, cost, rows, out);
  add_map(input, rows, out);
  return out;
}

} // namespace raphson::optim::tools
