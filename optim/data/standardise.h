// Features of mean 0 and deviation 1, by the figures of the training rows alone: rows held out go through the
// same Standardisation, since figures of their own would tell of them what a model must not know.
//
//   const Standardisation scale = standardisation_of(training.features);
//   scale.apply(training.features);
//   scale.apply(held_out.features);
#pragma once

#include "optim/data/dataset.h"

namespace raphson::optim::data {

struct Standardisation {
  Vector mean = {};
  Vector deviation = {}; ///< with 1/n; 1 for a feature that does not vary, which becomes 0

  /// (x - mean) / deviation. Throws InputError where there is another number of features.
  void apply(RowMatrix& features) const;
  /// x deviation + mean.
  void undo(RowMatrix& features) const;
};

/// Throws InputError where there is no row.
Standardisation standardisation_of(const RowMatrix& features);

/// Both in one: standardises and returns with what.
Standardisation standardise(Dataset& training);

/// Means of 0 alone (deviation 1 everywhere), as for pixels.
Standardisation centring_of(const RowMatrix& features);

} // namespace raphson::optim::data
