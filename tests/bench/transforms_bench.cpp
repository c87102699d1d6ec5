// An iteration of complete dictionary learning against the same with Eigen's products; fast transforms
// against the dense product with Eigen and against FFTW's DCT: a dictionary learnt on the spectra of the
// shipped speech, and chains of the size's logarithm of factors with two entries a row, as Hadamard's, over
// three decades of size.
#include "tests/bench/bench.h"

#include "optim/engine/processor_time.h"
#include "optim/engine/random.h"
#include "optim/report/svg_plot.h"
#include "optim/tools/growth.h"
#include "optim/tools/signals/fast_dictionary.h"
#include "optim/tools/signals/lp_dictionary.h"
#include "optim/tools/signals/signal_columns.h"

#ifdef RAPHSON_BENCH_FFTW
#include <fftw3.h>
#endif

#include <cstdio>
#include <fstream>
#include <optional>

namespace raphson::bench {
namespace {

using namespace optim;
using namespace optim::tools;
using report::Cell;

Matrix random_columns(Eigen::Index rows, Eigen::Index columns) {
  RandomStream random(1, "transforms bench");
  Matrix x(rows, columns);
  for (double& value : x.reshaped()) value = random.normal();
  return x;
}

double seconds_of(const Dictionary& d, const Matrix& x) {
  return least_processor_seconds([&] { use(d.multiply(x)(0, 0)); }) / static_cast<double>(x.cols());
}

/// Seconds a column of FFTW's DCT-II, measured plans; nothing where it is not installed.
std::optional<double> fftw_seconds([[maybe_unused]] Eigen::Index n, [[maybe_unused]] Eigen::Index columns) {
#ifdef RAPHSON_BENCH_FFTW
  Matrix x = random_columns(n, columns), y = x;
  const int size = static_cast<int>(n);
  const fftw_r2r_kind kind = FFTW_REDFT10;
  const Matrix kept = x; // measuring overwrites
  const fftw_plan plan = fftw_plan_many_r2r(1, &size, static_cast<int>(columns), x.data(), nullptr, 1, size,
                                            y.data(), nullptr, 1, size, &kind, FFTW_MEASURE);
  x = kept;
  const double seconds = least_processor_seconds([&] {
    fftw_execute(plan);
    use(y(0, 0));
  });
  fftw_destroy_plan(plan);
  return seconds / static_cast<double>(columns);
#else
  return std::nullopt;
#endif
}

Cell microseconds(std::optional<double> seconds) {
  return seconds ? Cell::significant(1e6 * *seconds, 3) : Cell("not installed");
}

std::vector<Cell> timed(const Cell& first, Eigen::Index columns, const FastTransform& fast,
                        const Dictionary* dense) {
  const Matrix x = random_columns(fast.atoms(), columns);
  const double chain = seconds_of(fast, x);
  const std::optional<double> product = dense ? std::optional(seconds_of(*dense, x)) : std::nullopt;
  return {first,
          columns,
          fast.nonzeros(),
          Cell::fixed(fast.complexity_gain(), 2),
          microseconds(chain),
          product ? microseconds(product) : Cell("-"),
          product ? Cell::fixed(*product / chain, 2) : Cell("-"),
          microseconds(fftw_seconds(fast.rows(), columns))};
}

optim::report::Table table_of(const char* first) {
  return {{{first},
           {"columns at once"},
           {"nonzeros"},
           {"RCG"},
           {"factors (us)"},
           {"dense, Eigen (us)"},
           {"dense / factors"},
           {"DCT of the rows, FFTW (us)"}},
          {}};
}

/// log2 n factors, two entries a row and column.
FastTransform butterflies(Eigen::Index n) {
  std::vector<Eigen::SparseMatrix<double, Eigen::RowMajor>> factors;
  for (Eigen::Index half = 1; half < n; half *= 2) {
    auto& factor = factors.emplace_back(n, n);
    factor.reserve(Eigen::VectorXi::Constant(n, 2));
    for (Eigen::Index i = 0; i < n; ++i) {
      factor.insert(i, i & ~half) = 1;
      factor.insert(i, i | half) = (i & half) != 0 ? -1 : 1;
    }
  }
  return FastTransform(std::move(factors));
}

void learnt(const Options& options) {
  const SignalColumns spectra = speech_spectra(2000, 1000, 1);
  const FastDictionary learnt = learn_fast_dictionary(spectra.training, {});
  const FastTransform& fast = learnt.fast.transform;
  const DenseDictionary dense(learnt.dense.dictionary);
  auto table = table_of("atoms");
  for (const Eigen::Index columns : {1, 64}) table.rows.push_back(timed(fast.atoms(), columns, fast, &dense));
  std::printf(
      "A dictionary of log spectra of speech, 64 x 128; held-out error %.3f, dense %.3f; us a column\n\n%s\n",
      held_out_error(fast, spectra.held_out, 5), held_out_error(dense, spectra.held_out, 5),
      shown(table, options).c_str());
}

void growth(const Options& options) {
  auto table = table_of("n");
  Growth entries{"nonzeros"}, chain{"factors"}, product{"dense, Eigen"}, dct{"DCT, FFTW"};
  for (Eigen::Index n = 16; n <= 16384; n *= 4) {
    const FastTransform fast = butterflies(n);
    std::optional<DenseDictionary> dense; // beyond that it takes gigabytes
    if (n <= 4096) dense.emplace(random_columns(n, n));
    table.rows.push_back(timed(n, 16, fast, dense ? &*dense : nullptr));
    const auto& row = table.rows.back();
    const auto add = [&](Growth& g, const Cell& cell) {
      if (cell.number) g.add(static_cast<double>(n), 1e-6 * *cell.number);
    };
    add(entries, row[2]), add(chain, row[4]), add(product, row[5]), add(dct, row[7]);
  }
  std::printf("log2 n factors of two entries a row; us a column\n\n%s\n", shown(table, options).c_str());
  std::printf("exponents of n: nonzeros %.2f, factors %.2f, dense %.2f", entries.exponent(), chain.exponent(),
              product.exponent());
  if (!dct.size.empty()) std::printf(", FFTW %.2f", dct.exponent());
  std::printf("\n");
  if (!options.out) return;
  std::vector<Growth> growths{chain, product};
  if (!dct.size.empty()) growths.push_back(dct);
  const auto figure = optim::tools::growth_figure("transforms", "A column by its size", "n", growths).figure;
  std::filesystem::create_directories(*options.out);
  std::ofstream(*options.out / "transforms.svg") << report::to_svg(figure.plots, figure.size);
}

/// Z = A Y, G = (|Z| Z) Y^T, in blocks or as written.
void iterations(const Options& options) {
  report::Table table{
      {{"rows"}, {"columns"}, {"iteration (ms)"}, {"Eigen, as written (ms)"}, {"Eigen / iteration"}}, {}};
  for (const Eigen::Index n : {4, 16, 64, 256}) {
    const Matrix y = random_columns(n, 3200000 / n), a = Matrix::Identity(n, n);
    const ColumnSource source = columns_of(y);
    const double ours = least_processor_seconds([&] { use(lp_gradient(source, {}, a, 3).value); });
    const double eigen = least_processor_seconds([&] {
      const Matrix z = a * y;
      const Matrix g = z.cwiseAbs().cwiseProduct(z) * y.transpose();
      use(g(0, 0));
    });
    table.rows.push_back({n, y.cols(), Cell::significant(1e3 * ours, 3), Cell::significant(1e3 * eigen, 3),
                          Cell::fixed(eigen / ours, 2)});
  }
  std::printf("An iteration of complete dictionary learning, p = 3, without its SVD; one thread\n\n%s\n",
              shown(table, options).c_str());
}

} // namespace

int transforms(const Options& options) {
  iterations(options);
  learnt(options);
  growth(options);
  return 0;
}

} // namespace raphson::bench
