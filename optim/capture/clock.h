// How the recorder's time runs against the player's: one speed for the whole recording and one delay for each
// take, since playback may have been paused between takes.
//
//   position = offset[take] + stretch frame
//
// The speed is first the median of those from one mark to the next within a take, which samples lost here and
// there do not bend; then that of least squares over the runs of marks between which none were lost. A take's
// delay is that of its longest run.
#pragma once

#include "optim/capture/find_marks.h"
#include "optim/capture/plan.h"

#include <optional>
#include <string>
#include <vector>

namespace raphson::optim::capture {

struct ClockResidual {
  std::size_t mark = 0; ///< into Plan::marks
  double samples = 0;   ///< found behind where the line has it
};

struct Clock {
  double stretch = 1;                        ///< samples recorded for each one played
  std::vector<std::optional<double>> offset; ///< by take; nothing where the take has no mark
  std::vector<ClockResidual> residuals;      ///< of every mark that was found

  double drift_ppm() const { return (stretch - 1) * 1e6; }
  double position(std::size_t take, double frame) const { return offset[take].value() + stretch * frame; }
};

/// Beyond this a mark is off: samples were lost or the clock wanders.
inline constexpr double uneven_samples = 0.5;

Clock fit_clock(const Plan& plan, const std::vector<FoundMark>& marks);

/// Finds the marks, fits the clock, measures the marks again at its speed until both stand still. Throws
/// InputError, which names `file`, where there are too few marks or they do not lie as the plan says.
struct Timing {
  Clock clock;
  FoundMarks found; ///< measured; channel marks of other channels left out
};
Timing find_timing(const Plan& plan, std::span<const float> recording, std::size_t channel,
                   const std::string& file, const FindProgress& progress = {});

} // namespace raphson::optim::capture
