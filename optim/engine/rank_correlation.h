// Correlation of two samples: Pearson's of the values, Spearman's of their ranks, Kendall's of the order of
// pairs. NaN where one of the two does not vary. All throw InputError unless both have the same size, 2 at
// least.
#pragma once

#include "optim/engine/types.h"

namespace raphson::optim {

/// Ranks from 1; ties share the mean of theirs.
Vector ranks_of(const Vector& values);

double pearson_correlation(const Vector& a, const Vector& b);
double spearman_correlation(const Vector& a, const Vector& b);

/// tau-b, which allows for ties; over all pairs, O(n^2).
double kendall_correlation(const Vector& a, const Vector& b);

} // namespace raphson::optim
