// Pictures of dictionaries.
#pragma once

#include "optim/report/tool_report.h"
#include "optim/tools/signals/signal_columns.h"

namespace raphson::optim::tools {

/// Atoms of patches as tiles, each scaled to its largest magnitude, grey for 0.
report::NamedImage atom_sheet(const Matrix& d, Eigen::Index tile_rows, Eigen::Index tile_columns,
                              const std::string& caption);

/// The first atoms of frames, one above the other.
inline constexpr Eigen::Index lines_shown = 16;
report::NamedFigure atom_lines(const Matrix& d, double sample_rate, const std::string& caption);

/// Adds one of the two, by the shape of the signals.
void add_atoms(report::ToolReport& report, const Matrix& d, const SignalColumns& shape,
               const std::string& caption);

/// Relative error by the number of atoms a signal, a line a dictionary, every other one dashed, since some
/// lie upon each other.
struct TermCurve {
  std::string name;
  std::vector<double> errors; // for 1, 2, ...
};
report::NamedFigure term_figure(const std::vector<TermCurve>& curves, const std::string& caption);

} // namespace raphson::optim::tools
