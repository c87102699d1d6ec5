// What `raphson goracs` says of a selection: its figures beside those of random sets, the rows with the
// validation rows that each serves, plots.
#pragma once

#include "optim/report/tool_report.h"
#include "optim/tools/solvers/goracs.h"

#include <cstdint>

namespace raphson::optim::tools {

struct GoracsInput {
  CostMatrix pool = {}, validation = {};   // embeddings
  Vector gradient_norms = {};              // of the pool's rows, or empty
  double lambda = 0.1;                     // 0 without gradient norms
  GoracsClasses classes = {};              // no names: one class for all
  std::vector<std::string> row_names = {}; // of the pool, such as files, or empty
  std::uint64_t seed = 1;                  // of the random sets
  std::size_t threads = 1;
};

/// Chooses n rows.
report::ToolReport goracs_report(const GoracsInput& input, int n, const GoracsOptions& options);

/// The same figures for rows that are given.
report::ToolReport goracs_evaluation(const GoracsInput& input, const Rows& rows);

/// Of each row of a set: the share of validation rows whose least cost it has, and the validation rows that
/// the exact transport lets it serve.
struct ServedRows {
  double nearest_share = 0;
  Rows validation;
};
std::vector<ServedRows> served_rows(const CostMatrix& cost, const Rows& rows);

} // namespace raphson::optim::tools
