// Model files, *.raphson.json:
//
//   {"format": "raphson-model", "version": 1, "name": "LA-2A",
//    "chain": [{"type": "compressor", "parameters": {"threshold_db": -19.1, "ratio": 4.2, ...}}, ...],
//    "knobs": [{"name": "Peak Reduction", "key": "peak_reduction", "minimum": 40, "maximum": 100, "initial":
//    70},
//              {"name": "Mode", "key": "mode", "positions": ["Compress", "Limit"]}],
//    "table": [{"knobs": {"peak_reduction": 40, "mode": "Compress"}, "values": {"threshold_db": -13.1, ...}},
//    ...], "interpolation": "linear", "spline" or "monotone", "source": {"dry": ..., "wet": ...,
//    "sample_rate": ..., "esr": ..., "delay_samples": ...,
//               "polarity_inverted": ..., "date": ..., "program": ..., "citation": ...}}
//
// Values are in the parameters' physical units and written with the digits that give back the same number to
// the bit. knobs, table, interpolation (linear), source and all in it, a knob's unit and initial (its minimum
// or first position) and a row's own source may be absent; of the parameters only those whose initial value
// means "off": knee_db, rms_ms, look_ahead_ms. The parameters of a block other than the compressor are
// "eq.peak1_hz" in a row.
//
// A network that corrects the gain of the compressor before it is
//    {"type": "gru", "units": 16, "sample_rate": 48000, "weights": [...]}
// with its weights in the order of dynamics/gru_weights.h and the rate that it was trained at. A rational
// block may have "sample_rate", at which its values were fitted: at another it is moved
// (filters/rational_stage.h).
//
// Everything here throws InputError: one line with the file, the field ("chain[0].parameters.ratio") and what
// would be right. A field that is not listed is refused too, except within source.
#pragma once

#include "dsp/model/model.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace raphson::dsp {

inline constexpr int model_file_version = 1;
inline constexpr std::size_t max_model_file_bytes = 16u << 20;

Model read_model(const std::filesystem::path& path);

/// name_for_errors: what messages call the text, such as its path.
Model parse_model(std::string_view text, const std::string& name_for_errors);

/// Throws InputError where the table is no map (knob_map.h) or a block has not all its values.
std::string to_json(const Model& model);

/// Whole or not at all (io/atomic_file.h). Refuses a model that read_model would not take back.
void write_model(const std::filesystem::path& path, const Model& model);

} // namespace raphson::dsp
