// Normalisation on the tape, without gain and offset: those are a product and a sum, with their own
// gradients.
#pragma once

#include "optim/autodiff/tape.h"

namespace raphson::optim {

/// (x - mean) / sqrt(variance + epsilon) along the last axis (J. L. Ba, J. R. Kiros & G. E. Hinton, "Layer
/// normalization", arXiv 1607.06450).
template <class T> Var<T> layer_norm(Var<T> x, std::type_identity_t<T> epsilon = T(1e-5));

/// x / sqrt(mean square + epsilon) along the last axis (B. Zhang & R. Sennrich, NeurIPS 2019).
template <class T> Var<T> rms_norm(Var<T> x, std::type_identity_t<T> epsilon = T(1e-6));

/// Statistics of the batch, one a channel, as shapes that spread over x: {features} of a matrix, {1,
/// channels, 1, ...} of images. The variance is that of the population (1/n).
template <class T> struct BatchStatistics { Var<T> mean, variance; };

/// Of axis 1 over all others (S. Ioffe & C. Szegedy, ICML 2015).
template <class T> BatchStatistics<T> batch_statistics(Var<T> x);

/// (x - mean) / sqrt(variance + epsilon): with batch_statistics(x) in training, with constants where the
/// statistics are frozen.
template <class T>
Var<T> batch_norm(Var<T> x, const BatchStatistics<T>& statistics, std::type_identity_t<T> epsilon = T(1e-5));

} // namespace raphson::optim
