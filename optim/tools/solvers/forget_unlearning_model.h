// The published model of forget-unlearning as a file, and the table it was learned from.
//
// A model file holds what predict needs and the constants of the certificate: no row, no seed, nothing of
// earlier requests but the number of models released. A table is a CSV whose rows are the slots, in order; a
// deleted one has the word "deleted" in every cell, since the number of slots must not change.
#pragma once

#include "optim/data/csv.h"
#include "optim/report/table.h"
#include "optim/tools/solvers/forget_unlearning.h"

#include <string>
#include <vector>

namespace raphson::optim::tools {

struct DeletableModel {
  DeletionOptions options = {};
  Eigen::Index slots = 0;
  int releases = 0;    // models published, this one included
  bool seeded = false; // then it is not private
  std::vector<std::string> features = {};
  std::vector<double> ranges = {}; // a feature is divided by its range before rows are clipped to length 1
  double intercept = 0;            // a constant feature; 0: none
  std::string target = {};         // a column; empty for `mean`
  double target_range = 1;
  std::vector<std::string> classes = {}; // two, for `logistic`
  Vector theta = {};

  Eigen::Index parameters() const { return std::ssize(features) + (intercept != 0); }
};

std::string to_json(const DeletableModel& model);

/// Throws InputError, one line naming the file and the field.
DeletableModel parse_deletable_model(const std::string& text, const std::string& name);

struct TableColumns {
  std::vector<std::string> features = {}; // all but the target where there are none
  std::string target = {};
  std::vector<double> ranges = {}; // one a feature, one for all, or none for 1
  double target_range = 1;
  double intercept = 0.5;
};

/// A model of this table before it is learned: names, ranges, classes. Throws InputError where a range is not
/// above 0, there is another number of them than of features, or a logistic target has not two classes.
DeletableModel describe_table(const data::CsvTable& table, const std::string& name,
                              const DeletionOptions& options, const TableColumns& columns);

struct SlotTable {
  SlottedRows rows;
  int clipped; // rows that were longer than 1
};

/// Throws InputError where the table has another number of slots than the model or lacks a column.
SlotTable read_slots(const data::CsvTable& table, const std::string& name, const DeletableModel& model);

/// The features alone, of any number of rows.
data::RowMatrix read_features(const data::CsvTable& table, const DeletableModel& model);

/// The table with these slots marked as deleted.
std::string table_without(const data::CsvTable& table, const std::vector<std::size_t>& slots);

/// What the model says of each row: a class and its probability, a number, or for `mean` the mean itself.
report::Table predictions(const data::RowMatrix& rows, const DeletableModel& model);

} // namespace raphson::optim::tools
