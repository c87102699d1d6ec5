// raphson measure A B: how far A is from B, streaming, so that memory stays flat.
#include "dsp/error.h"
#include "dsp/measure/esr.h"
#include "dsp/measure/loudness.h"
#include "dsp/measure/loudness_dynamic_range.h"
#include "dsp/measure/stft_distance.h"
#include "optim/cli/command.h"
#include "optim/cli/interrupt.h"
#include "optim/cli/progress_bar.h"
#include "optim/data/audio_file.h"
#include "optim/match/align.h"
#include "optim/report/table.h"
#include "optim/report/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <iostream>

namespace raphson::cli {
namespace {

using namespace raphson::optim;
using report::format_fixed;
using report::format_significant;

constexpr std::size_t block_frames = 1 << 14;
/// What the delay is looked for in: the loudest stretch, and the reach on either side.
constexpr double delay_window_seconds = 15, delay_reach_seconds = 1.6, least_correlation = 0.25;

struct Options {
  std::filesystem::path a, b;
};

/// A file with the measures of it alone.
struct Side {
  explicit Side(const std::filesystem::path& path)
      : reader(path), block(reader.channels() * block_frames),
        loudness(reader.sample_rate(), reader.channels()),
        dynamic_range(reader.sample_rate(), reader.channels()) {}

  std::size_t read(std::size_t frames) {
    return reader.read_interleaved(std::span(block).first(frames * reader.channels())) / reader.channels();
  }
  void add(std::size_t frames) {
    const auto part = std::span<const float>(block).first(frames * reader.channels());
    loudness.add_interleaved(part);
    dynamic_range.add_interleaved(part);
  }
  void channel(std::size_t c, std::span<float> out) const {
    for (std::size_t n = 0; n < out.size(); ++n) out[n] = block[n * reader.channels() + c];
  }

  data::AudioReader reader;
  std::vector<float> block; // interleaved
  dsp::LoudnessMeter loudness;
  dsp::LoudnessDynamicRange dynamic_range;
};

struct Figures {
  double sample_rate = 0, seconds = 0;
  std::size_t channels = 0;
  double esr = 0;
  dsp::StftDistanceResult stft{};
  double loudness[2]{}, range[2]{}, dynamic_range[2]{};
  std::optional<match::Alignment> alignment{}; ///< absent for recordings that have nothing in common
};

void check_comparable(const Options& o, const data::AudioReader& a, const data::AudioReader& b) {
  if (a.sample_rate() != b.sample_rate())
    throw InputError(o.a.string() + " has " + format_significant(a.sample_rate(), 9) + " Hz and "
                     + o.b.string() + " has " + format_significant(b.sample_rate(), 9)
                     + " Hz: resample one of them");
  if (a.channels() != b.channels())
    throw InputError("the numbers of channels differ: " + o.a.string() + " has "
                     + std::to_string(a.channels()) + " and " + o.b.string() + " has "
                     + std::to_string(b.channels()));
}

/// The first channel of frames [from, to).
std::vector<float> read_part(const std::filesystem::path& path, std::size_t from, std::size_t to) {
  data::AudioReader reader(path);
  std::vector<float> block(reader.channels() * block_frames), out;
  for (std::size_t at = 0; at < to;) {
    const std::size_t wanted = std::min(block_frames, to - at) * reader.channels();
    const std::size_t count = reader.read_interleaved(std::span(block).first(wanted)) / reader.channels();
    if (count == 0) break;
    for (std::size_t n = at < from ? std::min(count, from - at) : 0; n < count; ++n)
      out.push_back(block[n * reader.channels()]);
    at += count;
  }
  return out;
}

/// Begin of the window with the most energy, of a list with one entry a block.
std::size_t loudest_block(const std::vector<double>& energy, std::size_t window) {
  std::size_t best = 0;
  double sum = 0, highest = -1;
  for (std::size_t i = 0; i < energy.size(); ++i) {
    sum += energy[i] - (i >= window ? energy[i - window] : 0.0);
    if (sum > highest) {
      highest = sum;
      best = i + 1 >= window ? i + 1 - window : 0;
    }
  }
  return best;
}

std::optional<match::Alignment> find_delay(const Options& o, double sample_rate,
                                           const std::vector<double>& energy) {
  const auto samples = [&](double seconds) { return static_cast<std::size_t>(seconds * sample_rate); };
  const std::size_t window = samples(delay_window_seconds), reach = samples(delay_reach_seconds);
  const std::size_t at =
      loudest_block(energy, std::max<std::size_t>(1, window / block_frames)) * block_frames;
  const std::size_t from = at > reach ? at - reach : 0, to = at + window + reach;
  const std::vector<float> a = read_part(o.a, from, to), b = read_part(o.b, from, to);
  const match::Alignment found = match::align(b, a, sample_rate, delay_reach_seconds, delay_window_seconds);
  if (!(found.correlation >= least_correlation)) return {};
  return found;
}

Figures measure(const Options& options, const Common& common) {
  ProgressBar bar(!common.quiet);
  Side a(options.a), b(options.b);
  check_comparable(options, a.reader, b.reader);
  Figures f{a.reader.sample_rate(), 0, a.reader.channels()};
  const std::size_t frames = std::min(a.reader.frames(), b.reader.frames());
  std::vector<dsp::StftDistance> stft(f.channels);
  dsp::EsrAccumulator esr;
  std::vector<double> energy;
  std::vector<float> x(block_frames), y(block_frames);
  for (std::size_t done = 0; done < frames;) {
    const std::size_t wanted = std::min(block_frames, frames - done);
    const std::size_t count = std::min(a.read(wanted), b.read(wanted));
    if (count == 0) break;
    a.add(count);
    b.add(count);
    energy.push_back(0);
    for (std::size_t c = 0; c < f.channels; ++c) {
      const std::span<float> estimate = std::span(x).first(count), target = std::span(y).first(count);
      a.channel(c, estimate);
      b.channel(c, target);
      esr.add<float>(estimate, target);
      stft[c].add(estimate, target);
      if (c == 0)
        for (const float s : target) energy.back() += double(s) * double(s);
    }
    done += count;
    throw_if_interrupted();
    bar.show("measure", static_cast<double>(done) / static_cast<double>(frames));
  }
  f.seconds = static_cast<double>(frames) / f.sample_rate;
  f.esr = esr.value();
  for (const dsp::StftDistance& channel : stft) {
    f.stft.spectral_convergence += channel.result().spectral_convergence / static_cast<double>(f.channels);
    f.stft.log_magnitude += channel.result().log_magnitude / static_cast<double>(f.channels);
  }
  const Side* sides[] = {&a, &b};
  for (int i = 0; i < 2; ++i) {
    f.loudness[i] = sides[i]->loudness.integrated_lufs();
    f.range[i] = sides[i]->loudness.range_lu();
    f.dynamic_range[i] = sides[i]->dynamic_range.value_db();
  }
  if (a.reader.frames() != b.reader.frames())
    warn(common, "the files differ in length, " + std::to_string(a.reader.frames()) + " and "
                     + std::to_string(b.reader.frames()) + " frames: only what both have is compared");
  f.alignment = find_delay(options, f.sample_rate, energy);
  return f;
}

nlohmann::json to_json(const Figures& f) {
  const auto number = [](double x) { return std::isfinite(x) ? nlohmann::json(x) : nlohmann::json(); };
  const auto both = [&](const double(&v)[2]) {
    return nlohmann::json{{"a", number(v[0])}, {"b", number(v[1])}, {"difference", number(v[0] - v[1])}};
  };
  nlohmann::json out{{"schema", "raphson.measure/1"},
                     {"sample_rate", f.sample_rate},
                     {"channels", f.channels},
                     {"audio_seconds", f.seconds},
                     {"esr", number(f.esr)},
                     {"stft_distance", number(f.stft.total())},
                     {"spectral_convergence", number(f.stft.spectral_convergence)},
                     {"log_magnitude", number(f.stft.log_magnitude)},
                     {"loudness_lufs", both(f.loudness)},
                     {"loudness_range_lu", both(f.range)},
                     {"dynamic_range_lu", both(f.dynamic_range)},
                     {"delay_samples", nullptr},
                     {"polarity_inverted", nullptr}};
  if (f.alignment) {
    out["delay_samples"] = f.alignment->delay_samples;
    out["polarity_inverted"] = f.alignment->inverted;
  }
  return out;
}

void print(const Figures& f) {
  report::Table table{{{""},
                       {"A", report::Align::right},
                       {"B", report::Align::right},
                       {"difference", report::Align::right},
                       {"", report::Align::left}},
                      {}};
  const auto both = [&](const char* label, const double(&v)[2], const char* unit) {
    table.rows.push_back(
        {label, format_fixed(v[0], 2), format_fixed(v[1], 2), format_fixed(v[0] - v[1], 2), unit});
  };
  both("Loudness", f.loudness, "LUFS");
  both("Loudness range (LRA)", f.range, "LU");
  both("Loudness dynamic range (LDR)", f.dynamic_range, "dB");
  std::cout << "ESR of A against B  " << format_significant(f.esr, 5) << "\nSTFT distance       "
            << format_significant(f.stft.total(), 5) << " (convergence "
            << format_significant(f.stft.spectral_convergence, 4) << ", log magnitude "
            << format_significant(f.stft.log_magnitude, 4) << ")\n\n"
            << to_text(table);
  if (!f.alignment)
    std::cout << "\nA and B seem unrelated: no delay found between them\n";
  else if (f.alignment->delay_samples != 0 || f.alignment->inverted)
    std::cout << "\nA is " << format_significant(std::abs(f.alignment->delay_samples), 9) << " samples "
              << (f.alignment->delay_samples < 0 ? "earlier" : "later") << " than B"
              << (f.alignment->inverted ? " and upside down" : "")
              << "; ESR and STFT distance above are without alignment\n";
  std::cout << std::flush;
}

Action set_up(CLI::App& app, Common& common) {
  auto o = std::make_shared<Options>();
  app.add_option("A", o->a, "The estimate, such as a clone")->required();
  app.add_option("B", o->b, "The target, such as the wet recording")->required();
  return [o, &common] {
    const InterruptGuard guard;
    const Figures figures = measure(*o, common);
    if (common.json)
      std::cout << to_json(figures).dump(2) << std::endl;
    else
      print(figures);
  };
}

const Registration registration{{"Measures", "measure", "ESR, loudness and spectral distance of two files",
                                 set_up, "assets/recordings/la2a-dry.flac assets/recordings/la2a-wet.flac"}};

} // namespace
} // namespace raphson::cli
