// Gathers peaks until a frame of the meters is full.
#pragma once

#include "dsp/units.h"
#include "plugin/engine/compressor_values.h"
#include "plugin/engine/meters.h"

#include <algorithm>
#include <cstddef>
#include <numbers>

namespace raphson::plugin {

class MeterAccumulator {
public:
  void prepare(double sample_rate) {
    length_ = static_cast<std::size_t>(0.005 * sample_rate);
    reset();
  }
  void reset() {
    count_ = 0;
    clear();
  }

  void input_peak(std::size_t channel, double peak) { hold(input_, channel, peak); }
  void output_peak(std::size_t channel, double peak) { hold(output_, channel, peak); }
  CompressorReading& compressor() { return compressor_; }

  /// After each block.
  void advance(std::size_t samples, MeterFifo& fifo) {
    count_ += samples;
    if (count_ < length_) return;
    count_ = 0;
    fifo.push(frame());
    clear();
  }

private:
  static void hold(double (&peaks)[2], std::size_t channel, double peak) {
    if (channel < 2) peaks[channel] = std::max(peaks[channel], peak);
  }
  void clear() {
    input_[0] = input_[1] = output_[0] = output_[1] = 0;
    compressor_ = {};
  }
  static float db(double gain) {
    return std::max(static_cast<float>(dsp::gain_to_db(std::max(gain, 1e-10))), MeterFrame::silence_db);
  }
  MeterFrame frame() const {
    MeterFrame frame;
    for (int c = 0; c < 2; ++c) {
      frame.input_peak_db[c] = db(input_[c]);
      frame.output_peak_db[c] = db(output_[c]);
    }
    frame.gain_reduction_db = std::max(0.0f, -db(compressor_.lowest_gain));
    constexpr double db_per_octave = std::numbers::ln2 / dsp::nepers_per_db;
    frame.detector_db =
        std::max(static_cast<float>(compressor_.highest_octaves * db_per_octave), MeterFrame::silence_db);
    return frame;
  }

  std::size_t length_ = 1, count_ = 0;
  double input_[2] = {}, output_[2] = {};
  CompressorReading compressor_;
};

} // namespace raphson::plugin
