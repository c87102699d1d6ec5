#include "optim/engine/inverse_fisher.h"

#include "dsp/error.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace raphson::optim {
namespace {

void check(Eigen::Index parameters, Eigen::Index gradients, double lambda) {
  if (parameters < 1) throw InputError("inverse Fisher: gradients of no parameters, at least one is needed");
  if (gradients < 1)
    throw InputError("inverse Fisher: " + std::to_string(gradients) + " gradients, at least 1 is needed");
  if (!(lambda > 0) || !std::isfinite(lambda))
    throw InputError("inverse Fisher: the damping is " + std::to_string(lambda) + ", it must be above 0");
}

} // namespace

InverseFisher::InverseFisher(RowMatrix gradients, double lambda) : lambda_(lambda), v_(std::move(gradients)) {
  check(v_.cols(), v_.rows(), lambda);
  for (Eigen::Index i = 0; i < v_.rows(); ++i)
    if (!v_.row(i).allFinite())
      throw InputError("inverse Fisher: gradient " + std::to_string(i) + " is not finite");
  s_.resize(v_.rows());
  // Some rows at a time, so that what earlier ones do to them are matrix products.
  constexpr Eigen::Index together = 8;
  for (Eigen::Index begin = 0; begin < v_.rows(); begin += together)
    invert_rows(begin, std::min(together, v_.rows() - begin));
}

void InverseFisher::invert_rows(Eigen::Index begin, Eigen::Index count) {
  const RowMatrix g = v_.middleRows(begin, count);
  auto v = v_.middleRows(begin, count);
  v /= lambda_;
  if (begin > 0) {
    const auto before = v_.topRows(begin);
    const RowMatrix weights = (g * before.transpose()).array().rowwise() / s_.head(begin).transpose().array();
    v.noalias() -= weights * before;
  }
  for (Eigen::Index i = 0; i < count; ++i) {
    for (Eigen::Index j = 0; j < i; ++j) v.row(i) -= (v.row(j).dot(g.row(i)) / s_[begin + j]) * v.row(j);
    s_[begin + i] = static_cast<double>(v_.rows()) + g.row(i).dot(v.row(i));
  }
  work_.dot_products += count * begin + count * (count + 1) / 2;
  work_.additions += count * begin + count * (count - 1) / 2;
}

Vector InverseFisher::product(const Vector& x) const {
  const Vector weights = (v_ * x).array() / s_.array();
  Vector result = x / lambda_;
  result.noalias() -= v_.transpose() * weights;
  return result;
}

Matrix InverseFisher::product(const Matrix& x) const {
  const Matrix weights = (v_ * x).array().colwise() / s_.array();
  Matrix result = x / lambda_;
  result.noalias() -= v_.transpose() * weights;
  return result;
}

double InverseFisher::entry(Eigen::Index p, Eigen::Index q) const {
  const double sum = (v_.col(p).array() * v_.col(q).array() / s_.array()).sum();
  return (p == q ? 1 / lambda_ : 0) - sum;
}

Vector InverseFisher::diagonal() const {
  Vector result = Vector::Constant(v_.cols(), 1 / lambda_);
  for (Eigen::Index i = 0; i < v_.rows(); ++i) result -= v_.row(i).cwiseAbs2().transpose() / s_[i];
  return result;
}

BlockInverseFisher::BlockInverseFisher(const RowMatrix& gradients, double lambda, Eigen::Index block)
    : parameters_(gradients.cols()), block_(block) {
  check(gradients.cols(), gradients.rows(), lambda);
  if (block < 1)
    throw InputError("inverse Fisher: blocks of " + std::to_string(block)
                     + " parameters, at least 1 is needed");
  for (Eigen::Index begin = 0; begin < parameters_; begin += block)
    blocks_.emplace_back(gradients.middleCols(begin, std::min(block, parameters_ - begin)), lambda);
}

Vector BlockInverseFisher::product(const Vector& x) const {
  Vector result(parameters_);
  Eigen::Index begin = 0;
  for (const InverseFisher& block : blocks_) {
    result.segment(begin, block.parameters()) = block.product(Vector(x.segment(begin, block.parameters())));
    begin += block.parameters();
  }
  return result;
}

Vector BlockInverseFisher::diagonal() const {
  Vector result(parameters_);
  Eigen::Index begin = 0;
  for (const InverseFisher& block : blocks_) {
    result.segment(begin, block.parameters()) = block.diagonal();
    begin += block.parameters();
  }
  return result;
}

SlidingInverseFisher::SlidingInverseFisher(Eigen::Index parameters, Eigen::Index window, double lambda)
    : lambda_(lambda) {
  check(parameters, window, lambda);
  gradients_.setZero(window, parameters);
  gram_.setZero(window, window);
  schur_ = d_ = gram_;
  b_ = Matrix::Identity(window, window) / lambda;
  q_.setZero(window);
  combined_.setZero(window);
}

void SlidingInverseFisher::push(const Eigen::Ref<const Vector>& gradient) {
  if (!gradient.allFinite()) throw InputError("inverse Fisher: a gradient is not finite");
  const auto m = window();
  newest_ = static_cast<Eigen::Index>(pushed_ % static_cast<std::uint64_t>(m));
  ++pushed_;
  filled_ = std::min(m, static_cast<Eigen::Index>(pushed_));
  gradients_.row(newest_) = gradient.transpose();
  q_.head(filled_).noalias() = gradients_.topRows(filled_) * gradient; // the only work of length d
  work_.dot_products += filled_;
  gram_.row(newest_).head(filled_) = q_.head(filled_).transpose();
  gram_.col(newest_).head(filled_) = q_.head(filled_);
  factorise();
}

/// D by elimination on K / lambda, then B by substitution; both of the filled slots, the others being zero.
void SlidingInverseFisher::factorise() {
  const auto n = filled_;
  const auto m = static_cast<double>(window());
  auto s = schur_.topLeftCorner(n, n);
  s = gram_.topLeftCorner(n, n) / lambda_;
  // On the lower triangle, which is contiguous down a column; S is symmetric.
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto rest = n - i - 1;
    const auto column = s.col(i).tail(rest);
    const double scale = 1 / (m + s(i, i));
    for (Eigen::Index j = 0; j < rest; ++j)
      s.col(i + 1 + j).tail(rest - j) -= (scale * column[j]) * column.tail(rest - j);
    d_.row(i).segment(i, n - i) = s.col(i).tail(n - i).transpose();
  }
  for (Eigen::Index j = 1; j < n; ++j) {
    combined_.head(j) = -d_.col(j).head(j).array() / (m + d_.diagonal().head(j).array());
    b_.row(j).head(j).noalias() =
        combined_.head(j).transpose() * b_.topLeftCorner(j, j).triangularView<Eigen::Lower>();
  }
}

/// From q = G x: the weights of the gradients, by substitution, and their combination.
void SlidingInverseFisher::finish(Vector& q, const Eigen::Ref<const Vector>& x,
                                  Eigen::Ref<Vector> result) const {
  const auto n = filled_;
  const auto m = static_cast<double>(window());
  q.head(n) /= lambda_;
  for (Eigen::Index i = 0; i < n; ++i) {
    q[i] /= m + d_(i, i); // c_i
    q.segment(i + 1, n - i - 1) -= q[i] * d_.row(i).segment(i + 1, n - i - 1).transpose();
  }
  combined_.head(n).noalias() = b_.topLeftCorner(n, n).triangularView<Eigen::Lower>().transpose() * q.head(n);
  result = x / lambda_;
  result.noalias() -= gradients_.topRows(n).transpose() * combined_.head(n);
  work_.additions += n;
}

Vector SlidingInverseFisher::product(const Vector& x) const {
  q_.head(filled_).noalias() = gradients_.topRows(filled_) * x;
  work_.dot_products += filled_;
  Vector result(x.size());
  finish(q_, x, result);
  return result;
}

void SlidingInverseFisher::product_of_newest(Eigen::Ref<Vector> result) const {
  if (filled_ == 0) throw InputError("inverse Fisher: the window is empty, push a gradient first");
  q_.head(filled_) = gram_.col(newest_).head(filled_);
  const Eigen::Map<const Vector> x(gradients_.row(newest_).data(), parameters());
  finish(q_, x, result);
}

double SlidingInverseFisher::entry(Eigen::Index p, Eigen::Index q) const {
  const auto n = filled_;
  const auto b = b_.topLeftCorner(n, n).triangularView<Eigen::Lower>();
  const Vector vp = b * gradients_.col(p).head(n), vq = b * gradients_.col(q).head(n);
  const auto s = static_cast<double>(window()) + d_.diagonal().head(n).array();
  return (p == q ? 1 / lambda_ : 0) - (vp.array() * vq.array() / s).sum();
}

Vector SlidingInverseFisher::diagonal() const {
  const auto n = filled_;
  const Vector scale = 1 / (static_cast<double>(window()) + d_.diagonal().head(n).array());
  Vector result(parameters());
  constexpr Eigen::Index together = 256; // columns, so that no second m x d matrix is made
  for (Eigen::Index begin = 0; begin < parameters(); begin += together) {
    const auto count = std::min(together, parameters() - begin);
    const Matrix v =
        b_.topLeftCorner(n, n).triangularView<Eigen::Lower>() * gradients_.block(0, begin, n, count);
    result.segment(begin, count) = 1 / lambda_ - (v.cwiseAbs2().transpose() * scale).array();
  }
  return result;
}

Vector diagonal_inverse_fisher(const RowMatrix& gradients, double lambda) {
  check(gradients.cols(), gradients.rows(), lambda);
  return 1 / (lambda + gradients.cwiseAbs2().colwise().mean().transpose().array());
}

} // namespace raphson::optim
