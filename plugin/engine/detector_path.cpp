#include "plugin/engine/detector_path.h"

#include <numbers>

namespace raphson::plugin {

using dsp::Line;

std::array<dsp::Biquad<double>, maximum_channels> DetectorPath::filled() {
  const dsp::Biquad<double> through({1, 0, 0, 0, 0});
  return {through, through, through, through, through, through, through, through};
}

void DetectorPath::prepare(int channels, std::size_t block) {
  buffer_.assign(static_cast<std::size_t>(channels), std::vector<double>(block));
}

void DetectorPath::reset(double sample_rate) {
  sample_rate_ = sample_rate;
  highpass_hz_ = rms_ms_ = 0; // designed anew when wanted
  filtering_ = false;
  power_.fill(0);
}

void DetectorPath::update(const CompressorValues& values) {
  if (values.rms_ms != rms_ms_) {
    rms_ms_ = values.rms_ms;
    rms_coefficient_ = rms_ms_ > 0 ? dsp::coefficient_from_ms(rms_ms_, sample_rate_) : 1;
  }
  const bool filtering = !values.highpass.always(0);
  if (filtering && !filtering_)
    for (auto& filter : filter_) filter.reset();
  filtering_ = filtering;
  if (filtering && values.highpass_hz != highpass_hz_) {
    highpass_hz_ = values.highpass_hz;
    const auto design = dsp::high_pass(highpass_hz_, std::numbers::sqrt2 / 2, sample_rate_);
    for (auto& filter : filter_) filter.set(design);
  }
}

DetectorPath::Levels DetectorPath::process(const double* const* audio, const double* const* sidechain,
                                           int channels, std::size_t count, const CompressorValues& values) {
  update(values);
  Levels levels{{}, rms_ms_ > 0};
  for (int c = 0; c < channels; ++c) {
    double* const buffer = buffer_[static_cast<std::size_t>(c)].data();
    const double* heard = audio[c];
    if (sidechain != nullptr && !values.external.always(0)) {
      choose(buffer, audio[c], sidechain[c], count, values.external);
      heard = buffer;
    }
    if (filtering_) {
      high_pass(buffer, heard, c, count, values.highpass);
      heard = buffer;
    }
    if (levels.is_power) {
      mean_square(buffer, heard, c, count);
      heard = buffer;
    } else {
      power_[static_cast<std::size_t>(c)] = heard[count - 1] * heard[count - 1];
    }
    levels.level[static_cast<std::size_t>(c)] = heard;
  }
  return levels;
}

void DetectorPath::choose(double* out, const double* audio, const double* sidechain, std::size_t count,
                          Line external) {
  for (std::size_t t = 0; t < count; ++t) {
    const double e = external.at(static_cast<double>(t));
    out[t] = (1 - e) * audio[t] + e * sidechain[t];
  }
}

void DetectorPath::high_pass(double* out, const double* in, int channel, std::size_t count, Line amount) {
  dsp::Biquad<double> filter = filter_[static_cast<std::size_t>(channel)]; // in registers
  for (std::size_t t = 0; t < count; ++t) {
    const double a = amount.at(static_cast<double>(t)), x = in[t];
    out[t] = (1 - a) * x + a * filter(x);
  }
  filter_[static_cast<std::size_t>(channel)] = filter;
}

/// As dsp::RmsDetector, whose root the gain takes.
void DetectorPath::mean_square(double* out, const double* in, int channel, std::size_t count) {
  double power = power_[static_cast<std::size_t>(channel)];
  for (std::size_t t = 0; t < count; ++t) out[t] = power += rms_coefficient_ * (in[t] * in[t] - power);
  power_[static_cast<std::size_t>(channel)] = power;
}

} // namespace raphson::plugin
