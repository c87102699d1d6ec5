#include "optim/engine/rational_fit_problem.h"

#include "optim/engine/rational_fit.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim {
namespace {

constexpr std::size_t block = 512;

/// A section with what it remembers: v[-1], v[-2] and w[-1] ... w[-4].
struct Running {
  double p, q;
  double v1 = 0, v2 = 0, w1 = 0, w2 = 0, w3 = 0, w4 = 0;

  void advance(double u) {
    const double v = u - p * v1 - q * v2, w = v - p * w1 - q * w2;
    v2 = v1;
    v1 = v;
    w4 = w3;
    w3 = w2;
    w2 = w1;
    w1 = w;
  }
};

} // namespace

void RationalFitProblem::rows(std::size_t piece, const Vector& theta, bool derivatives,
                              const AddRows& add) const {
  const FitChunk& chunk = chunks_[piece];
  std::vector<Running> sections;
  for (const auto& s : sections_at(theta).sections) sections.push_back({.p = s.p, .q = s.q});
  const Eigen::Index first_derivative = linear(),
                     columns = linear() + (derivatives ? derivative_columns() : 0) + 1;
  Matrix rows(block, columns);
  for (std::size_t from = chunk.begin; from < chunk.end; from += block) {
    const std::size_t count = std::min(block, chunk.end - from);
    for (std::size_t j = 0; j < sections.size(); ++j) {
      const auto phi = static_cast<Eigen::Index>(1 + 2 * j);
      const auto d = first_derivative + static_cast<Eigen::Index>(3 * j);
      Running s = sections[j];
      for (std::size_t i = 0; i < count; ++i) {
        const auto row = static_cast<Eigen::Index>(i);
        rows(row, phi) = weight_ * s.v1;
        rows(row, phi + 1) = weight_ * s.v2;
        if (derivatives) {
          rows(row, d) = weight_ * s.w2;
          rows(row, d + 1) = weight_ * s.w3;
          rows(row, d + 2) = weight_ * s.w4;
        }
        s.advance(input_[from + i]);
      }
      sections[j] = s;
    }
    for (std::size_t i = 0; i < count; ++i) {
      rows(static_cast<Eigen::Index>(i), 0) = weight_ * input_[from + i];
      rows(static_cast<Eigen::Index>(i), columns - 1) = weight_ * target_[from + i];
    }
    const std::size_t unscored = std::min(count, chunk.scored > from ? chunk.scored - from : 0);
    if (unscored < count)
      add(rows.middleRows(static_cast<Eigen::Index>(unscored), static_cast<Eigen::Index>(count - unscored)));
  }
}

Matrix RationalFitProblem::combination(const Vector& theta, const Vector& c) const {
  Matrix result = Matrix::Zero(derivative_columns(), theta.size());
  for (Eigen::Index j = 0; j < sections_; ++j) {
    const double s = std::tanh(theta[2 * j]), q = std::tanh(theta[2 * j + 1]);
    const double p_s = (1 + q) * (1 - s * s), q_t = 1 - q * q, p_t = q_t * s;
    const double beta1 = c[1 + 2 * j], beta2 = c[2 + 2 * j];
    const Eigen::Vector3d by_p = largest_radius * Eigen::Vector3d(-beta1, -beta2, 0);
    const Eigen::Vector3d by_q = largest_radius * largest_radius * Eigen::Vector3d(0, -beta1, -beta2);
    result.block<3, 1>(3 * j, 2 * j) = p_s * by_p;
    result.block<3, 1>(3 * j, 2 * j + 1) = p_t * by_p + q_t * by_q;
  }
  return result;
}

} // namespace raphson::optim
