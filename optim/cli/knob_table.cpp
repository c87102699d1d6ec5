#include "optim/cli/knob_table.h"

#include "dsp/error.h"
#include "optim/report/text.h"

#include <algorithm>
#include <cmath>

namespace raphson::cli {

std::string knob_key(const std::string& name) {
  std::string key;
  for (const char c : name) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
      key += c;
    else if (c >= 'A' && c <= 'Z')
      key += static_cast<char>(c - 'A' + 'a');
    else if (!key.empty() && key.back() != '_')
      key += '_';
  }
  while (key.ends_with("_")) key.pop_back();
  if (key.empty()) throw InputError("--knob: '" + name + "' must have letters a to z or digits");
  return key;
}

void check_positions(std::vector<double> positions) {
  std::sort(positions.begin(), positions.end());
  const auto same = std::adjacent_find(positions.begin(), positions.end());
  if (same != positions.end())
    throw InputError("two pairs or models at the knob position " + optim::report::format_significant(*same, 6)
                     + ": each position needs one");
  if (positions.size() < 2)
    throw InputError("a knob needs two positions or more: repeat --pair or MODEL@VALUE");
}

dsp::Model knob_model(const std::string& name, const std::string& knob, const dsp::ChainSettings& chain,
                      std::vector<KnobPoint> points, dsp::Interpolation interpolation) {
  std::vector<double> positions;
  for (const KnobPoint& p : points) positions.push_back(p.position);
  check_positions(positions);
  std::sort(points.begin(), points.end(),
            [](const KnobPoint& a, const KnobPoint& b) { return a.position < b.position; });

  dsp::Model model{name, chain, {}, {}, interpolation, {}};
  const double middle = (points.front().position + points.back().position) / 2;
  const auto nearest =
      std::min_element(points.begin(), points.end(), [&](const KnobPoint& a, const KnobPoint& b) {
        return std::abs(a.position - middle) < std::abs(b.position - middle);
      });
  model.knobs.push_back(
      {knob, knob_key(knob), "", points.front().position, points.back().position, {}, nearest->position});
  model.chain.set_values(nearest->values);
  for (KnobPoint& p : points) model.table.push_back({{p.position}, std::move(p.values), std::move(p.source)});
  return model;
}

} // namespace raphson::cli
