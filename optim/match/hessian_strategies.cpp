#include "optim/match/hessian_strategies.h"

#include "optim/engine/parallel.h"

#include <algorithm>
#include <vector>

namespace raphson::optim::match {

RAPHSON_DECLARE_COPIES(StrategyKernel, strategy_kernel);

namespace {

const StrategyKernel& strategy_kernel(dsp::Isa isa) { return RAPHSON_COPY_FOR(isa, strategy_kernel); }

/// So many samples' state stays in the second-level cache, and 12 s keep a thousand segments' starts.
constexpr std::size_t checkpoint_samples = 512;

void add(SecondOrder& total, const SecondOrder& part) {
  total.loss += part.loss;
  for (int i = 0; i < 5; ++i) total.gradient[i] += part.gradient[i];
  for (int p = 0; p < 15; ++p) total.hessian[p] += part.hessian[p];
}

void add(HessianProduct& total, const HessianProduct& part) {
  total.loss += part.loss;
  for (int i = 0; i < 5; ++i) {
    total.gradient[i] += part.gradient[i];
    total.product[i] += part.product[i];
  }
}

/// Groups of `lanes` chunks on threads; their sums in a fixed order.
template <class Sums, class Evaluate>
Sums sum_groups(std::span<const ChunkView> chunks, int lanes, std::size_t threads, Evaluate evaluate_group) {
  const auto width = static_cast<std::size_t>(lanes);
  std::vector<Sums> parts((chunks.size() + width - 1) / width);
  parallel_for(parts.size(), threads, [&](std::size_t group, std::size_t) {
    const std::size_t first = group * width;
    evaluate_group(&chunks[first], static_cast<int>(std::min(width, chunks.size() - first)), parts[group]);
  });
  Sums total;
  for (const Sums& part : parts) add(total, part);
  return total;
}

SecondOrder of(const LossDerivatives& d, bool exact) {
  SecondOrder out{d.loss, d.gradient, d.gauss_newton};
  for (int p = 0; p < 15 && exact; ++p) out.hessian[p] += d.curvature[p];
  return out;
}

SecondOrder finite_differences(const CompressorKernel& kernel, const ChunkView* chunks, int count,
                               const CompressorCoordinates& k, double pole) {
  const auto gradient_at = [&](const std::array<double, 5>& x) {
    LossDerivatives d;
    kernel.gradient(chunks, count, {x[0], x[1], x[2], x[3], x[4]}, pole, d);
    return of(d, false);
  };
  std::array<double, 5> x{k.log_threshold, k.slope, k.attack, k.release, k.log_makeup};
  SecondOrder out = gradient_at(x);
  // Coefficients have a scale of their own size, levels and the slope one of about 1. The step is well below
  // eps^(1/3), which a long recording's kinks (see the header) would make wrong by a tenth.
  constexpr double step = 1e-8;
  const double scale[5] = {1, 1, x[2], x[3], 1};
  double columns[5][5];
  for (int i = 0; i < 5; ++i) {
    const double centre = x[i], h = step * scale[i];
    x[i] = centre + h;
    const double high = x[i];
    const SecondOrder above = gradient_at(x);
    x[i] = centre - h;
    const SecondOrder below = gradient_at(x);
    for (int j = 0; j < 5; ++j) columns[i][j] = (above.gradient[j] - below.gradient[j]) / (high - x[i]);
    x[i] = centre;
  }
  for (int i = 0, p = 0; i < 5; ++i)
    for (int j = 0; j <= i; ++j, ++p) out.hessian[p] = 0.5 * (columns[i][j] + columns[j][i]);
  return out;
}

} // namespace

const char* to_string(HessianStrategy strategy) {
  switch (strategy) {
  case HessianStrategy::forward:
    return "forward, by hand";
  case HessianStrategy::forward_jets:
    return "forward, Jets";
  case HessianStrategy::forward_over_reverse:
    return "forward over reverse";
  case HessianStrategy::checkpointed_reverse:
    return "the same, checkpointed";
  case HessianStrategy::gauss_newton:
    return "Gauss-Newton";
  case HessianStrategy::finite_differences:
    return "finite differences";
  case HessianStrategy::adjoint_gradient:
    return "adjoint, gradient only";
  }
  return "";
}

SecondOrder evaluate(HessianStrategy strategy, std::span<const ChunkView> chunks,
                     const CompressorCoordinates& k, double pole, std::size_t threads, dsp::Isa isa) {
  const CompressorKernel& kernel = compressor_kernel(isa);
  const StrategyKernel& other = strategy_kernel(isa);
  return sum_groups<SecondOrder>(
      chunks, kernel.lanes, threads, [&](const ChunkView* group, int count, SecondOrder& out) {
        LossDerivatives d;
        switch (strategy) {
        case HessianStrategy::forward:
          kernel.hessian(group, count, k, pole, d);
          out = of(d, true);
          break;
        case HessianStrategy::gauss_newton:
          kernel.gauss_newton(group, count, k, pole, d);
          out = of(d, false);
          break;
        case HessianStrategy::forward_jets:
          other.forward_jets(group, count, k, pole, out);
          break;
        case HessianStrategy::forward_over_reverse:
          other.forward_over_reverse(group, count, k, pole, 0, out);
          break;
        case HessianStrategy::checkpointed_reverse:
          other.forward_over_reverse(group, count, k, pole, checkpoint_samples, out);
          break;
        case HessianStrategy::finite_differences:
          out = finite_differences(kernel, group, count, k, pole);
          break;
        case HessianStrategy::adjoint_gradient:
          other.adjoint_gradient(group, count, k, pole, checkpoint_samples, out);
          break;
        }
      });
}

HessianProduct hessian_product(std::span<const ChunkView> chunks, const CompressorCoordinates& k,
                               const std::array<double, 5>& direction, double pole, std::size_t threads,
                               dsp::Isa isa) {
  const StrategyKernel& kernel = strategy_kernel(isa);
  return sum_groups<HessianProduct>(
      chunks, kernel.lanes, threads, [&](const ChunkView* group, int count, HessianProduct& out) {
        kernel.hessian_product(group, count, k, direction.data(), pole, checkpoint_samples, out);
      });
}

} // namespace raphson::optim::match
