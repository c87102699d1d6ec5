#include "optim/engine/rational_fit.h"

#include "dsp/error.h"
#include "dsp/filters/pre_emphasis.h"
#include "optim/engine/fourier.h"
#include "optim/engine/levenberg_marquardt.h"
#include "optim/engine/rational_fit_problem.h"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace raphson::optim {
namespace {

using Samples = std::vector<double>;

Samples emphasised(std::span<const double> x, double pole) {
  Samples result(x.begin(), x.end());
  if (pole >= 1) return result;
  dsp::PreEmphasis<double> filter(pole);
  for (double& value : result) value = filter(value);
  return result;
}

double energy(std::span<const double> x, std::size_t from) {
  double sum = 0;
  for (std::size_t t = from; t < x.size(); ++t) sum += x[t] * x[t];
  return sum;
}

void check(std::span<const double> dry, std::span<const double> wet, const RationalFitOptions& o) {
  if (o.order < 2 || o.order % 2 != 0)
    throw InputError("order " + std::to_string(o.order)
                     + ": sections of second order need an even one from 2 on");
  if (static_cast<std::size_t>(o.order) >= o.length)
    throw InputError("order " + std::to_string(o.order) + " is not below the length of "
                     + std::to_string(o.length) + " samples");
  if (dry.size() != wet.size())
    throw InputError("dry has " + std::to_string(dry.size()) + " samples and wet "
                     + std::to_string(wet.size()) + ": as many of both expected");
  if (!o.score_all && dry.size() < 2 * o.length)
    throw InputError("the recordings have " + std::to_string(dry.size())
                     + " samples: at least twice the length, " + std::to_string(2 * o.length)
                     + ", expected; a shorter --length lets fewer do");
  if (!(energy(dry, 0) > 0)) throw InputError("the dry recording is silent: nothing to learn from");
  if (!(energy(wet, 0) > 0)) throw InputError("the wet recording is silent: nothing to learn from");
}

std::vector<FitChunk> chunks_of(std::size_t samples, double sample_rate, const RationalFitOptions& o) {
  const std::size_t settle = o.score_all ? 0 : o.length;
  const auto whole = static_cast<std::size_t>(o.chunk_seconds * sample_rate);
  const std::size_t scored = std::max(whole, 4 * settle) - settle;
  std::vector<FitChunk> chunks;
  for (std::size_t at = settle; at < samples; at += scored) {
    if (o.score_all) return {{0, samples, 0}};
    // A short rest goes to the chunk before.
    if (!chunks.empty() && samples - at < settle)
      chunks.back().end = samples;
    else
      chunks.push_back({at - settle, std::min(samples, at + scored), at});
  }
  return chunks;
}

dsp::RationalSections<double> with_numerators(const Vector& position, const Vector& c) {
  auto filter = sections_at(position);
  filter.h0 = c[0];
  for (std::size_t j = 0; j < filter.sections.size(); ++j) {
    filter.sections[j].beta1 = c[static_cast<Eigen::Index>(1 + 2 * j)];
    filter.sections[j].beta2 = c[static_cast<Eigen::Index>(2 + 2 * j)];
  }
  return filter;
}

/// A correlation sum_t x[t] y[t + lag] for lags 0 ... count - 1, by transforms.
Vector correlation(std::span<const double> x, std::span<const double> y, std::size_t count) {
  const std::size_t length = fast_transform_length(x.size() + count);
  Samples a(length), b(length);
  std::copy(x.begin(), x.end(), a.begin());
  std::copy(y.begin(), y.end(), b.begin());
  std::vector<Complex> spectrum(length / 2 + 1), other(length / 2 + 1);
  forward_transform(a, spectrum);
  forward_transform(b, other);
  for (std::size_t i = 0; i < spectrum.size(); ++i) spectrum[i] = std::conj(spectrum[i]) * other[i];
  inverse_transform(spectrum, a);
  return Eigen::Map<const Vector>(a.data(), static_cast<Eigen::Index>(count));
}

} // namespace

dsp::RationalSections<double> sections_at(const Vector& position) {
  dsp::RationalSections<double> filter;
  for (Eigen::Index j = 0; j + 1 < position.size(); j += 2) {
    const double q = std::tanh(position[j + 1]), p = (1 + q) * std::tanh(position[j]);
    filter.sections.push_back({largest_radius * p, largest_radius * largest_radius * q, 0, 0});
  }
  return filter;
}

Vector starting_position(int order, double sample_rate) {
  const int sections = order / 2;
  const double lowest = 60, highest = std::min(12000.0, 0.45 * sample_rate);
  Vector position(order);
  for (int j = 0; j < sections; ++j) {
    const double share = sections > 1 ? static_cast<double>(j) / (sections - 1) : 0.5;
    const double w = 2 * std::numbers::pi * lowest * std::pow(highest / lowest, share) / sample_rate;
    const double radius = std::exp(-w / 2), q = radius * radius, p = -2 * radius * std::cos(w);
    position[2 * j] = std::atanh(p / (1 + q));
    position[2 * j + 1] = std::atanh(q);
  }
  return position;
}

RationalFit fit_rational(std::span<const double> dry, std::span<const double> wet, double sample_rate,
                         const RationalFitOptions& o) {
  check(dry, wet, o);
  const Samples input = emphasised(dry, o.pre_emphasis_pole), target = emphasised(wet, o.pre_emphasis_pole);
  const std::size_t settle = o.score_all ? 0 : o.length;
  const double signal = energy(target, settle);
  if (!(signal > 0) || !(energy(input, 0) > 0))
    throw InputError("a recording is silent from sample " + std::to_string(settle)
                     + " on, where it is scored: nothing to learn from");
  // Twice the value is then the error-to-signal ratio.
  const RationalFitProblem problem(input, target, chunks_of(input.size(), sample_rate, o), o.order / 2,
                                   1 / std::sqrt(signal));
  const VariableProjection objective(problem, o.threads);
  const Observer observer = [&](const Step& step) {
    if (o.progress)
      o.progress("order " + std::to_string(o.order) + ", step " + std::to_string(step.iteration) + ", error "
                 + std::to_string(10 * std::log10(2 * step.value)) + " dB");
    return Control::proceed;
  };
  const Result result = minimise(objective, starting_position(o.order, sample_rate),
                                 LevenbergMarquardtOptions{.maximum_iterations = o.maximum_iterations,
                                                           .gradient_tolerance = 1e-14,
                                                           .decrement_tolerance = 1e-7,
                                                           .maximum_step = 0.5},
                                 observer);
  RationalFit fit{with_numerators(result.x, objective.coefficients(result.x))};
  fit.loss = 2 * result.value;
  fit.iterations = result.iterations;
  fit.stop_reason = result.stop_reason;
  fit.position = result.x;
  fit.esr = esr_from(render(fit.filter, dry), wet, settle);
  return fit;
}

RationalOrders fit_rational_of_any_order(std::span<const double> dry, std::span<const double> wet,
                                         double sample_rate, RationalFitOptions options, int highest_order) {
  RationalOrders orders;
  auto& fits = orders.fits;
  const auto possible = [&] { return static_cast<std::size_t>(options.order) < options.length; };
  for (options.order = 2; options.order <= highest_order && (fits.empty() || possible());
       options.order += 2) {
    fits.push_back(fit_rational(dry, wet, sample_rate, options));
    if (fits.size() > 1 && fits.back().esr > 0.9 * fits[fits.size() - 2].esr) {
      orders.ended = true;
      break;
    }
  }
  orders.chosen = fits.size() - (orders.ended ? 2 : 1);
  return orders;
}

RationalFit fit_impulse_response(std::span<const double> response, double sample_rate,
                                 RationalFitOptions options) {
  Samples impulse(response.size());
  if (!impulse.empty()) impulse[0] = 1;
  options.score_all = true;
  options.pre_emphasis_pole = 1;
  if (response.size() <= static_cast<std::size_t>(std::max(0, options.order)))
    throw InputError("an impulse response of " + std::to_string(response.size())
                     + " samples: more than the order, " + std::to_string(options.order) + ", expected");
  return fit_rational(impulse, response, sample_rate, options);
}

Samples fit_fir(std::span<const double> dry, std::span<const double> wet, std::size_t count,
                double pre_emphasis_pole) {
  const Samples input = emphasised(dry, pre_emphasis_pole), target = emphasised(wet, pre_emphasis_pole);
  const Vector own = correlation(input, input, count), cross = correlation(input, target, count);
  const auto n = static_cast<Eigen::Index>(count);
  Matrix system(n, n);
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index k = 0; k < n; ++k) system(i, k) = own[std::abs(i - k)];
  system.diagonal().array() += 1e-12 * own[0];
  const Vector taps = system.ldlt().solve(cross);
  return {taps.begin(), taps.end()};
}

Samples render(const dsp::RationalSections<double>& filter, std::span<const double> dry) {
  Samples audio(dry.begin(), dry.end());
  dsp::RationalFilter<double>(filter).process(audio);
  return audio;
}

double esr_from(std::span<const double> estimate, std::span<const double> target, std::size_t from) {
  double error = 0, signal = 0;
  for (std::size_t t = from; t < target.size(); ++t) {
    error += (target[t] - estimate[t]) * (target[t] - estimate[t]);
    signal += target[t] * target[t];
  }
  return error / signal;
}

} // namespace raphson::optim
