#include "optim/tools/signals/lp_unmixing.h"

#include "dsp/error.h"
#include "optim/data/audio_file.h"
#include "optim/data/wav_bytes.h"
#include "optim/tools/signals/lp_report.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;
using report::Cell;

/// By name, since "rank 3 of 4" helps nobody at a desk.
void check_channels(const Mix& mix) {
  const std::size_t n = mix.channels.size();
  if (mix.channels.front().size() < 20 * n)
    throw InputError(mix.names.front() + ": " + std::to_string(mix.channels.front().size())
                     + " samples; at least " + std::to_string(20 * n) + ", 20 a channel, expected");
  Matrix centred(std::ssize(mix.channels), std::ssize(mix.channels.front()));
  columns_of(mix).read(0, centred);
  const Vector levels = centred.rowwise().norm();
  centred.colwise() -= Vector(centred.rowwise().mean());
  const Matrix products = centred * centred.transpose();
  for (std::size_t i = 0; i < n; ++i) {
    const auto row = static_cast<Index>(i);
    if (!(products(row, row) > 1e-12 * levels[row] * levels[row])) // rounding about a constant
      throw InputError(mix.names[i] + (levels[row] > 0 ? ": constant" : ": silent")
                       + "; every channel must hold a sound");
  }
  for (Index i = 0; i < products.rows(); ++i)
    for (Index j = 0; j < i; ++j)
      if (products(i, j) * products(i, j) > (1 - 1e-10) * products(i, i) * products(j, j))
        throw InputError(
            mix.names[static_cast<std::size_t>(j)] + " and " + mix.names[static_cast<std::size_t>(i)]
            + ": one is the other at some level; as many different channels as sources expected");
}

report::NamedFigure source_figure(const Unmixed& unmixed, double sample_rate) {
  std::vector<report::Plot> plots;
  for (std::size_t i = 0; i < std::min<std::size_t>(unmixed.sources.size(), 6); ++i) {
    report::Series line{.y = unmixed.sources[i], .style = {.width = 1}};
    for (std::size_t t = 0; t < line.y.size(); ++t) line.x.push_back(static_cast<double>(t) / sample_rate);
    plots.push_back(
        {"Source " + std::to_string(i + 1), {"Time", "s", report::Scale::time}, {"Amplitude", ""}, {line}});
  }
  const int height = 200 * static_cast<int>(plots.size());
  return {"sources", {std::move(plots), {880, height}, "What was separated"}};
}

/// Of a source no more peaked than noise, one of `count`.
std::string unpeaked(double kurtosis, Index count) {
  const std::string is = kurtosis < -0.3 ? ": flatter than noise, as steady tones are (excess kurtosis "
                                         : ": no more peaked than noise (excess kurtosis ";
  return is + Cell::fixed(kurtosis, 2).text
         + (count > 1 ? "); this method finds peaked sources and cannot tell it from the other "
                            + std::to_string(count - 1) + " that are not"
                      : "); the only one, it is what the peaked sources leave");
}

} // namespace

Mix read_mix(const std::vector<std::string>& files) {
  Mix mix;
  for (const std::string& file : files) {
    data::Audio audio = data::read_audio(file);
    if (mix.channels.empty()) mix.sample_rate = audio.sample_rate;
    if (audio.sample_rate != mix.sample_rate)
      throw InputError(file + ": " + std::to_string(std::lround(audio.sample_rate)) + " Hz, " + files.front()
                       + " has " + std::to_string(std::lround(mix.sample_rate))
                       + "; one sample rate expected");
    if (!mix.channels.empty() && audio.frames() != mix.channels.front().size())
      throw InputError(file + ": " + std::to_string(audio.frames()) + " samples, " + files.front() + " has "
                       + std::to_string(mix.channels.front().size()) + "; one length expected");
    for (std::size_t c = 0; c < audio.channels.size(); ++c) {
      mix.names.push_back(audio.channels.size() == 1 ? file : file + ", channel " + std::to_string(c + 1));
      mix.channels.push_back(std::move(audio.channels[c]));
    }
  }
  if (mix.channels.size() < 2)
    throw InputError(
        (files.empty() ? "no recording" : files.front() + ": one channel")
        + "; as many channels as sources expected, at least two (or --frame to learn a transform)");
  check_channels(mix);
  return mix;
}

ColumnSource columns_of(const Mix& mix) {
  return {std::ssize(mix.channels), std::ssize(mix.channels.front()),
          [&mix](Index begin, Eigen::Ref<Matrix> block) {
            for (Index c = 0; c < block.rows(); ++c)
              block.row(c) = Eigen::Map<const Eigen::RowVectorXf>(
                                 mix.channels[static_cast<std::size_t>(c)].data() + begin, block.cols())
                                 .cast<double>();
          }};
}

double excess_kurtosis(const std::vector<double>& x) {
  const auto a = Eigen::Map<const Vector>(x.data(), std::ssize(x)).array();
  const double second = a.square().mean();
  return a.square().square().mean() / (second * second) - 3;
}

Unmixed unmix(const Mix& mix, const LpOptions& given) {
  LpOptions options = given;
  options.centre = true;
  const ColumnSource y = columns_of(mix);
  Unmixed result{.learnt = learn_lp_dictionary(y, options)};
  const Vector level = result.learnt.dictionary.colwise().maxCoeff(); // the largest magnitude is positive
  result.mixing = result.learnt.dictionary * level.cwiseInverse().asDiagonal();
  result.unmixing = level.asDiagonal() * result.learnt.analysis;
  const Index sources = result.unmixing.rows();
  result.sources.assign(static_cast<std::size_t>(sources),
                        std::vector<double>(static_cast<std::size_t>(y.columns)));
  constexpr Index width = 65536;
  for (Index begin = 0; begin < y.columns; begin += width) {
    Matrix block(y.rows, std::min(width, y.columns - begin));
    y.read(begin, block);
    const Matrix x = result.unmixing * (block.colwise() - result.learnt.mean);
    for (Index i = 0; i < sources; ++i)
      Eigen::Map<Eigen::RowVectorXd>(result.sources[static_cast<std::size_t>(i)].data() + begin, x.cols()) =
          x.row(i);
  }
  result.kurtosis.resize(sources);
  for (Index i = 0; i < sources; ++i)
    result.kurtosis[i] = excess_kurtosis(result.sources[static_cast<std::size_t>(i)]);
  return result;
}

report::ToolReport unmixing_report(const Mix& mix, const LpOptions& options) {
  const Unmixed unmixed = unmix(mix, options);
  report::ToolReport report{.title = "Sources of " + std::to_string(mix.channels.size()) + " channels"};
  report.paragraphs.push_back("Each source is as loud as in the channel where it is loudest; mixing.csv "
                              "holds its level in each channel, 1 for the loudest. Listen to them: how well "
                              "they came apart no figure says without the true ones.");
  report::Table table{{{"source"}, {"excess kurtosis (noise 0, speech above)"}, {"RMS (dB)"}}, {}},
      mixing{{{"channel"}}, {}};
  for (std::size_t i = 0; i < unmixed.sources.size(); ++i) {
    const auto& x = unmixed.sources[i];
    const double power =
        Eigen::Map<const Vector>(x.data(), std::ssize(x)).squaredNorm() / static_cast<double>(x.size());
    const std::string name = "source-" + std::to_string(i + 1);
    const double kurtosis = unmixed.kurtosis[static_cast<Index>(i)];
    table.rows.push_back({name, Cell::fixed(kurtosis, 2), Cell::fixed(10 * std::log10(power), 1)});
    mixing.columns.push_back({name});
    report.files.push_back({name + ".wav", data::wav_bytes(x, mix.sample_rate)});
    if (kurtosis < 0.3)
      report.warnings.push_back(name + unpeaked(kurtosis, (unmixed.kurtosis.array() < 0.3).count()));
  }
  for (Index c = 0; c < unmixed.mixing.rows(); ++c) {
    mixing.rows.push_back({mix.names[static_cast<std::size_t>(c)]});
    for (const double level : unmixed.mixing.row(c))
      mixing.rows.back().push_back(Cell::significant(level, 6));
  }
  report.tables = {{"sources", "What was separated", table},
                   {"mixing", "The level of each source in each channel, 1 where it is loudest", mixing}};
  add_climb(report, unmixed.learnt, columns_of(mix), options);
  report.figures.push_back(source_figure(unmixed, mix.sample_rate));
  return report;
}

} // namespace raphson::optim::tools
