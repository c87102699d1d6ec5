// The stretches of a long recording that stand for all of it in a match, chosen by GORACS (goracs.h).
//
// A stretch is described by what a compressor answers to and how it answered: the dry level in windows of 10
// ms (its 10%, 50% and 90% quantiles and mean change from window to window, in dB) and the gain of wet over
// dry (the same quantiles, of windows that are loud enough). Each feature is standardised; the recording's
// own stretches are the validation rows, so that the set chosen has their distribution. Gradients need a
// model and have no weight (lambda = 0): the choice is made before there is one.
#pragma once

#include "optim/data/audio_file.h"
#include "optim/data/dataset.h"
#include "optim/match/pair.h"

#include <vector>

namespace raphson::optim::tools {

struct MatchCoreset {
  std::vector<match::FrameRange> ranges; ///< in the dry recording, in order
  double seconds = 0;                    ///< of each stretch
  std::size_t stretches = 0;             ///< of the whole recording
  double cost = 0;                       ///< of the transport to the recording's stretches, GORACS's J
};

/// Stretches of one second, of a thousandth of the recording where that is longer; as many as make up
/// `seconds`, at least four. Takes the recordings as they came: a delay of less than a stretch does not
/// matter. Throws InputError, naming --coreset, where seconds is not positive or there is nothing to choose.
MatchCoreset match_coreset(const data::Audio& dry, const data::Audio& wet, double seconds);

/// [stretch][feature], as above, before standardisation.
data::RowMatrix stretch_features(const data::Audio& dry, const data::Audio& wet,
                                 const std::vector<match::FrameRange>& stretches);

} // namespace raphson::optim::tools
