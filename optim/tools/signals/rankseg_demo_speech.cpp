#include "optim/data/clips.h"
#include "optim/data/png_image.h"
#include "optim/data/spectrogram.h"
#include "optim/engine/random.h"
#include "optim/tools/signals/patch_network.h"
#include "optim/tools/signals/rankseg_demo_parts.h"
#include "optim/tools/signals/rankseg_map_scores.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;

const data::Frames frames{.length = 256, .hop = 128}; ///< 32 ms at 8 kHz

/// A clip with noise as loud as it is: ln of its spectrogram's power, low frequencies at the bottom, and in
/// which bins the speech is stronger than the noise (the ideal binary mask).
LabelledMap noisy_clip(const data::Clip& clip, RandomStream& random) {
  double energy = 0;
  for (const float x : clip.samples) energy += double{x} * x;
  const double level = std::sqrt(energy / static_cast<double>(clip.samples.size()));
  std::vector<float> noise, both = clip.samples;
  for (float& x : both) {
    noise.push_back(static_cast<float>(level * random.normal()));
    x += noise.back();
  }
  const data::RowMatrix speech_power = data::power_spectra(clip.samples, frames);
  const data::RowMatrix noise_power = data::power_spectra(noise, frames);
  data::RowMatrix values = data::power_spectra(both, frames);
  data::to_log(values);
  const double mean = values.mean();
  values = ((values.array() - mean) / std::sqrt((values.array() - mean).square().mean())).matrix().eval();
  LabelledMap map{values.transpose().colwise().reverse(), {}};
  const Index bins = values.cols();
  for (Index bin = bins; bin-- > 0;)
    for (Index t = 0; t < values.rows(); ++t)
      map.labels.push_back(speech_power(t, bin) > noise_power(t, bin));
  return map;
}

std::vector<LabelledMap> noisy_clips(const std::vector<data::Clip>& clips, std::size_t count,
                                     RandomStream& random) {
  std::vector<LabelledMap> maps;
  for (std::size_t i = 0; i < std::min(count, clips.size()); ++i)
    maps.push_back(noisy_clip(clips[i], random));
  return maps;
}

/// A map's probability with all 8 bits of a grey image, and its truth, as files to try the tool on.
void add_files(const PatchNetwork& network, const LabelledMap& map, report::ToolReport& report) {
  const Index rows = map.values.rows(), columns = map.values.cols();
  const data::RowMatrix p = network.probabilities(map.values);
  const data::RowMatrix truth = truth_of(map, 1).cast<double>();
  const auto image = [&](const data::RowMatrix& levels) {
    return data::png_bytes(data::grey_image(Eigen::Map<const data::RowMatrix>(levels.data(), rows, columns)));
  };
  report.files.push_back({"speech-probability.png", image(p)});
  report.files.push_back({"speech-mask.png", image(truth)});
}

/// Of the first maps the one whose gain of Dice is nearest to their mean.
const LabelledMap& usual_map(const PatchNetwork& network, const std::vector<LabelledMap>& maps) {
  std::vector<double> gains;
  for (std::size_t i = 0; i < std::min<std::size_t>(maps.size(), 12); ++i) {
    const MapScores scores = score_maps(network, {maps[i]}, 1, OverlapMetric::dice);
    gains.push_back(scores.rma - scores.plain);
  }
  const double mean = std::accumulate(gains.begin(), gains.end(), 0.0) / static_cast<double>(gains.size());
  const auto nearest = std::min_element(gains.begin(), gains.end(), [&](double a, double b) {
    return std::abs(a - mean) < std::abs(b - mean);
  });
  return maps[static_cast<std::size_t>(nearest - gains.begin())];
}

} // namespace

void rankseg_speech(report::ToolReport& report, const DemoOptions& options) {
  const std::size_t training = options.brief ? 40 : 100, held_out = options.brief ? 40 : 100;
  const std::vector<std::string> speakers{"george", "jackson", "lucas", "nicolas"};
  report::Table table{
      {{"seed"}, {"metric"}, {"p > 0.5"}, {"RankSEG-RMA"}, {"gain"}, {"gain, speakers not learned from"}},
      {}};
  std::vector<data::Clip> known = data::spoken_digits({.speakers = speakers, .last_take = 29}),
                          others = data::spoken_digits({.speakers = speakers, .first_take = 30}),
                          strangers = data::spoken_digits({.speakers = {"theo", "yweweler"}});
  SeedClaims claims(report);
  for (const std::uint64_t seed : rankseg_seeds(options)) {
    RandomStream random(seed, "noisy speech");
    for (auto* clips : {&known, &others, &strangers}) random.shuffle(*clips);
    PatchNetwork network(24, 1);
    PatchTraining steps{.epochs = options.brief ? 6 : 8};
    steps.observer = [&](int epoch) {
      options.say("speech, seed " + std::to_string(seed) + ", epoch " + std::to_string(epoch));
    };
    network.train(noisy_clips(known, training, random), steps, seed);
    const std::vector<LabelledMap> maps = noisy_clips(others, held_out, random),
                                   strange = noisy_clips(strangers, held_out, random);
    for (const OverlapMetric metric : {OverlapMetric::dice, OverlapMetric::iou}) {
      const MapScores scores = score_maps(network, maps, 1, metric);
      const MapScores uncalibrated = score_maps(network, strange, 1, metric);
      table.rows.push_back({seed, name_of(metric), scores.plain, scores.rma, scores.rma - scores.plain,
                            uncalibrated.rma - uncalibrated.plain});
      claims.add(report::at_least(std::string("speech: RMA less p > 0.5, each seed, ") + name_of(metric),
                                  scores.rma - scores.plain, 0.01));
    }
    if (seed == rankseg_seeds(options).front()) add_files(network, usual_map(network, maps), report);
  }
  report.tables.push_back(
      {"speech",
       "Spectrogram masks: bins where a spoken digit is stronger than white noise as loud "
       "as it. Other takes of the same speakers, and speakers that were not learned from",
       table});
}

} // namespace raphson::optim::tools
