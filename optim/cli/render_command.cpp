// raphson render MODEL IN OUT: a model applied to audio of any length, in blocks.
#include "dsp/chain/processor.h"
#include "dsp/error.h"
#include "dsp/model/model_file.h"
#include "optim/cli/command.h"
#include "optim/cli/interrupt.h"
#include "optim/cli/output_folder.h"
#include "optim/cli/progress_bar.h"
#include "optim/cli/setting_options.h"
#include "optim/data/audio_file.h"
#include "optim/engine/parallel.h"
#include "optim/engine/stopwatch.h"
#include "optim/report/text.h"

#include <nlohmann/json.hpp>

#include <iostream>

namespace raphson::cli {
namespace {

using namespace raphson::optim;

constexpr std::size_t block_frames = 1 << 16; // a thread's start costs less than a percent of a block

struct Options {
  std::filesystem::path model, in, out;
  SettingOptions settings;
  std::string format;
  std::size_t threads = 0;
};

struct Rendered {
  double audio_seconds, seconds;
  std::size_t clipped_samples;
};

data::SampleFormat sample_format(const std::string& name) {
  if (name == "pcm16") return data::SampleFormat::pcm16;
  if (name == "pcm24") return data::SampleFormat::pcm24;
  if (name == "float32") return data::SampleFormat::float32;
  return data::SampleFormat::by_extension;
}

/// One buffer a channel, and the addresses of all.
struct Planar {
  explicit Planar(std::size_t channels) : samples(channels, std::vector<float>(block_frames)) {
    for (auto& channel : samples) pointers.push_back(channel.data());
  }
  std::vector<std::vector<float>> samples;
  std::vector<float*> pointers;
};

Rendered stream(const dsp::ChainSettings& chain, const Options& options, ProgressBar& bar) {
  const optim::Stopwatch stopwatch;
  data::AudioReader reader(options.in);
  const std::size_t channels = reader.channels(), frames = reader.frames();
  data::AudioWriter writer(options.out, reader.sample_rate(), channels, sample_format(options.format),
                           frames);
  std::vector<dsp::ChainProcessor> processors(channels, dsp::ChainProcessor(chain, reader.sample_rate()));
  const std::size_t threads = options.threads ? options.threads : default_threads();
  Planar block(channels);
  const std::vector<const float*> rendered(block.pointers.begin(), block.pointers.end());
  for (std::size_t done = 0;;) {
    const std::size_t count = reader.read_planar(block.pointers, block_frames);
    if (count == 0) break;
    parallel_for(channels, threads, [&](std::size_t c, std::size_t) {
      const std::span<float> part = std::span(block.samples[c]).first(count);
      processors[c].process(part, part);
    });
    writer.write_planar(rendered, count);
    throw_if_interrupted();
    done += count;
    bar.show("render", static_cast<double>(done) / static_cast<double>(frames));
  }
  writer.commit();
  return {static_cast<double>(frames) / reader.sample_rate(), stopwatch.seconds(), writer.clipped_samples()};
}

void run(const Options& options, const Common& common) {
  const dsp::ChainSettings chain = apply(options.settings, dsp::read_model(options.model));
  check_writable_file(options.out);
  const InterruptGuard guard;
  ProgressBar bar(!common.quiet);
  const Rendered r = stream(chain, options, bar);
  bar.clear();
  if (r.clipped_samples > 0)
    warn(common, options.out.string() + ": " + std::to_string(r.clipped_samples)
                     + " samples were clipped at full scale; a .wav holds what lies above it");
  const double speed = r.audio_seconds / r.seconds;
  if (common.json)
    std::cout << nlohmann::json{{"audio_seconds", r.audio_seconds},
                                {"seconds", r.seconds},
                                {"times_real_time", speed},
                                {"clipped_samples", r.clipped_samples}}
                     .dump(2)
              << std::endl;
  else if (!common.quiet)
    std::cout << options.out.string() << ": " << report::format_clock(r.audio_seconds) << " in "
              << report::format_significant(r.seconds, 3) << " s, " << report::format_significant(speed, 3)
              << " x real time" << std::endl;
}

Action set_up(CLI::App& app, Common& common) {
  auto o = std::make_shared<Options>();
  app.add_option("MODEL", o->model, "A model file, *.raphson.json")->required();
  app.add_option("IN", o->in, "WAV, AIFF, FLAC or OGG, of any length")->required();
  app.add_option("OUT", o->out, "Its extension says the format; the rate is that of IN")->required();
  add_setting_options(app, o->settings);
  app.add_option("--format", o->format, "Of samples: pcm16, pcm24 or float32; what suits OUT unless given")
      ->check(CLI::IsMember({"pcm16", "pcm24", "float32"}))
      ->type_name("");
  add_threads(app, o->threads);
  return [o, &common] { run(*o, common); };
}

const Registration registration{{"Models", "render", "Apply a model to audio", set_up,
                                 "assets/models/la2a.raphson.json assets/recordings/digits-dry.flac out.wav"
                                 " --knob peak_reduction=70"}};

} // namespace
} // namespace raphson::cli
