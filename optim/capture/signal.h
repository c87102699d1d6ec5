// The recording to play through a unit so that its parameters can be found: takes of marks and parts, and the
// plan that says where each begins.
//
//   part          what it is                                              what it identifies
//   noise_floor   silence                                                 noise and hum of unit and
//   converters channel_marks one mark in each channel alone (two channels or more)   crosstalk sweep 20 Hz
//   up, at a level below any threshold                linear frequency response, gain steps         a tone
//   from low to each of six levels and back          threshold, ratio, attack, release bursts        seven
//   lengths, each sqrt(10) times the last             attack; release after short and long ramp          a
//   tone rising and falling in a straight line in dB      static curve: threshold, ratio, knee programme pink
//   noise as loud and quiet as speech                  all of them together, as music does recording     the
//   caller's own                                        what matters to the caller
#pragma once

#include "optim/capture/plan.h"
#include "optim/data/audio_file.h"

#include <cstdint>
#include <string>
#include <vector>

namespace raphson::optim::capture {

struct SignalOptions {
  double sample_rate = 48000;
  std::size_t channels = 1;
  std::size_t takes = 1;    ///< settings of the unit, one after the other
  double take_seconds = 60; ///< of one take without the appended recordings
  double pause_seconds = 8; ///< between takes, to turn the knobs
  double loudest_dbfs = -6; ///< the peak of steps, bursts, ramp and programme; marks lie 12 dB below
  double lowest_dbfs = -60; ///< where the ramp begins and ends
  double sweep_dbfs = -40;  ///< peak
  std::uint64_t seed = 0;
};

inline constexpr double shortest_take_seconds = 15, longest_take_seconds = 3600;
inline constexpr std::size_t most_takes = 100;

struct Appended {
  std::string name;
  data::Audio audio; ///< at any rate; a mono one plays in all channels
};

struct Signal {
  data::Audio audio;
  Plan plan; ///< without the file's name and checksum, which whoever writes the file knows
};

/// The same options give the same samples. Throws InputError naming the option, or the recording whose
/// channels do not fit.
Signal make_signal(const SignalOptions& options, const std::vector<Appended>& appended = {});

} // namespace raphson::optim::capture
