// A model: a chain with its values, for a unit with knobs a table of them by knob position, and where it came
// from. Plain data; model_file.h reads and writes it, knob_map.h turns its knobs.
#pragma once

#include "dsp/chain/chain.h"
#include "dsp/model/interpolation.h"

#include <optional>
#include <string>
#include <vector>

namespace raphson::dsp {

/// Where each knob stands, in the order of Model::knobs: its value, or for a switch the index of its
/// position.
using KnobSetting = std::vector<double>;

struct Knob {
  std::string name; ///< for people: "Peak Reduction"
  std::string key;  ///< in files and on the command line: "peak_reduction"
  std::string unit;
  double minimum = 0, maximum = 1;
  std::vector<std::string> positions; ///< labels of a switch ("Compress", "Limit"); empty: a continuous knob
  double initial = 0;

  bool is_switch() const { return !positions.empty(); }
};

/// Where a model or a row of its table came from.
struct Provenance {
  std::optional<std::string> dry, wet; ///< file names
  std::optional<double> sample_rate, esr, delay_samples;
  std::optional<bool> polarity_inverted;
  std::optional<std::string> date;     ///< ISO 8601
  std::optional<std::string> program;  ///< name and version
  std::optional<std::string> citation; ///< of published values
};

struct TableRow {
  KnobSetting knobs;
  std::vector<double> values; ///< as ChainSettings::values()
  Provenance source = {};
};

struct Model {
  std::string name;
  ChainSettings chain; ///< at the knobs' initial positions
  std::vector<Knob> knobs;
  std::vector<TableRow> table;
  Interpolation interpolation = Interpolation::linear;
  Provenance source;

  KnobSetting initial_setting() const {
    KnobSetting setting;
    for (const Knob& knob : knobs) setting.push_back(knob.initial);
    return setting;
  }
};

} // namespace raphson::dsp
