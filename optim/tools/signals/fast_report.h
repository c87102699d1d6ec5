// The reports of fast-transform-dictionaries: a matrix factorised, a dictionary learnt, signals denoised.
#pragma once

#include "optim/report/tool_report.h"
#include "optim/tools/signals/fast_dictionary.h"
#include "optim/tools/signals/signal_columns.h"

#include <functional>
#include <string>
#include <vector>

namespace raphson::optim::tools {

/// Rows and columns as stored. Throws InputError naming the file: not two dimensions, zero throughout, a
/// value that is not finite (by row and column).
Matrix read_matrix(const std::string& file);

report::ToolReport factorisation_report(const Matrix& a, const FactorPlan& plan, SplitStart start,
                                        const std::function<void(const std::string&)>& progress = {});

/// Of what learn_fast_dictionary made of signals.training with these options.
report::ToolReport fast_dictionary_report(const SignalColumns& signals, const FastDictionary& learnt,
                                          const FastDictionaryOptions& options);

/// Adds the files, denoised by the dictionary learnt on them: WAV for a recording, channel by channel, and
/// for each clip of a folder, of these the mean of the channels; PNG for an image, NPY [image][row][column]
/// for several.
struct DenoiseFiles {
  std::vector<std::string> files;
  double sigma = 0;
  Eigen::Index tile = 0; ///< --frame or --patch
};
void add_denoised(report::ToolReport& report, const DenoiseFiles& files, const Dictionary& dictionary,
                  std::size_t threads, const std::function<void(const std::string&)>& progress);

/// Where the entries of each factor lie, leftmost factor first.
report::NamedImage factor_patterns(const FastTransform& transform);

/// factors.json, and factor-1.npy (the leftmost) ...
void add_factor_files(report::ToolReport& report, const FastTransform& transform);

} // namespace raphson::optim::tools
