// What a tool hands back: everything it has to say about its input, as values. The frame turns it into
// report.json, CSV tables, SVG plots and one report.html, or prints it (optim/cli/tool.h).
//
//   ToolReport report{.title = "Adam on wine.csv"};
//   report.paragraphs.push_back("Adam at step 0.01 fits best: ...");
//   report.tables.push_back({"optimisers", "Best step of each", table});
//   report.figures.push_back({"loss-by-epoch", {{plot}, {880, 340}, "Training loss"}});
//   report.claims.push_back(at_most("training loss, Adam / Nesterov, seed 1", 1.02, 1.10));
#pragma once

#include "optim/report/html_page.h"

#include <string>
#include <utility>
#include <vector>

namespace raphson::optim::report {

/// A statement that a demo asserts, with the figure that was measured.
struct Claim {
  enum class Bound { at_most, at_least };
  std::string what = {};
  double measured = 0;
  Bound bound = Bound::at_most;
  double limit = 0;

  /// NaN holds nothing.
  bool holds() const { return bound == Bound::at_most ? measured <= limit : measured >= limit; }
};

inline Claim at_most(std::string what, double measured, double limit) {
  return {std::move(what), measured, Claim::Bound::at_most, limit};
}
inline Claim at_least(std::string what, double measured, double limit) {
  return {std::move(what), measured, Claim::Bound::at_least, limit};
}

struct NamedTable {
  std::string name = {};    ///< of NAME.csv; the first of a report is table.csv
  std::string caption = {}; ///< a heading: "Best step of each"
  Table table = {};
};

struct NamedFigure {
  std::string name = {}; ///< of NAME.svg
  Figure figure = {};
};

struct NamedImage {
  std::string name = {}; ///< of NAME.png or NAME.svg, by its bytes
  std::string bytes = {};
  std::string caption = {};
};

struct ResultFile {
  std::string name = {}; ///< "model.json", "predictions.csv"
  std::string bytes = {};
};

struct ToolReport {
  std::string title = {};
  std::vector<std::string> paragraphs = {};              ///< what was found, in sentences
  std::vector<std::string> warnings = {};                ///< what to distrust, one line each
  std::vector<std::pair<std::string, Cell>> values = {}; ///< single figures by name
  std::vector<NamedTable> tables = {};
  std::vector<NamedFigure> figures = {};
  std::vector<NamedImage> images = {};
  std::vector<Claim> claims = {}; ///< of a demo: all must hold
  std::vector<ResultFile> files = {};
  bool repeatable = true; ///< false: its random numbers were the system's, no seed makes them again
};

} // namespace raphson::optim::report
