#include "optim/engine/processor_time.h"
#include "optim/engine/sparse_bayesian.h"
#include "optim/tools/growth.h"
#include "optim/tools/signals/ggamp_demo_parts.h"
#include "optim/tools/signals/ggamp_problems.h"
#include "optim/tools/signals/ggamp_sbl.h"

namespace raphson::optim::tools {
namespace {

/// Of an E-step's part. Below some size calls cost more than products: times are taken from there on.
struct PartGrowth {
  double timed_from;
  Growth multiplications, seconds;

  PartGrowth(std::string name, double from) : timed_from(from), multiplications{name}, seconds{name} {}
};

/// One sweep, in the state that a few sweeps lead to.
void measure_sweep(PartGrowth& growth, double size, const LinearOperator& a, const Matrix& y) {
  Ggamp ggamp(a, y);
  const Vector gamma = Vector::Constant(a.cols(), 10.0);
  ggamp.start(gamma);
  ggamp.sweep(gamma, 0.1, 0.5);
  const double before = ggamp.multiplications();
  ggamp.sweep(gamma, 0.1, 0.5);
  growth.multiplications.add(size, ggamp.multiplications() - before);
  if (size >= growth.timed_from)
    growth.seconds.add(size, least_processor_seconds([&] { ggamp.sweep(gamma, 0.1, 0.5); }));
}

struct Straightforward {
  double own, eigen; // seconds
};

/// The four products of a sweep against Eigen's with A o A kept beside A.
Straightforward products_against_eigen(const Matrix& a) {
  const DenseOperator op(a);
  const Matrix squares = a.cwiseAbs2(), x = Matrix::Constant(a.cols(), 1, 0.5),
               s = Matrix::Constant(a.rows(), 1, 0.5);
  Matrix ax, sv, aty, stu;
  const auto own = [&] {
    op.apply_both(x, x, ax, sv);
    op.apply_both_transposed(s, s, aty, stu);
  };
  const auto eigen = [&] {
    ax.noalias() = a * x;
    sv.noalias() = squares * x;
    aty.noalias() = a.transpose() * s;
    stu.noalias() = squares.transpose() * s;
  };
  return {least_processor_seconds(own), least_processor_seconds(eigen)};
}

} // namespace

void ggamp_growth(report::ToolReport& report, const DemoOptions& options) {
  PartGrowth sweep("a sweep, dense", 128), inverse("the inverse", 128),
      transform("a sweep, convolution by FFT", 1024);
  const Eigen::Index largest = options.brief ? 512 : 4096, largest_inverse = options.brief ? 256 : 2048;
  report::Table speed{{{"N"}, {"four products (ms)"}, {"by Eigen, squares kept (ms)"}, {"ratio"}}, {}};
  for (Eigen::Index n = 16; n <= largest; n *= 2) {
    options.say("growth, " + std::to_string(n));
    const Matrix a = random_matrix(MatrixKind::independent, n / 2, n, 1);
    const Matrix y = a * Vector::Constant(n, 0.5);
    measure_sweep(sweep, static_cast<double>(n), DenseOperator(a), y);
    if (n <= largest_inverse) {
      const Vector gamma = Vector::Constant(n, 1.0);
      const double size = static_cast<double>(n), m = size / 2;
      inverse.multiplications.add(size, 2 * m * m * m + m * m * m / 6);
      if (size >= inverse.timed_from)
        inverse.seconds.add(size, least_processor_seconds([&] { sparse_posterior(a, y, gamma, 1); }));
    }
    if (n < 512) continue;
    const Straightforward s = products_against_eigen(a);
    speed.rows.push_back({n, 1e3 * s.own, 1e3 * s.eigen, report::Cell::fixed(s.eigen / s.own, 2)});
  }
  const Matrix noise = random_matrix(MatrixKind::independent, options.brief ? 1 << 14 : 1 << 18, 1, 1);
  for (Eigen::Index n = 64; n <= noise.rows(); n *= options.brief ? 4 : 2) {
    const auto count = static_cast<std::size_t>(n);
    const ConvolutionOperator a({noise.data(), count}, count - count / 2, count / 2, count);
    measure_sweep(transform, static_cast<double>(n), a, noise.topRows(n / 2));
  }

  report::Table table{{{"part"}, {"sizes"}, {"exponent of its multiplications"}, {"exponent of its time"}},
                      {}};
  for (const PartGrowth* part : {&sweep, &inverse, &transform}) {
    const Growth& count = part->multiplications;
    table.rows.push_back({count.name,
                          "N " + std::to_string(static_cast<long>(count.size.front())) + " to "
                              + std::to_string(static_cast<long>(count.size.back())),
                          report::Cell::fixed(count.exponent(), 2),
                          report::Cell::fixed(part->seconds.exponent(), 2)});
  }
  report.tables.push_back(
      {"growth", "Growth with the number N of coefficients, N/2 measurements (O(MN) is 2, O(M^2 N) is 3)",
       table});
  report.tables.push_back({"speed",
                           "The four products of a sweep, squares of a large A made on the way, against "
                           "Eigen's with the matrix of squares kept",
                           speed});
  report.figures.push_back(growth_figure("growth", "What a sweep and an inverse cost",
                                         "Coefficients N, measurements N/2",
                                         {sweep.seconds, inverse.seconds, transform.seconds}));
  report.claims.push_back(report::at_most("exponent of a dense sweep's multiplications by N",
                                          sweep.multiplications.exponent(), 2.001));
  report.claims.push_back(report::at_most("exponent of an FFT sweep's multiplications by N",
                                          transform.multiplications.exponent(), 1.3));
  report.claims.push_back(report::at_least("exponent of the inverse's multiplications by N",
                                           inverse.multiplications.exponent(), 2.999));
  if (options.brief) return; // times of so small problems say nothing
  report.claims.push_back(
      report::at_most("exponent of a dense sweep's time by N", sweep.seconds.exponent(), 2.5));
  report.claims.push_back(
      report::at_most("exponent of an FFT sweep's time by N", transform.seconds.exponent(), 1.4));
  report.claims.push_back(report::at_least(
      "time of the inverse over that of a sweep, N = 2048",
      inverse.seconds.cost.back() / sweep.seconds.cost[inverse.seconds.cost.size() - 1], 10));
}

} // namespace raphson::optim::tools
