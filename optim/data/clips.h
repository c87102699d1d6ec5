// Short recordings, each with its class: what tools that learn from sounds work on.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace raphson::optim::data {

struct Clip {
  std::vector<float> samples = {}; ///< mono; channels are averaged
  double sample_rate = 0;          ///< Hz
  std::string label = {};          ///< its class, or empty
  std::string group = {};          ///< who or what it comes from (a speaker, a unit), or empty
  int take = -1;                   ///< its number within label and group, or -1
  std::string name = {};           ///< for messages: the file, and where in it
};

/// The clips of
///   a folder            every WAV, FLAC, AIFF and OGG file in it, in the order of their names: directly,
///   without
///                       classes, or in sub-folders, whose names are the classes
///   a table (.csv)      a clip a row; column `file`, relative to the table's folder, or `speaker`
///   (speaker.flac, as in
///                       data/fsdd); where they are there: start_sample and num_samples, speaker or group,
///                       take; and the class in column `label`
///   one recording       a single clip without a class
///
/// Throws InputError, one line naming the file: no such thing, no recordings in a folder, recordings both
/// directly and in sub-folders, a missing column, a row that reaches beyond its recording, and all that
/// AudioReader refuses.
std::vector<Clip> read_clips(const std::filesystem::path& path, const std::string& label = "label");

/// Spoken digits that come with the program (assets/data/fsdd): 6 speakers, takes 0 to 44 of every digit, 8
/// kHz. label is the digit, group the speaker. In the order of the index: speaker, digit, take.
struct SpokenDigits {
  std::vector<std::string> speakers = {}; ///< empty: all six
  std::vector<int> digits = {};           ///< empty: all ten
  int first_take = 0, last_take = 44;
};

/// Throws InputError where a speaker or digit is not there, or nothing is left.
std::vector<Clip> spoken_digits(const SpokenDigits& wanted = {});

/// The speakers of data/fsdd: george, jackson, lucas, nicolas, theo, yweweler.
std::span<const char* const> spoken_digit_speakers();

} // namespace raphson::optim::data
