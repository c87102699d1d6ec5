// The figures of rankseg_report.h, and the tables, files and picture that show them.
#pragma once

#include "optim/tools/signals/rankseg_files.h"

#include <vector>

namespace raphson::optim::tools {

/// Of a class's mask in one map.
struct SetFigures {
  double kept = 0, sum = 0;
  double predicted = 0; ///< W
  double achieved = 0;  ///< where there is a truth
};

/// V of top sets, before classes contest pixels.
struct ExactFigures {
  std::size_t best_count = 0;
  double best = 0, rma = 0, half = 0; ///< the best, that of t*, that of p > 0.5
};

struct ClassResult {
  TopSet set = {};
  SetFigures rma = {}, plain = {}; ///< plain: argmax, or p > 0.5
  ExactFigures exact = {};
  bool in_truth = false;
};

struct SampleResult {
  std::vector<ClassResult> classes = {};
  ClassMasks masks = {}, plain = {};
  std::vector<int> labels = {};            ///< of exclusive classes
  double achieved = 0, plain_achieved = 0; ///< means over the classes in the truth
};

struct TableOptions {
  OverlapMetric metric = OverlapMetric::dice;
  bool exclusive = false, exact = false, truth = false;

  const char* plain_name() const { return exclusive ? "argmax" : "p > 0.5"; }
};

void add_values(const ProbabilityMaps& maps, const std::vector<SampleResult>& results,
                const TableOptions& options, report::ToolReport& out);

/// A row a class, means over the maps.
report::NamedTable class_table(const ProbabilityMaps& maps, const std::vector<SampleResult>& results,
                               const TableOptions& options);

/// maps.csv: a row for each class of each map.
report::ResultFile sample_file(const ProbabilityMaps& maps, const std::vector<SampleResult>& results,
                               const TableOptions& options);

/// Of the first map the class with the most pixels, class 0 left out where there are several, and its masks.
report::NamedImage mask_picture(const ProbabilityMaps& maps, const SampleResult& first,
                                const std::vector<ClassMasks>& truth);

} // namespace raphson::optim::tools
