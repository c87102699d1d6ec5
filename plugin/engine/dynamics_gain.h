// The gains of dynamics blocks that stand side by side, one a channel, alike in all values, their levels
// linked in dB: what dsp::LinkedGain is to the plain compressor. Feed-forward structures go by blocks; of
// feedback ones each channel hears its own output, sample by sample. A side-chain from outside is heard as it
// comes by both.
#pragma once

#include "dsp/dynamics/dynamics.h"
#include "plugin/engine/detector_path.h"

#include <array>
#include <vector>

namespace raphson::plugin {

class DynamicsGain {
public:
  static constexpr std::size_t value_count = dsp::dynamics_parameters.size();

  /// Allocates.
  DynamicsGain(const dsp::DynamicsStructure& structure, int channels);

  /// Silence behind, no gain reduction, at this rate from now on; the values come with process().
  void reset(double sample_rate);
  /// Goes on with the levels and gains of another, at this rate from now on.
  void follow(const DynamicsGain& other, double sample_rate);

  /// gain: results, make-up not included. sidechain may be null.
  void process(DetectorPath& detector, const double* const* audio, const double* const* sidechain,
               int channels, std::size_t count, const CompressorValues& values, double* const* gain,
               CompressorReading& reading);

private:
  void update(const CompressorValues& values);
  double forward(DetectorPath& detector, const double* const* audio, const double* const* sidechain,
                 int channels, std::size_t count, const CompressorValues& values, double* const* gain);
  double back(DetectorPath& detector, const double* const* audio, const double* const* sidechain,
              int channels, std::size_t count, const CompressorValues& values, double* const* gain);
  void link(std::array<double, maximum_channels>& detected, int channels, double amount) const;

  double sample_rate_ = 48000;
  bool known_ = false; ///< whether values_ have been set at this rate
  std::array<double, value_count> values_{};
  std::vector<dsp::Dynamics<double>> channel_;
  const dsp::DynamicsBlockPasses& passes_ = dsp::dynamics_block_passes();
};

} // namespace raphson::plugin
