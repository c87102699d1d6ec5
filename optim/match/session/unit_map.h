// From the fits of a session's settings to one model of the unit.
//
// In every parameter's own scale (the logarithm of ratio, attack, release): a value that its setting does not
// determine comes from those next to it along the knobs, on a straight line between two that are determined,
// else from the nearest one. A parameter that rises, or falls, along a knob within its standard errors (no
// determined value further than two of them from the order's best fit, in a line of three or more) is made to
// do so by isotonic regression with weights 1 / standard error^2; the manifest's rules come before that.
#pragma once

#include "optim/match/session/manifest.h"
#include "optim/match/session/setting_fit.h"

#include <optional>
#include <vector>

namespace raphson::optim::match {

struct FoundDirection {
  std::size_t knob, parameter;
  dsp::KnobSetting at; ///< a setting with the switches as they stand where this holds
  Direction direction;
  bool by_rule;
};

struct UnitMap {
  dsp::Model model; ///< a row a take, in their order
  std::vector<FoundDirection> directions;
  std::vector<std::vector<bool>> borrowed; ///< by take and parameter: the value comes from its neighbours
};

UnitMap make_unit_map(const Session& session, const std::vector<SettingFit>& fits);

/// What the map says at a take's setting when its fit is unknown: with one continuous knob the row is left
/// out of the table, with several, where a grid must not have a hole, it is filled from its neighbours.
/// Nothing where no other take has its switch positions.
struct LeftOut {
  dsp::ChainSettings chain;
  bool extrapolated; ///< the setting is at an end, where the map holds its neighbour's value
};
std::optional<LeftOut> leave_out(const Session& session, const std::vector<SettingFit>& fits,
                                 std::size_t take);

} // namespace raphson::optim::match
