// Prunings of one network by several scores, and what a report says of them.
#pragma once

#include "optim/report/tool_report.h"
#include "optim/tools/solvers/m_fac.h"
#include "optim/tools/solvers/table_network.h"

namespace raphson::optim::tools {

struct PruningStudyOptions {
  std::vector<double> sparsities = {0.5, 0.75, 0.9};
  std::vector<PruneScore> scores = {PruneScore::m_fac, PruneScore::diagonal_fisher, PruneScore::magnitude};
  PruneOptions prune = {};
  int finetune = 0; ///< steps of Adam on what is left
  double finetune_rate = 1e-3;
  std::size_t threads = 1; ///< prunings side by side
};

struct PruningRun {
  PruneScore by;
  double sparsity;
  Pruned pruned;      ///< before fine-tuning
  Vector parameters;  ///< after it, where there is any
  double score, loss; ///< of the rows held out
  double tuned_score; ///< after fine-tuning; NaN without
};

/// Every score at every sparsity, each from the unpruned network. Throws InputError unless sparsities rise
/// within (0, 1), and as prune does.
std::vector<PruningRun> run_prunings(const TableNetwork& network, const data::Dataset& training,
                                     const data::Dataset& held_out, const Vector& parameters,
                                     const PruningStudyOptions& options);

/// Of a file of 4-byte numbers: weights that are left with a column's number each, and the biases.
std::size_t sparse_bytes(const nn::Layout& layout, std::size_t weights_left);

/// The table with the unpruned network on top, and the score against sparsity.
void add_prunings(const std::vector<PruningRun>& runs, const TableNetwork& network,
                  const data::Dataset& held_out, const Vector& parameters, report::ToolReport& report);

} // namespace raphson::optim::tools
