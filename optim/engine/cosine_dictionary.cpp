#include "optim/engine/cosine_dictionary.h"

#include "dsp/error.h"

#include <cmath>
#include <numbers>
#include <string>

namespace raphson::optim {

using Eigen::Index;

Matrix cosine_dictionary(Index n, Index atoms) {
  if (n < 1 || atoms < n)
    throw InputError("cosines: " + std::to_string(atoms) + " atoms for signals of " + std::to_string(n)
                     + ": at least as many atoms as samples expected");
  Matrix d(n, atoms);
  for (Index j = 0; j < atoms; ++j) {
    for (Index t = 0; t < n; ++t)
      d(t, j) = std::cos(std::numbers::pi * static_cast<double>(j) * (static_cast<double>(t) + 0.5)
                         / static_cast<double>(atoms));
    if (j > 0) d.col(j).array() -= d.col(j).mean();
    d.col(j).normalize();
  }
  return d;
}

Matrix cosine_dictionary(Index rows, Index columns, Index down, Index across) {
  const Matrix vertical = cosine_dictionary(rows, down), horizontal = cosine_dictionary(columns, across);
  Matrix d(rows * columns, down * across);
  for (Index i = 0; i < down; ++i)
    for (Index j = 0; j < across; ++j)
      for (Index r = 0; r < rows; ++r)
        d.col(i * across + j).segment(r * columns, columns) = vertical(r, i) * horizontal.col(j);
  return d;
}

} // namespace raphson::optim
