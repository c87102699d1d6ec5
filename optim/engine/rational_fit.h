// A linear device cloned from a recording: its rational transfer function as parallel sections of second
// order,
//   H = h0 + sum_j (beta_j1 z^-1 + beta_j2 z^-2) / (1 + p_j z^-1 + q_j z^-2),
// a coordinate system of ours for the functions of R. Parnichkun et al. (engine/rational_kernel.h): with
// q = r^2 tanh t, p = r (1 + tanh t) tanh s every (s, t) has its poles within the radius r = 0.9999, and
// poles near the circle do not crowd the coefficients of one polynomial. h0 and beta are linear and
// eliminated (engine/variable_projection.h); Levenberg-Marquardt moves (s, t).
//
// The residual is wet - H dry, both pre-emphasised unless told otherwise, over chunks that each begin at rest
// and of which the first `length` samples are not scored.
#pragma once

#include "dsp/filters/rational_conversions.h"
#include "optim/engine/types.h"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace raphson::optim {

struct RationalFitOptions {
  int order = 8;             ///< even, from 2
  std::size_t length = 8192; ///< samples of a chunk that are not scored
  double chunk_seconds = 12;
  double pre_emphasis_pole = 0.995; ///< 1: none
  bool score_all = false;           ///< also the first `length`, for an impulse response
  std::size_t threads = 1;
  int maximum_iterations = 100;
  std::function<void(const std::string&)> progress = {};
};

struct RationalFit {
  dsp::RationalSections<double> filter;
  double loss = 0; ///< error-to-signal ratio of what was scored, emphasised
  double esr = 0;  ///< of the plain recordings from the first scored sample on
  int iterations = 0;
  StopReason stop_reason = StopReason::iteration_limit;
  Vector position = {}; ///< (s_1, t_1, s_2, ...)
};

/// Throws InputError for an order that is odd, below 2 or not below the length, recordings of different or
/// too short a length (2 x length), and for a silent one.
RationalFit fit_rational(std::span<const double> dry, std::span<const double> wet, double sample_rate,
                         const RationalFitOptions& options = {});

struct RationalOrders {
  std::vector<RationalFit> fits; ///< all that were tried, of orders 2, 4 ...
  std::size_t chosen = 0;
  bool ended = false; ///< a higher one pays less than 10 %; else there was none to try
};

/// The order raised by 2 from 2 on until the ESR falls by less than 10 %, the highest is reached or the
/// length allows no more.
RationalOrders fit_rational_of_any_order(std::span<const double> dry, std::span<const double> wet,
                                         double sample_rate, RationalFitOptions options,
                                         int highest_order = 32);

/// An impulse response: the residual is `response` - k, all of it scored and nothing emphasised.
RationalFit fit_impulse_response(std::span<const double> response, double sample_rate,
                                 RationalFitOptions options = {});

/// The taps h[0] ... h[count - 1] that leave the least squared error of the emphasised recordings.
std::vector<double> fit_fir(std::span<const double> dry, std::span<const double> wet, std::size_t count,
                            double pre_emphasis_pole = 0.995);

std::vector<double> render(const dsp::RationalSections<double>& filter, std::span<const double> dry);

/// From the sample `from` on.
double esr_from(std::span<const double> estimate, std::span<const double> target, std::size_t from);

/// The sections at (s, t) with numerators of zero, and where a fit starts: centres log-spaced from 60 Hz to
/// 12 kHz (0.45 of a low rate), radius exp(-w / 2).
dsp::RationalSections<double> sections_at(const Vector& position);
inline constexpr double largest_radius = 0.9999;
Vector starting_position(int order, double sample_rate);

} // namespace raphson::optim
