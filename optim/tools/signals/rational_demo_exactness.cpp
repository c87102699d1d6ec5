#include "dsp/filters/rational_conversions.h"
#include "optim/autodiff/operations/rational.h"
#include "optim/engine/random.h"
#include "optim/engine/rational_kernel.h"
#include "optim/tools/signals/rational_demo_parts.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace raphson::optim::tools {
namespace {

constexpr std::size_t length = 256;
constexpr int order = 8;

RationalCoefficients random_system(RandomStream& random) {
  std::vector<Complex> poles;
  for (int i = 0; i < order; i += 2) {
    poles.push_back(std::polar(random.uniform(0.99, 0.999), random.uniform(0.02, 0.98) * std::numbers::pi));
    poles.push_back(std::conj(poles.back()));
  }
  const std::vector<double> a = dsp::polynomial(poles);
  RationalCoefficients c{random.normal(), {a.begin() + 1, a.end()}, {}};
  for (int i = 0; i < order; ++i) c.b.push_back(random.normal());
  return c;
}

/// The largest difference between a kernel and a recursion's response, over the kernel's peak.
double difference(const std::vector<double>& k, const dsp::RationalPolynomials<double>& filter) {
  dsp::RationalRecursion<double> run(filter);
  double off = 0, peak = 0;
  for (std::size_t t = 0; t < k.size(); ++t) {
    const double difference = std::abs(k[t] - run(t == 0 ? 1.0 : 0.0));
    if (!(difference <= off)) off = difference; // NaN, too
    peak = std::max(peak, std::abs(k[t]));
  }
  return off / peak;
}

/// What a tape holds of a kernel, its parameters being the caller's.
double tape_bytes(Index n) {
  const auto count = static_cast<std::size_t>(n);
  const double h0 = 1;
  const std::vector<double> a(count, 0.1 / static_cast<double>(n)), b(count, 0.1);
  std::vector<double> gradient(2 * count);
  Tape<double> tape;
  rational_kernel(tape.constant({1}, &h0), tape.parameter({1, n}, a.data(), gradient.data()),
                  tape.parameter({1, n}, b.data(), gradient.data() + n), 4096);
  return static_cast<double>(tape.bytes());
}

} // namespace

void rational_exactness(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options) {
  const int systems = options.brief ? 50 : 200;
  report::Table table{{{"seed"},
                       {"systems"},
                       {"kernel against recursion, largest"},
                       {"against the recursion of the learned b and h0, least"},
                       {"median"}},
                      {}};
  for (const std::uint64_t seed : seeds) {
    options.say("exactness, seed " + std::to_string(seed));
    RandomStream random(seed, "rational systems");
    double worst = 0;
    std::vector<double> uncorrected;
    for (int i = 0; i < systems; ++i) {
      const RationalCoefficients c = random_system(random);
      const std::vector<double> k = rational_kernel(c, length);
      const double apart = difference(k, to_recursion(c, length));
      if (!(apart <= worst)) worst = apart;
      uncorrected.push_back(difference(k, {c.h0, c.a, c.b}));
    }
    std::sort(uncorrected.begin(), uncorrected.end());
    const std::string name = ", seed " + std::to_string(seed);
    table.rows.push_back({seed, systems, worst, uncorrected.front(), uncorrected[uncorrected.size() / 2]});
    report.claims.push_back(
        report::at_most("kernel against the recursion, share of the peak" + name, worst, 1e-7));
    report.claims.push_back(
        report::at_least("the learned b and h0 taken for the recursion's, share of the peak" + name,
                         uncorrected.front(), 0.02));
  }
  report.tables.push_back(
      {"exactness", "Random stable systems of order 8, radii 0.99 to 0.999, 256 samples", table});

  const auto points = [](std::size_t n) {
    const RationalCoefficients c{1, std::vector<double>(n, 0.5 / static_cast<double>(n)),
                                 std::vector<double>(n, 0.1)};
    const std::uint64_t before = transformed_points();
    rational_kernel(c, 4096);
    return static_cast<double>(transformed_points() - before);
  };
  // Of the numerator, the denominator and the kernel.
  report.claims.push_back(
      report::at_least("points transformed for a kernel of 4096, order 4", points(4), 3 * 4096));
  report.claims.push_back(report::at_most("the same, order 1024 over order 4", points(1024) / points(4), 1));
  report.claims.push_back(report::at_most("bytes of the tape for a kernel of 4096, order 1024 over order 4",
                                          tape_bytes(1024) / tape_bytes(4), 1));
}

} // namespace raphson::optim::tools
