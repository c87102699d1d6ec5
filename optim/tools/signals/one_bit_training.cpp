#include "optim/tools/signals/one_bit_training.h"

#include "dsp/error.h"
#include "optim/engine/batches.h"
#include "optim/engine/schedule.h"
#include "optim/tools/signals/one_bit_loss.h"
#include "optim/tools/signals/one_bit_stages.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {
namespace {

using Values = StageValues;

constexpr double first_theta = 0.02, largest_y = 1e12;

/// Of so many of its entries, without overflow.
double root_mean_square(const RowMatrix& matrix, double entries) {
  const double largest = matrix.cwiseAbs().maxCoeff();
  return largest * std::sqrt((matrix / largest).squaredNorm() / entries);
}

/// The problem in the training's units: unknowns that are not zero have a mean square of 1, A's columns a
/// mean square norm of 1. W is larger by A's unit then, theta smaller by that of the unknowns.
struct Scaled {
  double unit = 1;   ///< of unknowns
  double a_unit = 1; ///< of A
  RowMatrix a = {};
  Examples examples = {};
};

Scaled scaled(const RowMatrix& a, const Examples& given) {
  Scaled result;
  result.unit = root_mean_square(given.x, static_cast<double>((given.x.array() != 0).count()));
  result.a_unit = root_mean_square(a, static_cast<double>(a.cols()));
  result.a = a / result.a_unit;
  result.examples = {given.x / result.unit, given.y / result.unit / result.a_unit};
  if (!(result.examples.y.cwiseAbs().maxCoeff() < largest_y))
    throw InputError("y is larger than A x by a factor above 1e12: it cannot be what was observed of x");
  return result;
}

void check(const RowMatrix& a, const Examples& examples) {
  if (examples.x.cols() != a.cols())
    throw InputError("the examples have " + std::to_string(examples.x.cols()) + " unknowns, A has "
                     + std::to_string(a.cols()) + " columns: as many are needed");
  if (examples.y.cols() != a.rows() || examples.y.rows() != examples.x.rows())
    throw InputError("y is " + std::to_string(examples.y.rows()) + " x " + std::to_string(examples.y.cols())
                     + ", " + std::to_string(examples.x.rows()) + " x " + std::to_string(a.rows())
                     + " is needed");
  if (examples.x.rows() < 1) throw InputError("no examples");
  if ((examples.x.array() == 0).all()) throw InputError("the examples are all zero");
}

void run_stage(const UnrolledLoss<float>& loss, std::size_t examples, int number, Stage& stage,
               const UnrollingOptions& o) {
  Batches batches(examples, o.batch_size, o.seed, "unrolling stage " + std::to_string(number));
  const auto each = static_cast<std::int64_t>(batches.batches_per_epoch());
  const Schedule factor = cosine(each * o.epochs);
  Values weights, gradient(loss.parameters());
  double sum = 0;
  for (std::int64_t step = 1; step <= each * o.epochs; ++step) {
    stage.weights(weights);
    sum += loss.value_and_gradient(weights.data(), batches.next(), gradient.data());
    if (!gradient.isFinite().all())
      throw InputError("training stopped being finite in step " + std::to_string(step) + " of stage "
                       + std::to_string(number) + "; a lower --rate helps");
    stage.step(gradient, factor(step));
    if (step % each != 0) continue;
    if (o.observer) o.observer(number, static_cast<int>(step / each), sum / static_cast<double>(each));
    sum = 0;
  }
}

/// W_0 ..., then theta where there is a prior, in the training's units.
Values flat(const Unrolled& network, const Scaled& data, Prior prior) {
  const Index each = network.w.front().size(), layers = std::ssize(network.w);
  Values values(layers * each + (prior == Prior::sparse ? layers : 0));
  for (Index k = 0; k < layers; ++k) {
    const RowMatrix& w = network.w[static_cast<std::size_t>(k)];
    values.segment(k * each, each) = (data.a_unit * w).reshaped<Eigen::RowMajor>().cast<float>().array();
    if (prior == Prior::sparse)
      values[layers * each + k] = static_cast<float>(network.theta[static_cast<std::size_t>(k)] / data.unit);
  }
  return values;
}

Unrolled unflat(const Values& values, const Scaled& data, std::size_t layers, Prior prior) {
  Unrolled network{{}, std::vector<double>(layers, 0.0)};
  const Index each = data.a.size();
  for (std::size_t k = 0; k < layers; ++k) {
    const auto at = static_cast<Index>(k);
    network.w.push_back(
        Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
            values.data() + at * each, data.a.cols(), data.a.rows())
            .cast<double>()
        / data.a_unit);
    if (prior == Prior::sparse)
      network.theta[k] = data.unit * static_cast<double>(values[static_cast<Index>(layers) * each + at]);
  }
  return network;
}

/// The support of each layer, one behind the other.
Values supports(const RowMatrix& a, std::size_t layers, bool dense) {
  const RowMatrix one = support_of(a);
  const Values single =
      dense ? Values::Ones(a.size()) : Values(one.reshaped<Eigen::RowMajor>().cast<float>().array());
  return single.replicate(static_cast<Index>(layers), 1);
}

Unrolled train_precise(const Unrolled& start, const RowMatrix& a, const Examples& given,
                       const UnrollingOptions& o, bool dense, bool ternary) {
  const Scaled data = scaled(a, given);
  const UnrolledLoss<float> loss(data.a, data.examples, start.layers(), o.prior);
  const Values support = supports(a, start.layers(), dense);
  PreciseStage stage(flat(start, data, o.prior), loss.weights(), start.layers(), support, o.rate, ternary);
  run_stage(loss, static_cast<std::size_t>(given.x.rows()), ternary ? 2 : 1, stage, o);
  Values weights;
  stage.weights(weights);
  return unflat(weights, data, start.layers(), o.prior);
}

} // namespace

Unrolled train_full_precision(const RowMatrix& a, const Examples& examples, const UnrollingOptions& o) {
  check(a, examples);
  const double theta = o.prior == Prior::sparse ? first_theta * scaled(a, examples).unit : 0;
  return train_precise(classic_iteration(a, o.layers, theta), a, examples, o, o.dense, false);
}

Unrolled train_ternary(const Unrolled& stage1, const RowMatrix& a, const Examples& examples,
                       const UnrollingOptions& o) {
  check(a, examples);
  return train_precise(stage1, a, examples, o, true, true);
}

OneBitNetwork to_one_bit(const Unrolled& network, const RowMatrix& a) {
  const RowMatrix support = support_of(a);
  OneBitNetwork result;
  double sum = 0;
  for (std::size_t k = 0; k < network.layers(); ++k) {
    auto& signs = result.signs.emplace_back();
    for (Index i = 0; i < support.size(); ++i) {
      if (support.data()[i] == 0) continue;
      const double w = network.w[k].data()[i];
      signs.push_back(w >= 0);
      sum += std::abs(w);
    }
    result.theta.push_back(static_cast<float>(network.theta[k]));
  }
  result.scale = static_cast<float>(sum / (support.sum() * static_cast<double>(network.layers())));
  return result;
}

OneBitNetwork train_one_bit(const Unrolled& stage1, const RowMatrix& a, const Examples& given,
                            const UnrollingOptions& o) {
  check(a, given);
  const Scaled data = scaled(a, given);
  const UnrolledLoss<float> loss(data.a, data.examples, stage1.layers(), o.prior);
  const Values support = supports(a, stage1.layers(), false);
  const auto scale = static_cast<float>(data.a_unit * double{to_one_bit(stage1, a).scale});
  Values start = flat(stage1, data, o.prior);
  auto latent = start.head(loss.weights());
  latent = (latent / scale).max(-OneBitStage::largest_latent).min(OneBitStage::largest_latent) * support;
  OneBitStage stage(start, scale, loss.weights(), support, o);
  run_stage(loss, static_cast<std::size_t>(given.x.rows()), 2, stage, o);
  OneBitNetwork result = to_one_bit(unflat(stage.values(), data, stage1.layers(), o.prior), a);
  result.scale = static_cast<float>(double{stage.scale()} / data.a_unit);
  return result;
}

Unrolled OneBitNetwork::expanded(const RowMatrix& a) const {
  const RowMatrix support = support_of(a);
  Unrolled network;
  for (std::size_t k = 0; k < signs.size(); ++k) {
    RowMatrix w = support;
    std::size_t at = 0;
    for (Index i = 0; i < w.size(); ++i)
      if (w.data()[i] != 0) w.data()[i] = signs[k][at++] ? double{scale} : -double{scale};
    network.w.push_back(std::move(w));
    network.theta.push_back(double{theta[k]});
  }
  return network;
}

} // namespace raphson::optim::tools
