// Figures of a sample. All throw InputError where it is too small for them.
#pragma once

#include "optim/engine/types.h"

namespace raphson::optim {

double sample_variance(const Vector& sample); // over n - 1
double sample_deviation(const Vector& sample);
double standard_error(const Vector& sample); // of the mean, of independent values

/// The level's quantile, in [0, 1], linear between the order statistics at (n - 1) level: R's type 7.
double quantile(const Vector& sample, double level);
double median(const Vector& sample);

/// Autocorrelation at a lag: sum (x_t - mean)(x_{t+lag} - mean) / sum (x_t - mean)^2, whose bias towards zero
/// is of order 1/n. NaN for a constant sample.
double autocorrelation(const Vector& sample, Eigen::Index lag);

/// How many independent values tell as much of the mean: n over the sum of the autocorrelations at all lags,
/// of both signs, as far as pairs of neighbouring ones are positive (C. Geyer, Statistical Science 7, 1992).
double effective_sample_size(const Vector& sample);

/// The share of pairs in which the positive has the higher score, ties half: the area under the ROC curve.
double area_under_roc(const Vector& positives, const Vector& negatives);

} // namespace raphson::optim
