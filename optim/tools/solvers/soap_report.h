// What soap says of a study: who came how far, at what price, and the spectra of its covariances.
#pragma once

#include "optim/tools/solvers/optimiser_study.h"

namespace raphson::optim::tools {

/// The lowest final loss of the grids of that name: of the rows held out where there are any.
double lowest_final_loss(const OptimiserStudy& study, const std::string& grid);

/// The first look at which a run is below the loss: steps or epochs; NaN where it never is.
double first_below(const GridRun& run, double loss);

/// Table, losses against steps and seconds, eigenvalues of the covariances of the best run of `soap_grid`.
/// `reference` names the grid whose final loss is the goal, where it is there.
void add_soap_study(const OptimiserStudy& study, const std::string& soap_grid, const std::string& reference,
                    const char* unit, report::ToolReport& report);

} // namespace raphson::optim::tools
