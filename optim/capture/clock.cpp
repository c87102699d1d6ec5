#include "optim/capture/clock.h"

#include "dsp/error.h"
#include "optim/report/text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace raphson::optim::capture {
namespace {

using report::format_significant;

constexpr double rate_search_seconds = 120; // a minute of delay, and some marks

double median(std::vector<double> values) {
  const std::size_t middle = values.size() / 2;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(middle), values.end());
  if (values.size() % 2) return values[middle];
  const double above = values[middle];
  return 0.5
         * (above + *std::max_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(middle)));
}

double frame_of(const Plan& plan, const FoundMark& mark) {
  return static_cast<double>(plan.marks[mark.index].frame);
}

/// Marks of one take, one after the other, between which no samples were lost.
using Run = std::vector<FoundMark>;

std::vector<Run> even_runs(const Plan& plan, const std::vector<FoundMark>& marks, double stretch) {
  std::vector<Run> runs;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    const bool same_take = i > 0 && plan.marks[marks[i].index].take == plan.marks[marks[i - 1].index].take;
    const bool goes_on = same_take
                         && std::abs(marks[i].position - marks[i - 1].position
                                     - stretch * (frame_of(plan, marks[i]) - frame_of(plan, marks[i - 1])))
                                <= uneven_samples;
    if (!goes_on) runs.emplace_back();
    runs.back().push_back(marks[i]);
  }
  return runs;
}

std::optional<double> median_slope(const Plan& plan, const std::vector<FoundMark>& marks) {
  std::vector<double> slopes;
  for (std::size_t i = 1; i < marks.size(); ++i)
    if (plan.marks[marks[i].index].take == plan.marks[marks[i - 1].index].take)
      slopes.push_back((marks[i].position - marks[i - 1].position)
                       / (frame_of(plan, marks[i]) - frame_of(plan, marks[i - 1])));
  if (slopes.empty()) return {};
  return median(std::move(slopes));
}

std::optional<double> least_squares_slope(const Plan& plan, const std::vector<Run>& runs) {
  double cross = 0, square = 0;
  for (const Run& run : runs) {
    double frame = 0, position = 0;
    for (const FoundMark& m : run) {
      frame += frame_of(plan, m) / static_cast<double>(run.size());
      position += m.position / static_cast<double>(run.size());
    }
    for (const FoundMark& m : run) {
      const double x = frame_of(plan, m) - frame;
      cross += x * (m.position - position - x); // less x, so that a slope of 1 loses no digits
      square += x * x;
    }
  }
  if (square == 0) return {};
  return 1 + cross / square;
}

double mean_offset(const Plan& plan, const Run& run, double stretch) {
  double sum = 0;
  for (const FoundMark& m : run) sum += m.position - stretch * frame_of(plan, m);
  return sum / static_cast<double>(run.size());
}

std::string times(double speed) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", speed);
  return text;
}

[[noreturn]] void refuse_unmarked(const Plan& plan, std::span<const float> recording, const FoundMarks& found,
                                  const std::string& file) {
  if (!found.foreign_plans.empty())
    throw InputError(file
                     + ": it holds the marks of another signal: give the plan that was written with what "
                       "was played");
  // A file played at another rate than its own: all is higher or lower by the rates' ratio.
  constexpr double rates[] = {44100, 48000, 88200, 96000, 176400, 192000};
  std::set<double> speeds;
  for (const double a : rates)
    for (const double b : rates)
      if (a != b && a / b <= 2 && b / a <= 2) speeds.insert(a / b);
  const auto start = recording.first(
      std::min(recording.size(), static_cast<std::size_t>(rate_search_seconds * plan.sample_rate)));
  for (const double speed : speeds)
    if (const FoundMarks other = find_marks(plan, start, speed); !other.marks.empty())
      throw InputError(file + ": the signal runs at " + times(speed)
                       + " times its speed, as if it had been "
                         "played or recorded at another rate than "
                       + format_significant(plan.sample_rate, 9)
                       + " Hz: set the whole session to that rate and record again");
  throw InputError(file + ": none of the plan's " + std::to_string(plan.marks.size())
                   + " marks was found (best correlation " + format_significant(found.best_correlation, 2)
                   + "): it is no recording of " + plan.audio + ", or nearly nothing of it came through");
}

void check_speed(const Plan& plan, double stretch, const std::string& file) {
  if (std::abs(stretch - 1) * 1e6 <= largest_drift_ppm) return;
  throw InputError(file + ": its marks lie " + times(stretch) + " times as far apart as those of "
                   + plan.audio
                   + ", more than two clocks differ: give the plan of what was played, and "
                     "record without varying the speed");
}

} // namespace

Clock fit_clock(const Plan& plan, const std::vector<FoundMark>& marks) {
  Clock clock;
  clock.stretch = median_slope(plan, marks).value_or(1);
  const std::vector<Run> runs = even_runs(plan, marks, clock.stretch);
  clock.stretch = least_squares_slope(plan, runs).value_or(clock.stretch);
  clock.offset.assign(plan.takes.size(), {});
  std::vector<std::size_t> longest(plan.takes.size());
  for (const Run& run : runs) {
    const std::size_t take = plan.marks[run.front().index].take;
    if (run.size() <= longest[take]) continue;
    longest[take] = run.size();
    clock.offset[take] = mean_offset(plan, run, clock.stretch);
  }
  for (const FoundMark& m : marks)
    clock.residuals.push_back(
        {m.index, m.position - clock.position(plan.marks[m.index].take, frame_of(plan, m))});
  return clock;
}

Timing find_timing(const Plan& plan, std::span<const float> recording, std::size_t channel,
                   const std::string& file, const FindProgress& progress) {
  Timing timing{{}, find_marks(plan, recording, 1, progress)};
  FoundMarks& found = timing.found;
  std::erase_if(found.marks, [&](const FoundMark& m) {
    const auto alone = plan.marks[m.index].channel;
    return alone && *alone != channel;
  });
  if (found.marks.empty()) refuse_unmarked(plan, recording, found, file);
  timing.clock = fit_clock(plan, found.marks);
  // What a chirp's matched filter finds is shifted by the drift, by as much for each mark: the speed is
  // right at once to some ppm, the delay only with the mark played at that speed.
  for (int round = 0; round < 4; ++round) {
    check_speed(plan, timing.clock.stretch, file);
    const double before = timing.clock.stretch;
    for (FoundMark& m : found.marks) m = measure_mark(plan, m.index, recording, m.position, before);
    timing.clock = fit_clock(plan, found.marks);
    if (std::abs(timing.clock.stretch - before) < 1e-10) break;
  }
  return timing;
}

} // namespace raphson::optim::capture
