#include "optim/tools/signals/imaging_growth.h"

#include "optim/engine/processor_time.h"
#include "optim/report/text.h"
#include "optim/tools/growth.h"

namespace raphson::optim::tools {

void add_imaging_growth(report::ToolReport& report, const DemoOptions& options,
                        const std::function<Imaging(double scale)>& at) {
  constexpr double largest_back_projected = 2; // of a cost that grows with the sixth power of the scale
  Growth fourier{"Fourier"}, exact{"back-projection"};
  double times = 0;
  report::Table table{
      {{"samples"}, {"voxels"}, {"Fourier (ms)"}, {"back-projection (ms)"}, {"times as fast"}}, {}};
  for (const double scale : {1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0}) {
    const Imaging imaging = at(scale);
    const auto samples = static_cast<double>(imaging.echoes.size());
    options.say("growth, " + report::format_significant(samples, 3) + " samples");
    fourier.add(samples, least_processor_seconds(imaging.by_fourier));
    if (scale > largest_back_projected) {
      table.rows.push_back({imaging.echoes.size(), imaging.voxels.size(),
                            report::Cell::significant(1e3 * fourier.cost.back(), 3), "", ""});
      continue;
    }
    exact.add(samples, processor_seconds_of([&] {
                back_project(imaging.echoes, imaging.pairs, imaging.k, imaging.voxels, 1);
              }));
    times = exact.cost.back() / fourier.cost.back();
    table.rows.push_back({imaging.echoes.size(), imaging.voxels.size(),
                          report::Cell::significant(1e3 * fourier.cost.back(), 3),
                          report::Cell::significant(1e3 * exact.cost.back(), 3),
                          report::Cell::fixed(times, 1)});
  }
  report.tables.push_back({"growth",
                           "Aperture, wavenumbers and scene grow together: processor time of the volume",
                           std::move(table)});
  report.figures.push_back(
      growth_figure("growth", "A volume by the samples of its data", "Samples", {fourier, exact}));
  // N log N, and more where the arrays outgrow the caches.
  report.claims.push_back(
      report::at_most("exponent of the time by Fourier transforms", fourier.exponent(), 1.3));
  // Towards 2: what a voxel and a pair cost apart from the wavenumbers counts most where these are few.
  report.claims.push_back(report::at_least("exponent of the time of back-projection", exact.exponent(), 1.6));
  report.claims.push_back(report::at_least(
      "times as fast as back-projection, " + report::format_significant(exact.size.back(), 3) + " samples",
      times, 10));
}

} // namespace raphson::optim::tools
