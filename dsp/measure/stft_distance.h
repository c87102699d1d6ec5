// Multi-resolution STFT distance (Yamamoto, Song & Kim, "Parallel WaveGAN", ICASSP 2020; auraloss, Steinmetz
// & Reiss 2020). With E and T the magnitudes of estimate and target over frames and bins, for each window
// length
//
//   spectral convergence  ||T - E||_F / ||T||_F
//   log magnitude         mean |ln T - ln E|
//
// and the distance is the sum of the two, averaged over the window lengths. As in auraloss, squared
// magnitudes are held above 1e-8 and every sample is covered alike: the first frame is centred on the first
// sample, with silence around the signal (auraloss mirrors it there). Unlike its defaults, each FFT is as
// long as its window and the hop is a quarter of it. All in double; memory does not grow with the signal.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace raphson::dsp {

struct StftDistanceResult {
  double spectral_convergence = 0;
  double log_magnitude = 0;
  double total() const { return spectral_convergence + log_magnitude; }
};

class StftDistance {
public:
  /// Hann windows of these lengths in samples, each a power of two from 16 on; InputError otherwise.
  explicit StftDistance(std::vector<std::size_t> window_lengths = {512, 1024, 2048});
  ~StftDistance();
  StftDistance(StftDistance&&) noexcept;
  StftDistance& operator=(StftDistance&&) noexcept;

  /// The next block of both signals; InputError where their lengths differ.
  void add(std::span<const float> estimate, std::span<const float> target);

  /// The distance of what was added so far, taken as complete; adding may go on. A silent target (spectral
  /// convergence 0/0) counts by the same floor of 1e-8 a bin.
  StftDistanceResult result() const;

private:
  struct Resolution;
  std::vector<std::unique_ptr<Resolution>> resolutions_;
};

StftDistanceResult stft_distance(std::span<const float> estimate, std::span<const float> target);

} // namespace raphson::dsp
