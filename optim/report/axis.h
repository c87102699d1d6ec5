// An axis of a plot: its scale, and the ticks that suit its range and its length.
//
// Steps are 1, 2 or 5 times a power of ten; on a decibel axis also 3, 6, 12, 24, as on a meter; on a time
// axis (data in seconds) clock steps once the range passes two minutes; on a count axis whole numbers. A
// logarithmic axis marks decades, with 2 and 5 between them where there is room, and has no place for values
// <= 0.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace raphson::optim::report {

enum class Scale { linear, logarithmic, decibel, time, count };

struct Range {
  double low = 0;
  double high = 1;
};

struct Axis {
  std::string label = {};
  std::string unit = {}; // printed behind the label; a time axis ("s") turns to minutes by itself
  Scale scale = Scale::linear;
  std::optional<Range> range = {}; // from the data where absent
};

struct Tick {
  double value = 0;
  std::string label = {}; // empty: a minor tick, a grid line without a number
};

// Ticks inside [low, high], ascending, at most max_labels of them labelled.
// Needs finite low < high, and 0 < low on a logarithmic scale.
std::vector<Tick> make_ticks(Scale scale, Range range, int max_labels);

// The range widened to the ticks around it (a few percent on a logarithmic scale).
Range widen_to_ticks(Scale scale, Range range, int max_labels);

// "Label (unit)", with the unit that the ticks of this range use.
std::string axis_title(const Axis& axis, Range range);

// Position of a value in the range: 0 at low, 1 at high, NaN where the scale has no place for it.
double axis_position(Scale scale, Range range, double value);

} // namespace raphson::optim::report
