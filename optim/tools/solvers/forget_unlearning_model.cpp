#include "optim/tools/solvers/forget_unlearning_model.h"

#include "dsp/error.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <set>

namespace raphson::optim::tools {
namespace {

using nlohmann::json;
using report::Cell;

constexpr const char* format_name = "raphson deletable model";
constexpr const char* deleted_cell = "deleted";
constexpr const char* private_text = "yes";
constexpr const char* seeded_text = "not private: seeded";

template <class T> T field(const json& file, const char* key, const std::string& name) {
  try {
    return file.at(key).get<T>();
  } catch (const json::exception&) {
    throw InputError(name + ": the field \"" + key + "\" is missing or of another type");
  }
}

double finite(double value, const char* key, const std::string& name) {
  if (std::isfinite(value)) return value;
  throw InputError(name + ": \"" + key + "\" must be a finite number");
}

DeletionLoss loss_named(const std::string& text, const std::string& name) {
  for (const auto loss : {DeletionLoss::logistic, DeletionLoss::huber, DeletionLoss::mean}) {
    if (text == to_string(loss)) return loss;
  }
  throw InputError(name + ": \"loss\" is " + text + "; it must be logistic, huber or mean");
}

bool is_deleted(const data::CsvTable& table, std::size_t row) {
  return table.text(row, table.columns().front()) == deleted_cell;
}

void check_model(const DeletableModel& model, const std::string& name) {
  const auto expect = [&](bool right, const char* what) {
    if (!right) throw InputError(name + ": " + what);
  };
  expect(model.ranges.size() == model.features.size(), "\"ranges\" must have one for each of \"features\"");
  expect(model.theta.size() == model.parameters(),
         "\"theta\" must have one value a feature and one for the intercept");
  expect(model.theta.allFinite(), "\"theta\" must be finite numbers");
  expect(model.slots > 0 && model.releases > 0, "\"slots\" and \"releases\" must be above 0");
  expect((model.options.loss == DeletionLoss::logistic) == (model.classes.size() == 2),
         "\"classes\" must be two for the loss logistic and none otherwise");
}

} // namespace

std::string to_json(const DeletableModel& model) {
  const json file{{"format", format_name},
                  {"version", 1},
                  {"private", model.seeded ? seeded_text : private_text},
                  {"loss", to_string(model.options.loss)},
                  {"order", model.options.order},
                  {"epsilon_dp", model.options.epsilon_dp},
                  {"epsilon_dd", model.options.epsilon_dd},
                  {"max_edit", model.options.max_edit},
                  {"lambda", model.options.lambda},
                  {"slots", model.slots},
                  {"releases", model.releases},
                  {"features", model.features},
                  {"ranges", model.ranges},
                  {"intercept", model.intercept},
                  {"target", model.target},
                  {"target_range", model.target_range},
                  {"classes", model.classes},
                  {"theta", std::vector<double>(model.theta.begin(), model.theta.end())}};
  return file.dump(2) + '\n';
}

DeletableModel parse_deletable_model(const std::string& text, const std::string& name) {
  const json file = json::parse(text, nullptr, false);
  if (!file.is_object() || file.value("format", "") != format_name) {
    throw InputError(name + ": no model of forget-unlearning learn (JSON with \"format\": \"" + format_name
                     + "\")");
  }
  if (field<int>(file, "version", name) != 1) throw InputError(name + ": \"version\" must be 1");
  const auto number = [&](const char* key) { return finite(field<double>(file, key, name), key, name); };
  DeletableModel model;
  model.options = {.loss = loss_named(field<std::string>(file, "loss", name), name),
                   .order = number("order"),
                   .epsilon_dp = number("epsilon_dp"),
                   .epsilon_dd = number("epsilon_dd"),
                   .max_edit = field<int>(file, "max_edit", name),
                   .lambda = number("lambda")};
  model.slots = field<Eigen::Index>(file, "slots", name);
  model.releases = field<int>(file, "releases", name);
  model.seeded = field<std::string>(file, "private", name) != private_text;
  model.features = field<std::vector<std::string>>(file, "features", name);
  model.ranges = field<std::vector<double>>(file, "ranges", name);
  model.intercept = number("intercept");
  model.target = field<std::string>(file, "target", name);
  model.target_range = number("target_range");
  model.classes = field<std::vector<std::string>>(file, "classes", name);
  const auto theta = field<std::vector<double>>(file, "theta", name);
  model.theta = Eigen::Map<const Vector>(theta.data(), std::ssize(theta));
  check_model(model, name);
  return model;
}

DeletableModel describe_table(const data::CsvTable& table, const std::string& name,
                              const DeletionOptions& options, const TableColumns& columns) {
  DeletableModel model{.options = options};
  const bool has_target = options.loss != DeletionLoss::mean;
  if (has_target && !table.has_column(columns.target)) {
    throw InputError(name + ": no column " + columns.target + " (--target)");
  }
  model.features = columns.features;
  for (const auto& column : columns.features) {
    if (!table.has_column(column)) throw InputError(name + ": no column " + column + " (--features)");
  }
  for (const auto& column : table.columns()) {
    if (columns.features.empty() && (!has_target || column != columns.target))
      model.features.push_back(column);
  }
  if (has_target) model.target = columns.target;
  model.slots = static_cast<Eigen::Index>(table.rows());
  model.ranges = columns.ranges;
  if (model.ranges.empty()) model.ranges = {1};
  if (model.ranges.size() == 1) model.ranges.assign(model.features.size(), model.ranges.front());
  if (model.ranges.size() != model.features.size()) {
    throw InputError("--ranges: " + std::to_string(model.ranges.size()) + " for the "
                     + std::to_string(model.features.size()) + " features of " + name
                     + "; one a feature, or one for all");
  }
  const auto above_zero = [](double range) { return range > 0 && std::isfinite(range); };
  if (!std::all_of(model.ranges.begin(), model.ranges.end(), above_zero)) {
    throw InputError("--ranges: every range must be above 0");
  }
  if (!above_zero(columns.target_range)) throw InputError("--target-range must be above 0");
  model.target_range = columns.target_range;
  model.intercept = has_target ? columns.intercept : 0;
  if (options.loss == DeletionLoss::logistic) {
    std::set<std::string> classes;
    for (std::size_t row = 0; row < table.rows(); ++row) {
      if (!is_deleted(table, row)) classes.insert(table.text(row, columns.target));
    }
    if (classes.size() != 2) {
      throw InputError(name + ": column " + columns.target + " has " + std::to_string(classes.size())
                       + " classes; logistic needs two (--loss huber for numbers)");
    }
    model.classes.assign(classes.begin(), classes.end());
  }
  return model;
}

data::RowMatrix read_features(const data::CsvTable& table, const DeletableModel& model) {
  const auto count = std::ssize(model.features);
  data::RowMatrix rows = data::RowMatrix::Zero(static_cast<Eigen::Index>(table.rows()), model.parameters());
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (is_deleted(table, row)) continue;
    const auto to = static_cast<Eigen::Index>(row);
    for (Eigen::Index k = 0; k < count; ++k) {
      const auto at = static_cast<std::size_t>(k);
      rows(to, k) = table.number(row, model.features[at]) / model.ranges[at];
    }
    if (model.intercept != 0) rows(to, count) = model.intercept;
  }
  return rows;
}

SlotTable read_slots(const data::CsvTable& table, const std::string& name, const DeletableModel& model) {
  if (static_cast<Eigen::Index>(table.rows()) != model.slots) {
    throw InputError(name + ": " + std::to_string(table.rows()) + " rows, but the model has "
                     + std::to_string(model.slots)
                     + " slots; a deleted row stays, with \"deleted\" in its cells");
  }
  data::RowMatrix rows = read_features(table, model);
  const int clipped = clip_to_unit_norm(rows);
  Vector target = Vector::Zero(rows.rows());
  std::vector<std::size_t> deleted;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (is_deleted(table, row)) {
      deleted.push_back(row);
    } else if (model.options.loss == DeletionLoss::huber) {
      target[static_cast<Eigen::Index>(row)] = table.number(row, model.target) / model.target_range;
    } else if (model.options.loss == DeletionLoss::logistic) {
      const auto& word = table.text(row, model.target);
      const auto found = std::find(model.classes.begin(), model.classes.end(), word);
      if (found == model.classes.end()) {
        throw InputError(name + ": row " + std::to_string(row + 1) + " has class " + word
                         + "; the model knows " + model.classes[0] + " and " + model.classes[1]);
      }
      target[static_cast<Eigen::Index>(row)] = found == model.classes.begin() ? -1 : 1;
    }
  }
  SlotTable result{{std::move(rows), std::move(target)}, clipped};
  for (const std::size_t row : deleted) result.rows.clear(row);
  return result;
}

std::string table_without(const data::CsvTable& table, const std::vector<std::size_t>& slots) {
  report::Table out;
  for (const auto& column : table.columns()) out.columns.push_back({column});
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const bool gone = std::find(slots.begin(), slots.end(), row) != slots.end();
    std::vector<Cell> cells;
    for (const auto& column : table.columns()) cells.push_back(gone ? deleted_cell : table.text(row, column));
    out.rows.push_back(std::move(cells));
  }
  return to_csv(out);
}

report::Table predictions(const data::RowMatrix& rows, const DeletableModel& model) {
  report::Table table;
  if (model.options.loss == DeletionLoss::mean) {
    table.columns = {{"feature"}, {"mean"}};
    for (Eigen::Index k = 0; k < model.theta.size(); ++k) {
      const auto at = static_cast<std::size_t>(k);
      table.rows.push_back({model.features[at], model.options.lambda * model.theta[k] * model.ranges[at]});
    }
    return table;
  }
  data::RowMatrix clipped = rows;
  clip_to_unit_norm(clipped);
  const Vector z = clipped * model.theta;
  const bool classes = model.options.loss == DeletionLoss::logistic;
  table.columns = {{"row"}, {model.target}};
  if (classes) table.columns.push_back({"probability"});
  for (Eigen::Index i = 0; i < z.size(); ++i) {
    std::vector<Cell> cells{i + 1};
    if (classes) {
      cells.push_back(model.classes[z[i] > 0]);
      cells.push_back(1 / (1 + std::exp(-std::abs(z[i]))));
    } else {
      cells.push_back(z[i] * model.target_range);
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

} // namespace raphson::optim::tools
