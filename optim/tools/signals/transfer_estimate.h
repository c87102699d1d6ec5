// What a pair of recordings says of the linear system between them, by averaged spectra (P. Welch, IEEE
// Trans. Audio Electroacoust. 15, 1967), Hann windows that overlap by half:
//   H(f) = S_xy / S_xx,  coherence(f) = |S_xy|^2 / (S_xx S_yy),
// the share of the output's power that a linear system explains: 1 without noise, distortion or change in
// time.
#pragma once

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace raphson::optim::tools {

struct TransferEstimate {
  std::vector<double> hz = {};
  std::vector<std::complex<double>> response = {};
  std::vector<double> coherence = {};
};

/// Bins of sample_rate / window from the first above 0 Hz to half the rate. Signals shorter than two windows
/// get a shorter window.
TransferEstimate estimate_transfer(std::span<const double> dry, std::span<const double> wet,
                                   double sample_rate, std::size_t window = 8192);

/// The share of the bins from 20 Hz to 0.45 of the rate whose coherence is below `limit`.
double incoherent_share(const TransferEstimate& estimate, double limit = 0.5);

} // namespace raphson::optim::tools
