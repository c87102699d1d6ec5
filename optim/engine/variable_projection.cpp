#include "optim/engine/variable_projection.h"

#include "optim/engine/parallel.h"

#include <Eigen/QR>

namespace raphson::optim {
namespace {

/// Phi's part of the triangle solved for y's, where columns nearly coincide by the fewest that do.
Vector solve(const Matrix& r, Eigen::Index linear) {
  const auto phi = r.topLeftCorner(linear, linear);
  const auto y = r.col(r.cols() - 1).head(linear);
  const Vector scale = phi.colwise().norm().cwiseMax(1e-300).cwiseInverse();
  Eigen::ColPivHouseholderQR<Matrix> qr(phi * scale.asDiagonal());
  qr.setThreshold(1e-14);
  return scale.cwiseProduct(qr.solve(y));
}

} // namespace

void StreamedQr::add(const Eigen::Ref<const Matrix>& rows) {
  const Eigen::Index n = r_.cols();
  stacked_.resize(n + rows.rows(), n);
  stacked_.topRows(n) = r_;
  stacked_.bottomRows(rows.rows()) = rows;
  const Eigen::HouseholderQR<Eigen::Ref<Matrix>> qr(stacked_);
  r_ = stacked_.topRows(n).triangularView<Eigen::Upper>();
}

Matrix VariableProjection::triangle(const Vector& theta, bool derivatives) const {
  const Eigen::Index columns = problem_.linear() + (derivatives ? problem_.derivative_columns() : 0) + 1;
  std::vector<StreamedQr> parts(problem_.pieces(), StreamedQr(columns));
  parallel_for(parts.size(), threads_, [&](std::size_t piece, std::size_t) {
    problem_.rows(piece, theta, derivatives, [&](const auto& rows) { parts[piece].add(rows); });
  });
  StreamedQr all(columns);
  for (const StreamedQr& part : parts) all.add(part.r());
  return all.r();
}

double VariableProjection::value(const Vector& theta) const {
  const Matrix r = triangle(theta, false);
  const Eigen::Index m = problem_.linear();
  const Vector left = r.col(m).head(m) - r.topLeftCorner(m, m) * solve(r, m);
  return 0.5 * (left.squaredNorm() + r(m, m) * r(m, m));
}

double VariableProjection::value_gradient_and_gauss_newton(const Vector& theta, Vector& gradient,
                                                           Matrix& jtj) const {
  const Matrix r = triangle(theta, true);
  const Eigen::Index m = problem_.linear(), d = problem_.derivative_columns();
  const Vector c = solve(r, m), y = r.col(m + d);
  const Matrix projected = r.block(m, m, d, d) * problem_.combination(theta, c);
  gradient = -projected.transpose() * y.segment(m, d);
  jtj = projected.transpose() * projected;
  const Vector left = y.head(m) - r.topLeftCorner(m, m) * c;
  return 0.5 * (left.squaredNorm() + y.tail(d + 1).squaredNorm());
}

Vector VariableProjection::coefficients(const Vector& theta) const {
  return solve(triangle(theta, false), problem_.linear());
}

} // namespace raphson::optim
