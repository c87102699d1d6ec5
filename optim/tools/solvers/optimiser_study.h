// Several optimisers, each with its list of learning rates, on the same batches of one problem, and what came
// of it.
#pragma once

#include "optim/engine/first_order.h"
#include "optim/report/tool_report.h"
#include "optim/tools/solvers/table_network.h"

#include <functional>
#include <string>

namespace raphson::optim::tools {

struct OptimiserGrid {
  std::string name = {};
  RuleSettings rule = AdamSettings{};
  std::vector<double> steps = {}; ///< learning rates
  Schedule schedule = {};
};

/// Learning rates from which to choose where the user gives none, by the rule's name.
std::vector<double> usual_steps(const RuleSettings& rule);

struct GridRun {
  double step = 0;
  std::vector<double> training_loss =
      {}; ///< of all rows, at the start and after each epoch as far as it came
  std::vector<double> validation_loss = {}; ///< likewise; empty without validation rows
  std::vector<double> seconds = {};         ///< of training until then
  Vector parameters = {};
  bool finite = true;
  std::string broke = {}; ///< what was not finite, and when

  double final_training_loss() const; ///< infinite where it diverged
  double final_validation_loss() const;
};

struct OptimiserStudy {
  std::vector<OptimiserGrid> grids;
  std::vector<std::vector<GridRun>> runs; ///< [grid][step]

  /// The step with the lowest final validation loss, or training loss without validation; by the training
  /// loss where asked for.
  std::size_t best_step(std::size_t grid, bool by_training = false) const;
  const GridRun& best(std::size_t grid, bool by_training = false) const {
    return runs[grid][best_step(grid, by_training)];
  }
  /// The best step is at an end of a list of several.
  bool at_an_end(std::size_t grid, bool by_training = false) const;
  std::size_t best_grid() const; ///< by best_step's loss
};

struct StudyOptions {
  std::size_t batch_size = 128;
  int epochs = 10;
  std::uint64_t seed = 1;
  std::size_t threads = 1;                               ///< runs side by side
  std::function<void(const std::string&)> progress = {}; ///< from the caller's thread; may throw to stop
};

/// In the precision T of the networks. Throws InputError for an empty list of steps, a step that is not above
/// 0, a batch larger than the table.
template <class T>
OptimiserStudy run_study(const TableNetwork& network, const data::Dataset& training,
                         const data::Dataset* validation, std::vector<OptimiserGrid> grids,
                         const StudyOptions& options);

/// The table of all optimisers and the plots of losses by epoch and by step.
void add_study(const OptimiserStudy& study, const TableNetwork& network, const data::Dataset& training,
               const data::Dataset* validation, report::ToolReport& report);

} // namespace raphson::optim::tools
