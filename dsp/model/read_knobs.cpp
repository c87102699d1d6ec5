#include "dsp/model/read_knobs.h"

#include <algorithm>

namespace raphson::dsp {
namespace {

void read_switch(const Field& field, Knob& knob) {
  field.only({"name", "key", "unit", "positions", "initial"});
  for (const Field& entry : field.at("positions").entries()) {
    knob.positions.push_back(entry.text());
    if (std::count(knob.positions.begin(), knob.positions.end(), knob.positions.back()) > 1)
      entry.fail("a second position " + in_quotes(knob.positions.back()));
  }
  if (knob.positions.size() < 2) field.at("positions").fail("a switch needs two positions or more");
}

void read_range(const Field& field, Knob& knob) {
  field.only({"name", "key", "unit", "minimum", "maximum", "initial"});
  knob.minimum = field.at("minimum").number(-1e6, 1e6);
  knob.maximum = field.at("maximum").number(-1e6, 1e6);
  if (!(knob.maximum - knob.minimum >= 1e-6))
    field.at("maximum").fail(short_number(knob.maximum) + " must be above the minimum, "
                             + short_number(knob.minimum) + ", by 1e-06 or more");
}

Knob read_knob(const Field& field) {
  Knob knob;
  knob.name = field.at("name").text();
  knob.key = field.at("key").text();
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  if (knob.key.empty() || !std::all_of(knob.key.begin(), knob.key.end(), fits))
    field.at("key").fail(in_quotes(knob.key)
                         + " must be made of a to z, 0 to 9 and _, such as \"peak_reduction\"");
  if (const auto unit = field.find("unit")) knob.unit = unit->text();
  if (field.find("positions"))
    read_switch(field, knob);
  else
    read_range(field, knob);
  const auto initial = field.find("initial");
  knob.initial = initial ? read_position(*initial, knob) : knob.is_switch() ? 0 : knob.minimum;
  return knob;
}

} // namespace

double read_position(const Field& field, const Knob& knob) {
  if (!knob.is_switch()) return field.number(knob.minimum, knob.maximum, knob.unit);
  const std::string label = field.text();
  const auto found = std::find(knob.positions.begin(), knob.positions.end(), label);
  if (found != knob.positions.end()) return static_cast<double>(found - knob.positions.begin());
  std::string known;
  for (const std::string& position : knob.positions)
    known += (known.empty() ? "" : ", ") + in_quotes(position);
  field.fail("unknown position " + in_quotes(label) + "; known are " + known);
}

std::vector<Knob> read_knobs(const Field& list) {
  std::vector<Knob> knobs;
  for (const Field& entry : list.entries()) {
    Knob knob = read_knob(entry);
    for (const Knob& earlier : knobs)
      if (earlier.key == knob.key) entry.at("key").fail("a second knob " + in_quotes(knob.key));
    knobs.push_back(std::move(knob));
  }
  return knobs;
}

Interpolation read_interpolation(const Field& field) {
  const std::string word = field.text();
  if (word == to_string(Interpolation::linear)) return Interpolation::linear;
  if (word == to_string(Interpolation::spline)) return Interpolation::spline;
  if (word == to_string(Interpolation::monotone)) return Interpolation::monotone;
  field.fail("unknown " + in_quotes(word) + "; known are \"linear\", \"spline\" and \"monotone\"");
}

} // namespace raphson::dsp
