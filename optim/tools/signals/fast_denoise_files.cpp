#include "dsp/error.h"
#include "optim/data/npy.h"
#include "optim/data/png_image.h"
#include "optim/data/wav_bytes.h"
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

} // namespace

void add_denoised(report::ToolReport& report, const DenoiseFiles& files, const Dictionary& dictionary,
                  std::size_t threads, const std::function<void(const std::string&)>& progress) {
  report::Table table{{{"file"}, {"RMS before"}, {"RMS after"}, {"RMS of what was removed"}}, {}};
  for (std::size_t f = 0; f < files.files.size(); ++f) {
    const std::string& file = files.files[f];
    Wholes wholes = read_wholes(file);
    const bool sound = wholes.sample_rate > 0;
    double before = 0, after = 0, removed = 0, count = 0;
    for (RowMatrix& whole : wholes.all) {
      const Index hop = std::max<Index>(1, files.tile / 4);
      const data::Tiling tiling = sound ? data::frames_every(whole.cols(), files.tile, hop)
                                        : data::patches_every(whole.rows(), whole.cols(), files.tile, hop);
      RowMatrix clean =
          denoise(whole, tiling, dictionary,
                  {.sigma = files.sigma, .centre = !sound, .threads = threads, .progress = [&](double share) {
                     if (progress)
                       progress("denoising " + file + ", " + std::to_string(std::lround(100 * share)) + " %");
                   }});
      before += whole.squaredNorm();
      after += clean.squaredNorm();
      removed += (whole - clean).squaredNorm();
      count += static_cast<double>(whole.size());
      whole = std::move(clean);
    }
    table.rows.push_back(
        {file, std::sqrt(before / count), std::sqrt(after / count), std::sqrt(removed / count)});
    const std::string name = "denoised-" + std::to_string(f + 1);
    if (sound)
      for (std::size_t i = 0; i < wholes.all.size(); ++i)
        report.files.push_back({name + (wholes.all.size() > 1 ? "-" + std::to_string(i + 1) : "") + ".wav",
                                data::wav_bytes(values_of(wholes.all[i]), wholes.sample_rate)});
    else if (wholes.all.size() == 1)
      report.files.push_back({name + ".png", data::png_bytes(data::grey_image(wholes.all.front()))});
    else
      report.files.push_back({name + ".npy", stack_bytes(wholes.all, file)});
  }
  report.tables.push_back({"denoised", "What was removed", table});
}

} // namespace raphson::optim::tools
