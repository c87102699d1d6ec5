// A network trained with gradient regularisation of several kinds and strengths, beside none, flooding and
// sharpness-aware minimisation (engine/gradient_regularisation.h has the directions): every cell of the grid
// on the same minibatches from the same start. R. Karakida, T. Takase, T. Hayase & K. Osawa, "Understanding
// gradient regularization in deep learning", ICML 2023, arXiv 2210.02720.
#pragma once

#include "optim/engine/gradient_regularisation.h"
#include "optim/report/tool_report.h"
#include "optim/tools/solvers/table_network.h"

#include <functional>
#include <string>
#include <vector>

namespace raphson::optim::tools {

enum class Regulariser { none, forward, backward, double_backprop, flood, sam };
const char* name_of(Regulariser mode);                  ///< "none", "F", "B", "DB", "flood", "sam"
Regulariser regulariser_named(const std::string& name); ///< throws InputError that lists the names

/// flood: gamma is the level. sam: epsilon is rho. DB: no epsilon.
struct RegularisedCell {
  Regulariser mode = Regulariser::none;
  double gamma = 0, epsilon = 0;
};
std::string to_string(const RegularisedCell& cell); ///< "F, γ = 1, ε = 0.5"

struct GridLists {
  std::vector<double> gammas = {.1, .3, 1};
  std::vector<double> epsilons = {};          ///< empty: half of gamma, gamma and twice it
  std::vector<double> levels = {.05, .1, .2}; ///< of flooding
  std::vector<double> radii = {.05, .1, .2};  ///< rho
};
/// Throws InputError for a value out of range.
std::vector<RegularisedCell> cells_of(const std::vector<Regulariser>& modes, const GridLists& lists);

struct RegularisedOptions {
  double learning_rate = 0.1; ///< cosine by epoch to 0
  double momentum = 0.9;
  std::size_t batch_size = 50;
  int epochs = 60;
  int look_every = 5; ///< epochs
  std::uint64_t seed = 1;
  std::size_t threads = 1;
  Eigen::Index most_hvp_parameters = 200000; ///< DB is refused above
  std::function<void(const std::string&)> progress = {};
};

struct RegularisedRun {
  RegularisedCell cell;
  Vector parameters = {};
  std::vector<double> epochs = {}, loss = {},
                      squared_gradient = {};                ///< of all training rows, as training goes
  double training_loss = 0, validation_loss = 0, score = 0; ///< at the end; score of the validation rows
  double top_eigenvalue = 0;                                ///< of the Hessian on at most 1,000 training rows
  int gradients = 0, hessian_products = 0;                  ///< of minibatches, spent
  double first_loss = 0;
  std::string broke = {}; ///< what was not finite, and when; empty where all was
};

/// In single precision. Throws InputError for options out of range.
std::vector<RegularisedRun> train_cells(const TableNetwork& network, const data::Dataset& training,
                                        const data::Dataset& validation,
                                        const std::vector<RegularisedCell>& cells,
                                        const RegularisedOptions& options);

/// The run with the best score of those that did not break, of equals the one with the lower validation loss;
/// of one mode where it is named. runs.size() where there is none.
std::size_t best_run(const std::vector<RegularisedRun>& runs);
std::size_t best_run(const std::vector<RegularisedRun>& runs, Regulariser mode);

/// Labels redrawn at random from all classes with this probability, by the stream "label noise".
void redraw_labels(data::Dataset& rows, double probability, std::uint64_t seed);

/// The table, the score over the grid, the best runs' loss and |grad L|^2 by epoch, what broke.
void add_runs(const std::vector<RegularisedRun>& runs, const TableNetwork& network,
              report::ToolReport& report);

} // namespace raphson::optim::tools
