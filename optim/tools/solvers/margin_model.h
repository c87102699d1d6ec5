// The model in which margin sampling can be shown to lose: x = (x_1, x~), y = sign x_1, |x_1| normal with
// mean mu and deviation sigma, cut off below gamma, x~ standard normal in d - 1 dimensions and independent of
// y. No label is wrong, and the best boundary is x_1 = 0.
//
// For d >> n rows the classifier's direction is sum y_i x_i, so that w_1 / |w~| = a_bar sqrt(n/d), a_bar the
// mean |x_1| of the labelled rows, and the error is
//
//   E_a Phi(-a a_bar sqrt(n/d)),   a distributed as |x_1|:
//
// rows near the boundary lower a_bar and with it the signal, but not the noise.
#pragma once

#include "optim/tools/solvers/margin_sampling.h"

#include <functional>

namespace raphson::optim::tools {

struct MarginModel {
  Eigen::Index dimensions = 1000;
  double mu = 2, sigma = 1;
  double gamma = 0; ///< separation of the classes, not negative
};

/// Throws InputError for fewer than two dimensions, a sigma that is not positive or a negative gamma.
void check(const MarginModel& model);

/// `rows` of it by the stream "margin data"; label 1 where x_1 > 0.
LabelledPool draw_margin_model(const MarginModel& model, std::size_t rows, std::uint64_t seed);

/// E_a f(a) for a distributed as |x_1|.
double expected_over_distance(const MarginModel& model, const std::function<double(double)>& f);

/// The classifier's exact test error, E_a Phi(-a w_1 / |w~|).
double exact_error(const MarginModel& model, const Vector& w);

/// That of the closed form, for n labelled rows of mean |x_1| a_bar.
double predicted_error(const MarginModel& model, std::size_t n, double a_bar);

/// The mean |x_1| of these rows.
double mean_distance(const LabelledPool& pool, const std::vector<std::size_t>& rows);

} // namespace raphson::optim::tools
