#include "dsp/error.h"
#include "optim/data/audio_file.h"
#include "optim/data/folder.h"
#include "optim/data/npy.h"
#include "optim/data/png_image.h"
#include "optim/data/wav_bytes.h"
#include "optim/report/text.h"
#include "optim/tools/signals/fast_denoise.h"
#include "optim/tools/signals/fast_report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

namespace raphson::optim::tools {
namespace {

using data::RowMatrix;
using Eigen::Index;

std::span<const double> values_of(const RowMatrix& m) {
  return {m.data(), static_cast<std::size_t>(m.size())};
}

/// [image][row][column], of images of one size.
std::string stack_bytes(const std::vector<RowMatrix>& images, const std::string& file) {
  const std::array shape{images.size(), static_cast<std::size_t>(images.front().rows()),
                         static_cast<std::size_t>(images.front().cols())};
  std::vector<double> all;
  for (const RowMatrix& image : images) {
    if (image.rows() != images.front().rows() || image.cols() != images.front().cols())
      throw InputError(file + ": images of several sizes; one size expected");
    all.insert(all.end(), image.data(), image.data() + image.size());
  }
  return data::npy_bytes(shape, all);
}

/// The images or clips of a file or folder, or the channels of one recording.
struct Parts {
  std::vector<RowMatrix> all;
  double sample_rate = 0; ///< 0: images
  bool channels = false;
};

Parts read_parts(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path) || kind_of(path) != SignalKind::sound
      || data::lower_case_extension(path) == ".csv") {
    Wholes wholes = read_wholes(path);
    return {std::move(wholes.all), wholes.sample_rate};
  }
  const data::Audio audio = data::read_audio(path);
  Parts parts{{}, audio.sample_rate, true};
  for (const std::vector<float>& channel : audio.channels)
    parts.all.push_back(
        Eigen::Map<const Eigen::RowVectorXf>(channel.data(), std::ssize(channel)).cast<double>());
  return parts;
}

void add_files(report::ToolReport& report, const std::string& name, const Parts& parts,
               const std::string& file) {
  if (parts.channels) {
    Matrix frames(std::ssize(parts.all), parts.all.front().cols()); // channels by turns
    for (Index c = 0; c < frames.rows(); ++c) frames.row(c) = parts.all[static_cast<std::size_t>(c)];
    report.files.push_back(
        {name + ".wav", data::wav_bytes({frames.data(), static_cast<std::size_t>(frames.size())},
                                        parts.sample_rate, parts.all.size())});
  } else if (parts.sample_rate > 0) {
    for (std::size_t i = 0; i < parts.all.size(); ++i)
      report.files.push_back({name + (parts.all.size() > 1 ? "-" + std::to_string(i + 1) : "") + ".wav",
                              data::wav_bytes(values_of(parts.all[i]), parts.sample_rate)});
  } else if (parts.all.size() == 1) {
    report.files.push_back({name + ".png", data::png_bytes(data::grey_image(parts.all.front()))});
  } else {
    report.files.push_back({name + ".npy", stack_bytes(parts.all, file)});
  }
}

} // namespace

void add_denoised(report::ToolReport& report, const DenoiseFiles& files, const Dictionary& dictionary,
                  std::size_t threads, const std::function<void(const std::string&)>& progress) {
  report::Table table{{{"file"}, {"RMS before"}, {"RMS after"}, {"RMS of what was removed"}}, {}};
  for (std::size_t f = 0; f < files.files.size(); ++f) {
    const std::string& file = files.files[f];
    Parts parts = read_parts(file);
    const bool sound = parts.sample_rate > 0;
    double before = 0, after = 0, removed = 0, count = 0;
    for (RowMatrix& part : parts.all) {
      const Index hop = std::max<Index>(1, files.tile / 4);
      const data::Tiling tiling = sound ? data::frames_every(part.cols(), files.tile, hop)
                                        : data::patches_every(part.rows(), part.cols(), files.tile, hop);
      RowMatrix clean =
          denoise(part, tiling, dictionary,
                  {.sigma = files.sigma, .centre = !sound, .threads = threads, .progress = [&](double share) {
                     if (progress)
                       progress("denoising " + file + ", " + std::to_string(std::lround(100 * share)) + " %");
                   }});
      before += part.squaredNorm();
      after += clean.squaredNorm();
      removed += (part - clean).squaredNorm();
      count += static_cast<double>(part.size());
      part = std::move(clean);
    }
    table.rows.push_back(
        {file, std::sqrt(before / count), std::sqrt(after / count), std::sqrt(removed / count)});
    if (after == 0 && before > 0)
      report.warnings.push_back("nothing is left of " + file + ": --denoise "
                                + report::format_significant(files.sigma, 3) + ", its level "
                                + report::format_significant(std::sqrt(before / count), 3));
    add_files(report, "denoised-" + std::to_string(f + 1), parts, file);
  }
  report.tables.push_back(
      {"denoised", "What was removed: about --denoise where that is the noise's deviation", table});
}

} // namespace raphson::optim::tools
