// Conversion of a whole recording to another sample rate, by libsamplerate's best sinc converter
// (band-limited, some 97% of the lower rate's band kept, aliases below -140 dB). Delay-free: time t of the
// input is time t of the output, frame 0 is frame 0. The output has ceil(frames * new rate / old rate)
// frames.
#pragma once

#include "optim/data/audio_file.h"

namespace raphson::optim::data {

/// Throws InputError where the rate is not positive or more than 256 times off.
Audio resample(const Audio& audio, double sample_rate);

} // namespace raphson::optim::data
