#include "optim/data/resample.h"

#include "dsp/error.h"

#include <cmath>
#include <samplerate.h>
#include <string>

namespace raphson::optim::data {
namespace {

std::vector<float> resample_channel(const std::vector<float>& in, double ratio) {
  // The guard frame takes what libsamplerate may produce beyond the exact length.
  const auto frames = static_cast<std::size_t>(std::ceil(static_cast<double>(in.size()) * ratio - 1e-9));
  std::vector<float> out(frames + 1);
  SRC_DATA data{};
  data.data_in = in.data();
  data.input_frames = static_cast<long>(in.size());
  data.data_out = out.data();
  data.output_frames = static_cast<long>(out.size());
  data.src_ratio = ratio;
  if (const int error = src_simple(&data, SRC_SINC_BEST_QUALITY, 1); error != 0)
    throw InputError(std::string("cannot resample: ") + src_strerror(error));
  out.resize(frames);
  return out;
}

} // namespace

Audio resample(const Audio& audio, double sample_rate) {
  if (audio.sample_rate == sample_rate) return audio;
  const double ratio = sample_rate / audio.sample_rate;
  if (!(sample_rate > 0 && audio.sample_rate > 0) || !src_is_valid_ratio(ratio))
    throw InputError("cannot resample from " + std::to_string(audio.sample_rate) + " Hz to "
                     + std::to_string(sample_rate) + " Hz: a rate within a factor of 256 is needed");
  Audio out{sample_rate, {}};
  for (const auto& channel : audio.channels)
    out.channels.push_back(channel.empty() ? channel : resample_channel(channel, ratio));
  return out;
}

} // namespace raphson::optim::data
