#include "optim/engine/soap.h"

#include "dsp/error.h"
#include "optim/engine/stopwatch.h"
#include "optim/engine/symmetric_eigen.h"

#include <Eigen/QR>

#include <algorithm>
#include <numeric>

namespace raphson::optim {
namespace {

class AddsTime {
public:
  explicit AddsTime(double& seconds) : seconds_(seconds) {}
  ~AddsTime() { seconds_ += stopwatch_.seconds(); }
  AddsTime(const AddsTime&) = delete;
  AddsTime& operator=(const AddsTime&) = delete;

private:
  double& seconds_;
  Stopwatch stopwatch_;
};

template <class Side> void set_side(Side& side, bool rotates, Eigen::Index n) {
  if (!rotates) return;
  side.covariance.setZero(n, n);
  side.basis.setIdentity(n, n);
}

/// to = Q_L^T from Q_R, through `between`.
template <class Side, class From, class To>
void rotate(const Side& left, const Side& right, const From& from, To&& to, To&& between) {
  if (left.rotates() && right.rotates()) {
    between.noalias() = left.basis.transpose() * from;
    to.noalias() = between * right.basis;
  } else if (left.rotates()) {
    to.noalias() = left.basis.transpose() * from;
  } else {
    to.noalias() = from * right.basis;
  }
}

} // namespace

template <class Scalar>
SoapRule<Scalar>::SoapRule(const ParameterBlocks& blocks, const SoapSettings& settings)
    : settings_(settings), adam_{.learning_rate = settings.learning_rate,
                                 .beta1 = settings.beta1,
                                 .beta2 = settings.beta2,
                                 .epsilon = settings.epsilon,
                                 .decoupled_decay = settings.decoupled_decay} {
  detail::check("soap", adam_);
  if (settings.refresh < 1)
    throw InputError("soap: refresh is " + std::to_string(settings.refresh) + ", it must be at least 1");
  const Eigen::Index parameters = parameter_count(blocks);
  Eigen::Index second = 0, largest = 0;
  for (const ParameterBlock& block : blocks) {
    Layer layer{.block = block, .second = second};
    const auto fits = [&](Eigen::Index side) { return block.rows > 1 && side <= settings.max_precond_dim; };
    bool left = fits(block.rows), right = fits(block.columns);
    if (settings.one_sided && block.rows <= block.columns) right = false;
    if (settings.one_sided && block.rows > block.columns) left = false;
    set_side(layer.left, left, block.rows);
    set_side(layer.right, right, block.columns);
    if (layer.rotates()) largest = std::max(largest, block.size());
    second += layer.rotates() && settings.factorised ? block.rows + block.columns : block.size();
    layers_.push_back(std::move(layer));
  }
  mean_.setZero(parameters);
  square_.setZero(second);
  for (auto* scratch : {&rotated_, &direction_, &between_}) scratch->setZero(largest);
}

template <class Scalar>
void SoapRule<Scalar>::step(std::span<const Scalar> gradient, std::span<Scalar> parameters, double factor) {
  detail::check_sizes(gradient.size(), parameters.size(), mean_.size());
  if (!started_) return first_step(gradient);
  ++t_;
  const auto constants = clock_.template advance<Scalar>(adam_);
  const double rate = settings_.learning_rate * factor;
  for (Layer& layer : layers_) {
    if (layer.rotates()) {
      rotated_step(layer, gradient, parameters, constants, rate);
      continue;
    }
    const ParameterBlock& b = layer.block;
    detail::adam_on_vector<Scalar>(
        {gradient.data() + b.offset, b.size()}, {parameters.data() + b.offset, b.size()},
        {mean_.data() + b.offset, b.size()}, {square_.data() + layer.second, b.size()}, constants, rate,
        settings_.decoupled_decay);
  }
  if (t_ % static_cast<std::uint64_t>(settings_.refresh) == 0)
    for (Layer& layer : layers_) refresh(layer);
}

template <class Scalar> void SoapRule<Scalar>::first_step(std::span<const Scalar> gradient) {
  started_ = 1;
  for (Layer& layer : layers_) {
    if (!layer.rotates()) continue;
    update_covariances(layer, {gradient.data() + layer.block.offset, layer.block.rows, layer.block.columns},
                       static_cast<Scalar>(settings_.beta2));
    const AddsTime timed(statistics_.refresh_seconds);
    for (Side* side : {&layer.left, &layer.right})
      if (side->rotates()) set_eigenvectors(*side);
  }
}

template <class Scalar>
void SoapRule<Scalar>::rotated_step(Layer& layer, std::span<const Scalar> gradient,
                                    std::span<Scalar> parameters, const detail::AdamConstants<Scalar>& c,
                                    double rate) {
  const ParameterBlock& b = layer.block;
  const ConstMap g(gradient.data() + b.offset, b.rows, b.columns);
  MatrixMap w(parameters.data() + b.offset, b.rows, b.columns), m(mean_.data() + b.offset, b.rows, b.columns);
  MatrixMap rotated(rotated_.data(), b.rows, b.columns), between(between_.data(), b.rows, b.columns),
      direction(direction_.data(), b.rows, b.columns);
  detail::update_mean(m.array(), g.array(), c);
  {
    const AddsTime timed(statistics_.rotation_seconds);
    rotate(layer.left, layer.right, g, rotated, between);
    rotate(layer.left, layer.right, m, direction, between);
  }
  // The one difference to Adam: the second moment is of the rotated gradient.
  if (!settings_.factorised) {
    MatrixMap v(square_.data() + layer.second, b.rows, b.columns);
    detail::update_square(v.array(), rotated.array(), c);
  } else {
    MatrixMap sums(square_.data() + layer.second, b.rows + b.columns, 1);
    rotated = rotated.cwiseAbs2();
    sums.topRows(b.rows) = c.beta2 * sums.topRows(b.rows) + c.rest2 * rotated.rowwise().sum();
    sums.bottomRows(b.columns) =
        c.beta2 * sums.bottomRows(b.columns) + c.rest2 * rotated.colwise().sum().transpose();
  }
  set_direction(layer, c);
  {
    const AddsTime timed(statistics_.rotation_seconds);
    if (layer.left.rotates()) between.noalias() = layer.left.basis * direction;
    const MatrixMap& turned = layer.left.rotates() ? between : direction;
    if (layer.right.rotates())
      rotated.noalias() = turned * layer.right.basis.transpose();
    else
      rotated = turned;
  }
  w -= static_cast<Scalar>(rate) * rotated;
  if (settings_.decoupled_decay > 0) w *= static_cast<Scalar>(1 - rate * settings_.decoupled_decay);
  const AddsTime timed(statistics_.rotation_seconds);
  update_covariances(layer, g, c.beta2);
}

/// M' in direction_ becomes N'.
template <class Scalar>
void SoapRule<Scalar>::set_direction(const Layer& layer, const detail::AdamConstants<Scalar>& c) {
  const ParameterBlock& b = layer.block;
  Eigen::Map<detail::Array<Scalar>> direction(direction_.data(), b.size());
  if (!settings_.factorised) {
    direction = detail::adam_step(Scalar(1), direction, square_.segment(layer.second, b.size()), c);
    return;
  }
  const auto rows = square_.segment(layer.second, b.rows);
  const auto columns = square_.segment(layer.second + b.rows, b.columns);
  const Scalar total = std::max(rows.sum(), std::numeric_limits<Scalar>::min()); // all zero: 0/0
  for (Eigen::Index i = 0; i < b.rows; ++i) {
    auto row = direction.segment(i * b.columns, b.columns);
    row = detail::adam_step(Scalar(1), row, (rows[i] / total) * columns, c);
  }
}

template <class Scalar> void SoapRule<Scalar>::update_covariances(Layer& layer, ConstMap g, Scalar keep) {
  const auto take = static_cast<Scalar>(1 - settings_.beta2);
  const auto update = [&](SquareMatrix& covariance, const auto& factor) {
    if (covariance.size() == 0) return;
    covariance.template triangularView<Eigen::Lower>() *= keep;
    covariance.template selfadjointView<Eigen::Lower>().rankUpdate(factor, take);
  };
  update(layer.left.covariance, g);
  update(layer.right.covariance, g.transpose());
}

template <class Scalar> void SoapRule<Scalar>::refresh(Layer& layer) {
  const AddsTime timed(statistics_.refresh_seconds);
  std::vector<Eigen::Index> order;
  if (layer.left.rotates() && refresh(layer.left, order)) permute_second_moments(layer, true, order);
  if (layer.right.rotates() && refresh(layer.right, order)) permute_second_moments(layer, false, order);
}

/// Order of the old columns by falling e = diag(Q^T P Q), and the next basis. False: nothing has changed.
template <class Scalar> bool SoapRule<Scalar>::refresh(Side& side, std::vector<Eigen::Index>& order) {
  const auto n = side.basis.rows();
  side.covariance.template triangularView<Eigen::StrictlyUpper>() = side.covariance.transpose();
  const SquareMatrix product = side.covariance * side.basis;
  if (!product.allFinite()) {
    ++statistics_.failures;
    return false;
  }
  const detail::Array<Scalar> e = (side.basis.array() * product.array()).colwise().sum().transpose();
  order.resize(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), Eigen::Index{0});
  std::stable_sort(order.begin(), order.end(), [&](auto i, auto j) { return e[i] > e[j]; });
  if (settings_.basis == SoapSettings::Basis::eigh) {
    side.basis = side.basis(Eigen::all, order).eval(); // stays if the eigensolver fails
    set_eigenvectors(side);
    return true;
  }
  ++statistics_.qr_calls;
  const Eigen::HouseholderQR<SquareMatrix> qr(product(Eigen::all, order));
  side.basis = qr.householderQ();
  return true;
}

template <class Scalar> void SoapRule<Scalar>::set_eigenvectors(Side& side) {
  ++statistics_.eigensolver_calls;
  Eigen::SelfAdjointEigenSolver<SquareMatrix> solver;
  if (!eigenvectors_by_falling_value(side.covariance, side.basis, solver)) ++statistics_.failures;
}

template <class Scalar>
void SoapRule<Scalar>::permute_second_moments(Layer& layer, bool rows,
                                              const std::vector<Eigen::Index>& order) {
  const ParameterBlock& b = layer.block;
  Scalar* const second = square_.data() + layer.second;
  if (settings_.factorised) {
    Eigen::Map<detail::Array<Scalar>> sums(rows ? second : second + b.rows, rows ? b.rows : b.columns);
    sums = sums(order).eval();
    return;
  }
  MatrixMap v(second, b.rows, b.columns), old(between_.data(), b.rows, b.columns);
  old = v;
  if (rows)
    v = old(order, Eigen::all);
  else
    v = old(Eigen::all, order);
}

template <class Scalar> std::vector<StateArray> SoapRule<Scalar>::state() {
  std::vector<StateArray> arrays{{"started", std::span<std::uint64_t>(&started_, 1)},
                                 {"steps", std::span<std::uint64_t>(&t_, 1)},
                                 clock_.state(),
                                 {"mean", detail::span_of(mean_)},
                                 {"square", detail::span_of(square_)}};
  const auto add = [&](const std::string& name, SquareMatrix& matrix) {
    arrays.push_back({name, std::span<Scalar>(matrix.data(), static_cast<std::size_t>(matrix.size()))});
  };
  for (Layer& layer : layers_)
    for (const bool rows : {true, false}) {
      Side& side = rows ? layer.left : layer.right;
      if (!side.rotates()) continue;
      const std::string of = layer.block.name + (rows ? " rows" : " columns");
      add("covariance of " + of, side.covariance);
      add("basis of " + of, side.basis);
    }
  return arrays;
}

template class SoapRule<float>;
template class SoapRule<double>;

} // namespace raphson::optim
