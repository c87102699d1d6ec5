// Where the marks of a plan are in a recording of it.
//
// First the sync chirp's matched filter runs over the whole recording; where its output, normalised by the
// energy of the recording in the chirp's band, stands out, the code behind it is read. A checksum and the
// plan's id keep what is no mark out. Then each mark is found again to a fraction of a sample, by the whole
// of its sound at the speed of the recorder's clock:
//
//   position  argmax over d of c(d) = sum r(n) m((n - d) / stretch)
//   snr       rho^2 / (1 - rho^2),  rho the normalised c in the mark's band: what is not the mark, the unit's
//             distortion and gain reduction included
#pragma once

#include "optim/capture/plan.h"

#include <functional>
#include <set>
#include <span>
#include <vector>

namespace raphson::optim::capture {

struct FoundMark {
  std::size_t index = 0; ///< into Plan::marks
  double position = 0;   ///< in the recording, samples
  double amplitude = 0;  ///< of the recorded mark over the played one, with the sign of the polarity
  double snr_db = 0;
};

struct FoundMarks {
  std::vector<FoundMark> marks;     ///< by index, each once
  std::set<unsigned> foreign_plans; ///< ids of other plans, whose marks were there
  std::set<std::size_t> repeated;   ///< indices found more than once; the last counts
  double best_correlation = 0;      ///< of anything with the chirp, 0 to 1
};

/// Told how far the search is, 0 to 1; may throw to end it.
using FindProgress = std::function<void(double)>;

/// To the sample or two, for a clock within `largest_drift_ppm`. `speed` looks for a recording that is played
/// so many times as fast.
inline constexpr double largest_drift_ppm = 1000;
FoundMarks find_marks(const Plan& plan, std::span<const float> recording, double speed = 1,
                      const FindProgress& progress = {});

/// To a small fraction of a sample, around where the mark was found or is expected, for marks recorded at
/// `stretch` samples for each one played.
FoundMark measure_mark(const Plan& plan, std::size_t index, std::span<const float> recording, double near,
                       double stretch);

} // namespace raphson::optim::capture
