#include "optim/data/clips.h"

#include "dsp/error.h"
#include "optim/data/asset.h"
#include "optim/data/audio_file.h"
#include "optim/data/csv.h"
#include "optim/data/folder.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

namespace raphson::optim::data {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> audio_extensions = {".wav", ".flac", ".aiff", ".aif", ".ogg"};

/// The mean of the channels.
Clip read_clip(const fs::path& path) {
  Audio audio = read_audio(path);
  Clip clip{
      .samples = std::move(audio.channels.front()), .sample_rate = audio.sample_rate, .name = path.string()};
  for (std::size_t c = 1; c < audio.channels.size(); ++c)
    for (std::size_t i = 0; i < clip.samples.size(); ++i) clip.samples[i] += audio.channels[c][i];
  if (audio.channels.size() > 1)
    for (float& sample : clip.samples) sample /= static_cast<float>(audio.channels.size());
  return clip;
}

std::vector<Clip> read_folder(const fs::path& folder) {
  std::vector<Clip> clips;
  for (const ClassFile& file :
       files_by_class(folder, audio_extensions, "recordings (WAV, FLAC, AIFF, OGG)")) {
    clips.push_back(read_clip(file.path));
    clips.back().label = file.label;
  }
  return clips;
}

/// A table of clips, with its recordings as they are asked for.
class Index {
public:
  Index(const fs::path& path, const std::string& label) : path_(path), table_(read_csv(path)), label_(label) {
    if (!table_.has_column("file") && !table_.has_column("speaker"))
      throw InputError(path.string()
                       + ": no column 'file' nor 'speaker' that says where the clips are; its columns are "
                       + list_of(table_.columns()));
    if (!label.empty() && !table_.has_column(label))
      throw InputError(path.string() + ": no column '" + label + "' of classes; its columns are "
                       + list_of(table_.columns()));
  }

  std::size_t rows() const { return table_.rows(); }
  const CsvTable& table() const { return table_; }

  Clip clip(std::size_t row) {
    const Clip& recording = recording_of(row);
    const std::string place = path_.string() + ", line " + std::to_string(row + 2);
    const bool whole = !table_.has_column("start_sample");
    const std::size_t start = whole ? 0 : count(row, "start_sample");
    const std::size_t samples = whole || !table_.has_column("num_samples")
                                    ? recording.samples.size() - std::min(start, recording.samples.size())
                                    : count(row, "num_samples");
    if (samples == 0 || start > recording.samples.size() || samples > recording.samples.size() - start)
      throw InputError(place + ": " + std::to_string(samples) + " samples from " + std::to_string(start)
                       + " on, but " + recording.name + " has " + std::to_string(recording.samples.size()));
    const auto first = recording.samples.begin() + static_cast<std::ptrdiff_t>(start);
    Clip clip{.samples = {first, first + static_cast<std::ptrdiff_t>(samples)},
              .sample_rate = recording.sample_rate,
              .name = recording.name + " (" + place + ")"};
    if (!label_.empty()) clip.label = table_.text(row, label_);
    for (const char* column : {"speaker", "group"})
      if (table_.has_column(column)) clip.group = table_.text(row, column);
    if (table_.has_column("take"))
      clip.take = static_cast<int>(std::min<std::size_t>(count(row, "take"), 1u << 30));
    return clip;
  }

private:
  std::size_t count(std::size_t row, const char* column) const {
    const double value = table_.number(row, column);
    if (!(value >= 0 && value <= 0x1p53 && value == std::floor(value)))
      throw InputError(path_.string() + ", line " + std::to_string(row + 2) + ": column '" + column
                       + "': " + table_.text(row, column) + " is no whole number from 0 on");
    return static_cast<std::size_t>(value);
  }

  const Clip& recording_of(std::size_t row) {
    const std::string file =
        table_.has_column("file") ? table_.text(row, "file") : table_.text(row, "speaker") + ".flac";
    const auto found = recordings_.find(file);
    if (found != recordings_.end()) return found->second;
    return recordings_.emplace(file, read_clip(path_.parent_path() / file)).first->second;
  }

  fs::path path_;
  CsvTable table_;
  std::string label_;
  std::map<std::string, Clip> recordings_;
};

constexpr const char* speakers[] = {"george", "jackson", "lucas", "nicolas", "theo", "yweweler"};

void check_known(const SpokenDigits& wanted) {
  for (const std::string& speaker : wanted.speakers)
    if (std::find(std::begin(speakers), std::end(speakers), speaker) == std::end(speakers))
      throw InputError("no speaker '" + speaker + "' among the spoken digits; there are "
                       + list_of({std::begin(speakers), std::end(speakers)}));
  for (const int digit : wanted.digits)
    if (digit < 0 || digit > 9) throw InputError("no digit " + std::to_string(digit) + ", 0 to 9 expected");
  if (wanted.first_take < 0 || wanted.last_take > 44 || wanted.first_take > wanted.last_take)
    throw InputError("takes " + std::to_string(wanted.first_take) + " to " + std::to_string(wanted.last_take)
                     + " of the spoken digits are asked for, there are 0 to 44");
}

} // namespace

std::vector<Clip> read_clips(const fs::path& path, const std::string& label) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return read_folder(path);
  if (lower_case_extension(path) != ".csv") return {read_clip(path)};
  Index index(path, label);
  std::vector<Clip> clips;
  for (std::size_t row = 0; row < index.rows(); ++row) clips.push_back(index.clip(row));
  if (clips.empty()) throw InputError(path.string() + ": no clips, its header alone");
  return clips;
}

std::vector<Clip> spoken_digits(const SpokenDigits& wanted) {
  check_known(wanted);
  Index index(asset("data/fsdd/index.csv"), "digit");
  const auto is_among = [](const auto& list, const auto& value) {
    return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
  };
  std::vector<Clip> clips;
  for (std::size_t row = 0; row < index.rows(); ++row) {
    const double take = index.table().number(row, "take");
    if (is_among(wanted.speakers, index.table().text(row, "speaker"))
        && is_among(wanted.digits, static_cast<int>(index.table().number(row, "digit")))
        && take >= wanted.first_take && take <= wanted.last_take)
      clips.push_back(index.clip(row));
  }
  return clips;
}

std::span<const char* const> spoken_digit_speakers() { return speakers; }

} // namespace raphson::optim::data
