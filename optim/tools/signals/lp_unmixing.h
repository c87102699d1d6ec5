// Unmixing by complete dictionary learning: the channels of a recording as rows of Y, as many sources as
// channels, each of them in every channel at some level (an instantaneous mix, no echoes, no delays). The
// sources are told apart where they are more peaked than Gaussian noise, as speech and music are.
#pragma once

#include "optim/report/tool_report.h"
#include "optim/tools/signals/lp_dictionary.h"

#include <string>
#include <vector>

namespace raphson::optim::tools {

/// Held in memory whole, as the sources will be.
struct Mix {
  std::vector<std::vector<float>> channels; ///< all of one length
  std::vector<std::string> names;           ///< of the channels, for messages
  double sample_rate = 0;
};

/// One file of several channels, or several files. Throws InputError naming the file where there are fewer
/// than two channels, lengths or rates differ, or a channel holds one value throughout, and naming both where
/// one channel is another at some level and offset.
Mix read_mix(const std::vector<std::string>& files);

ColumnSource columns_of(const Mix& mix);

struct Unmixed {
  LpDictionary learnt;
  Matrix mixing =
      {}; ///< [channel][source], the largest entry of each column 1: the source's level in a channel
  Matrix unmixing = {};                          ///< [source][channel]: sources = unmixing (mix - mean)
  std::vector<std::vector<double>> sources = {}; ///< as loud as in the channel where each is loudest
  Vector kurtosis = {};                          ///< excess: 0 for Gaussian noise
};

/// The mean of each channel is taken off whatever options.centre says: a constant is no sound.
Unmixed unmix(const Mix& mix, const LpOptions& options);

/// source-1.wav ..., mixing.csv, the table, the figures, warnings.
report::ToolReport unmixing_report(const Mix& mix, const LpOptions& options);

/// E x^4 / (E x^2)^2 - 3.
double excess_kurtosis(const std::vector<double>& x);

} // namespace raphson::optim::tools
