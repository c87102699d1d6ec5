// Cosines as atoms: what learnt dictionaries are measured against. In one dimension, for signals of n samples
// and K >= n atoms,
//
//   d_j[t] = cos(pi j (t + 1/2) / K),   the mean removed for j > 0, unit norm,
//
// the orthonormal DCT-II where K = n; in two dimensions the products of two of them (M. Elad & M. Aharon,
// IEEE Trans. Image Processing 15, 2006, with 11 x 11 atoms for 8 x 8 patches).
#pragma once

#include "optim/engine/types.h"

namespace raphson::optim {

/// n x K. Throws InputError where K < n or n < 1.
Matrix cosine_dictionary(Eigen::Index n, Eigen::Index atoms);

/// For patches of rows x columns, row by row: (rows columns) x (down across).
Matrix cosine_dictionary(Eigen::Index rows, Eigen::Index columns, Eigen::Index down, Eigen::Index across);

} // namespace raphson::optim
