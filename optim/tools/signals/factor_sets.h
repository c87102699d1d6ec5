// Which factors of a product are allowed: those with few entries, at Frobenius norm 1. The projection keeps
// the largest magnitudes and scales. Magnitudes count as equal where they are after rounding to 1e-9 of the
// largest, and the lower index (row by row) wins: on matrices of one magnitude, as Hadamard's, this rule
// decides whether the fast transform is found.
#pragma once

#include "optim/engine/types.h"

#include <string>

namespace raphson::optim::tools {

struct FactorSet {
  enum class Kind {
    total,     ///< the `count` largest of all
    column,    ///< the `count` largest of each column
    row_column ///< those of each row and those of each column: the nearest matrix of no fixed set, so that an
               ///< objective may rise on the way
  };
  Kind kind = Kind::total;
  Eigen::Index count = 0;

  /// A matrix of zeros stays one.
  Matrix project(const Matrix& m) const;
  /// The most entries that a factor of this shape can have.
  Eigen::Index budget(Eigen::Index rows, Eigen::Index columns) const;
};

} // namespace raphson::optim::tools
