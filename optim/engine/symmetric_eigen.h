// Functions of symmetric matrices through their eigenvalues, and the largest eigenvalue of one that is known
// by its products alone.
#pragma once

#include "optim/engine/types.h"

#include <Eigen/Eigenvalues>

#include <cstdint>
#include <functional>

namespace raphson::optim {

/// Eigenvectors as columns, largest eigenvalue first, from the lower triangle. False, and nothing changed,
/// where the matrix is not finite or the iteration fails.
template <class Scalar>
bool eigenvectors_by_falling_value(
    const Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>& matrix,
    Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>& vectors,
    Eigen::SelfAdjointEigenSolver<Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>>& solver);

/// A^power for a positive semidefinite A (its lower triangle), each eigenvalue raised by damping * the
/// largest and negative ones, which are rounding, taken as zero. The zero matrix has no inverse power: the
/// result is then zero. False, and nothing changed, as above.
template <class Scalar>
bool symmetric_power(const Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>& matrix, double power,
                     double damping, Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>& result);

/// The square root of a positive semidefinite matrix. Throws std::runtime_error where there is none.
Matrix symmetric_square_root(const Matrix& matrix);

struct PowerIterationOptions {
  int maximum_iterations = 100;
  double tolerance = 1e-4; // relative change of the eigenvalue
  std::uint64_t seed = 0;
};

/// The eigenvalue of the largest size, with its sign, by power iteration on x -> H x from a random start.
double dominant_eigenvalue(const std::function<Vector(const Vector&)>& product, Eigen::Index n,
                           const PowerIterationOptions& options = {});

} // namespace raphson::optim
