#include "optim/tools/signals/dictionary_plots.h"

#include "optim/data/png_image.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {

using Eigen::Index;

report::NamedImage atom_sheet(const Matrix& d, Index tile_rows, Index tile_columns,
                              const std::string& caption) {
  data::Dataset tiles;
  tiles.features.resize(d.cols(), d.rows());
  for (Index j = 0; j < d.cols(); ++j) {
    const double most = d.col(j).cwiseAbs().maxCoeff();
    tiles.features.row(j).array() = 0.5 + 0.5 * d.col(j).transpose().array() / (most > 0 ? most : 1);
  }
  tiles.image_rows = static_cast<int>(tile_rows);
  tiles.image_columns = static_cast<int>(tile_columns);
  const int across = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(d.cols()))));
  return {"atoms", data::png_bytes(data::grey_image(data::contact_sheet(tiles, across, 1, 0), 5)), caption};
}

report::NamedFigure atom_lines(const Matrix& d, double sample_rate, const std::string& caption) {
  const Index shown = std::min(d.cols(), lines_shown);
  const double per_sample = sample_rate > 0 ? 1000 / sample_rate : 1;
  report::Plot plot{
      "Atoms", {sample_rate > 0 ? "Time" : "Row", sample_rate > 0 ? "ms" : ""}, {"Atom", ""}, {}};
  for (Index j = 0; j < shown; ++j) {
    report::Series line{.style = {.colour = report::Colour::blue, .width = 1.2}};
    const double most = d.col(j).cwiseAbs().maxCoeff();
    for (Index t = 0; t < d.rows(); ++t) {
      line.x.push_back(static_cast<double>(t) * per_sample);
      line.y.push_back(static_cast<double>(j + 1) + 0.48 * d(t, j) / (most > 0 ? most : 1));
    }
    plot.series.push_back(std::move(line));
  }
  return {"atoms", {{plot}, {880, 640}, caption}};
}

void add_atoms(report::ToolReport& report, const Matrix& d, const SignalColumns& shape,
               const std::string& caption) {
  if (shape.tile_rows > 1)
    report.images.push_back(atom_sheet(d, shape.tile_rows, shape.tile_columns, caption));
  else
    report.figures.push_back(atom_lines(d, shape.sample_rate, caption));
}

report::NamedFigure term_figure(const std::vector<TermCurve>& curves, const std::string& caption) {
  report::Plot plot{"Error by atoms a signal",
                    {"Atoms a signal", "", report::Scale::count},
                    {"Relative error", "", report::Scale::linear, report::Range{0, 1}},
                    {}};
  for (const TermCurve& curve : curves) {
    report::Series line{.name = curve.name, .y = curve.errors};
    if (plot.series.size() % 2 == 1) line.style.dash = report::Dash::dashed;
    for (std::size_t k = 1; k <= curve.errors.size(); ++k) line.x.push_back(static_cast<double>(k));
    plot.series.push_back(std::move(line));
  }
  return {"terms", {{plot}, {880, 380}, caption}};
}

} // namespace raphson::optim::tools
