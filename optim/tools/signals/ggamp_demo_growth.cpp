#include "optim/engine/sparse_bayesian.h"
#include "optim/tools/signals/ggamp_demo_parts.h"
#include "optim/tools/signals/ggamp_problems.h"
#include "optim/tools/signals/ggamp_sbl.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <functional>
#include <limits>

namespace raphson::optim::tools {
namespace {

/// Of one call, by the processor's clock, which other programs do not disturb: the least of three rows of
/// calls that take 4 ms or more each.
double seconds_of(const std::function<void()>& body) {
  double least = std::numeric_limits<double>::infinity();
  for (int row = 0; row < 3; ++row)
    for (int calls = 1;; calls *= 4) {
      const std::clock_t start = std::clock();
      for (int i = 0; i < calls; ++i) body();
      const double took = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
      if (took < 4e-3) continue;
      least = std::min(least, took / calls);
      if (took > 0.2) return least;
      break;
    }
  return least;
}

struct Growth {
  std::string name;
  std::vector<double> size, seconds, multiplications;

  /// The slope of log y by log size, by least squares, over sizes from `from` on.
  double exponent(const std::vector<double>& y, double from = 0) const {
    double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (std::size_t i = 0; i < size.size(); ++i) {
      if (size[i] < from) continue;
      const double lx = std::log(size[i]), ly = std::log(y[i]);
      ++n, sx += lx, sy += ly, sxx += lx * lx, sxy += lx * ly;
    }
    return (n * sxy - sx * sy) / (n * sxx - sx * sx);
  }
};

/// One sweep, in the state that a few sweeps lead to.
void measure_sweep(Growth& growth, double size, const LinearOperator& a, const Matrix& y) {
  Ggamp ggamp(a, y);
  const Vector gamma = Vector::Constant(a.cols(), 10.0);
  ggamp.start(gamma);
  ggamp.sweep(gamma, 0.1, 0.5);
  const double before = ggamp.multiplications();
  ggamp.sweep(gamma, 0.1, 0.5);
  growth.multiplications.push_back(ggamp.multiplications() - before);
  growth.size.push_back(size);
  growth.seconds.push_back(seconds_of([&] { ggamp.sweep(gamma, 0.1, 0.5); }));
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
  return {seconds_of(own), seconds_of(eigen)};
}

report::NamedFigure figure_of(const std::vector<Growth>& all) {
  report::Plot plot{"Time of an E-step's part by size",
                    {"Coefficients N, measurements N/2", "", report::Scale::logarithmic},
                    {"Time", "s", report::Scale::logarithmic},
                    {}};
  for (const Growth& growth : all) plot.series.push_back({growth.name, growth.size, growth.seconds});
  return {"growth", {{plot}, {880, 420}, "What a sweep and an inverse cost"}};
}

} // namespace

void ggamp_growth(report::ToolReport& report, const DemoOptions& options) {
  Growth sweep{"a sweep, dense", {}, {}, {}}, inverse{"the inverse", {}, {}, {}},
      transform{"a sweep, convolution by FFT", {}, {}, {}};
  const Eigen::Index largest = options.brief ? 512 : 4096, largest_inverse = options.brief ? 256 : 2048;
  report::Table speed{{{"N"}, {"four products (ms)"}, {"by Eigen, squares kept (ms)"}, {"ratio"}}, {}};
  for (Eigen::Index n = 16; n <= largest; n *= 2) {
    options.say("growth, " + std::to_string(n));
    const Matrix a = random_matrix(MatrixKind::independent, n / 2, n, 1);
    const Matrix y = a * Vector::Constant(n, 0.5);
    measure_sweep(sweep, static_cast<double>(n), DenseOperator(a), y);
    if (n <= largest_inverse) {
      const Vector gamma = Vector::Constant(n, 1.0);
      const double m = static_cast<double>(n) / 2;
      inverse.size.push_back(static_cast<double>(n));
      inverse.seconds.push_back(seconds_of([&] { sparse_posterior(a, y, gamma, 1); }));
      inverse.multiplications.push_back(2 * m * m * m + m * m * m / 6);
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
  const auto add = [&](const Growth& growth, double from) {
    table.rows.push_back({growth.name,
                          "N " + std::to_string(static_cast<long>(growth.size.front())) + " to "
                              + std::to_string(static_cast<long>(growth.size.back())),
                          report::Cell::fixed(growth.exponent(growth.multiplications), 2),
                          report::Cell::fixed(growth.exponent(growth.seconds, from), 2)});
  };
  const double timed_from = 128; // below it calls cost more than products
  add(sweep, timed_from);
  add(inverse, timed_from);
  add(transform, 1024);
  report.tables.push_back(
      {"growth", "Growth with the number N of coefficients, N/2 measurements (O(MN) is 2, O(M^2 N) is 3)",
       table});
  report.tables.push_back({"speed",
                           "The four products of a sweep, squares of a large A made on the way, against "
                           "Eigen's with the matrix of squares kept",
                           speed});
  report.figures.push_back(figure_of({sweep, inverse, transform}));
  report.claims.push_back(report::at_most("exponent of a dense sweep's multiplications by N",
                                          sweep.exponent(sweep.multiplications), 2.001));
  report.claims.push_back(report::at_most("exponent of an FFT sweep's multiplications by N",
                                          transform.exponent(transform.multiplications), 1.3));
  report.claims.push_back(report::at_least("exponent of the inverse's multiplications by N",
                                           inverse.exponent(inverse.multiplications), 2.999));
  if (options.brief) return; // times of so small problems say nothing
  report.claims.push_back(report::at_most("exponent of a dense sweep's time by N",
                                          sweep.exponent(sweep.seconds, timed_from), 2.5));
  report.claims.push_back(report::at_most("exponent of an FFT sweep's time by N",
                                          transform.exponent(transform.seconds, 1024), 1.4));
  report.claims.push_back(report::at_least("time of the inverse over that of a sweep, N = 2048",
                                           inverse.seconds.back() / sweep.seconds[inverse.seconds.size() - 1],
                                           10));
}

} // namespace raphson::optim::tools
