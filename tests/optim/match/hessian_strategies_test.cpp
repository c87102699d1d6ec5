#include "catch.h"

#include "dsp/dynamics/compressor.h"
#include "optim/engine/newton.h"
#include "optim/engine/newton_cg.h"
#include "optim/match/compressor_pass.h"
#include "optim/match/hessian_strategies.h"
#include "optim/match/reverse_objective.h"
#include "tests/optim/match/reference.h"

#include <algorithm>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::match;

namespace {

constexpr CompressorCoordinates usual{-3.2, 0.72, 0.03, 0.0007, 0.25};

/// Each entry relative to sqrt(J_ii J_jj) of the reference's Gauss-Newton matrix: its natural scale.
double hessian_difference(const std::array<double, 15>& a, const std::array<double, 15>& b,
                          const LossDerivatives& reference) {
  double error = 0;
  for (int i = 0, p = 0; i < 5; ++i)
    for (int j = 0; j <= i; ++j, ++p)
      error = std::max(error, std::abs(a[p] - b[p])
                                  / std::sqrt(reference.gauss_newton[packed_index(i, i)]
                                              * reference.gauss_newton[packed_index(j, j)]));
  return error;
}
double gradient_difference(const std::array<double, 5>& a, const LossDerivatives& reference) {
  double error = 0;
  for (int i = 0; i < 5; ++i)
    error = std::max(error, std::abs(a[i] - reference.gradient[i])
                                / std::sqrt(2 * reference.loss * reference.gauss_newton[packed_index(i, i)]));
  return error;
}

struct Chunks {
  std::vector<Programme> programmes;
  std::vector<ChunkView> views;
  Chunks() {
    for (std::size_t i = 0; i < 11; ++i) programmes.push_back(programme(900 + 71 * (i % 5), 30 + i));
    for (std::size_t i = 0; i < programmes.size(); ++i) views.push_back(programmes[i].view(i * 41 % 300));
  }
};

std::array<double, 15> exact_hessian(const LossDerivatives& d) {
  std::array<double, 15> h;
  for (int p = 0; p < 15; ++p) h[p] = d.gauss_newton[p] + d.curvature[p];
  return h;
}

} // namespace

TEST_CASE("Every strategy agrees with a plain loop in Jets, on every instruction set") {
  const Chunks chunks;
  for (const CompressorCoordinates& k : {usual, CompressorCoordinates{-4, 0.4, 0.003, 0.02, 1}}) {
    const LossDerivatives reference = reference_derivatives(chunks.views, k, 0.995);
    for (const dsp::Isa isa : {dsp::Isa::baseline, dsp::Isa::avx2, dsp::Isa::avx512}) {
      if (isa > dsp::detect_isa()) continue;
      for (const HessianStrategy strategy : hessian_strategies) {
        INFO(to_string(strategy) << ", " << dsp::to_string(isa));
        const SecondOrder d = evaluate(strategy, chunks.views, k, 0.995, 1, isa);
        CHECK(d.loss == Approx(reference.loss).epsilon(1e-12));
        CHECK(gradient_difference(d.gradient, reference) < 1e-12);
        const double error = hessian_difference(d.hessian, exact_hessian(reference), reference);
        switch (strategy) {
        case HessianStrategy::gauss_newton:
          CHECK(hessian_difference(d.hessian, reference.gauss_newton, reference) < 1e-12);
          CHECK(error > 1e-2); // the curvature that it leaves out
          break;
        case HessianStrategy::finite_differences:
          CHECK(error < 1e-5);
          break;
        case HessianStrategy::adjoint_gradient:
          CHECK(d.hessian == std::array<double, 15>{});
          break;
        default:
          CHECK(error < 1e-12);
        }
      }
    }
  }
}

TEST_CASE("Strategies give the same bits on one thread and two") {
  const Chunks chunks;
  for (const HessianStrategy strategy : hessian_strategies) {
    const SecondOrder one = evaluate(strategy, chunks.views, usual, 0.995, 1);
    const SecondOrder two = evaluate(strategy, chunks.views, usual, 0.995, 2);
    CHECK(one.gradient == two.gradient);
    CHECK(one.hessian == two.hessian);
  }
}

TEST_CASE("Segments of any length give the same adjoint") {
  const Chunks chunks;
  using J = Jet<double, 1, 1>;
  const ChunkLanes<double> one(&chunks.views[2], 1);
  std::array<J, 5> k;
  for (int i = 0; i < 5; ++i) {
    k[i] = J(as_array(usual)[i]);
    k[i].g[0] = 0.1 * (i + 1) * as_array(usual)[i];
  }
  const CompressorPass<J> pass(one, k, 0.995);
  const auto whole = pass.gradient(0);
  for (const std::size_t segment : {1u, 7u, 64u, 300u, 5000u}) {
    const auto parts = pass.gradient(segment);
    CHECK(parts.loss.v == whole.loss.v);
    for (int i = 0; i < 5; ++i) {
      CHECK(parts.gradient[i].v == whole.gradient[i].v);
      CHECK(parts.gradient[i].g == whole.gradient[i].g);
    }
  }
}

TEST_CASE("Hessian-vector products are the Hessian's") {
  const Chunks chunks;
  const LossDerivatives reference = reference_derivatives(chunks.views, usual, 0.995);
  const auto hessian = exact_hessian(reference);
  const std::array<double, 5> direction{0.3, -0.2, 0.01, -0.0003, 0.7};
  const HessianProduct product = hessian_product(chunks.views, usual, direction, 0.995, 2);
  CHECK(product.loss == Approx(reference.loss).epsilon(1e-12));
  CHECK(gradient_difference(product.gradient, reference) < 1e-12);
  for (int i = 0; i < 5; ++i) {
    double expected = 0, scale = 0;
    for (int j = 0; j < 5; ++j) {
      expected += hessian[packed_index(i, j)] * direction[j];
      scale += std::abs(hessian[packed_index(i, j)] * direction[j]);
    }
    CHECK(std::abs(product.product[i] - expected) < 1e-11 * scale);
  }
}

namespace {

std::vector<Programme> made_programme() {
  Programme p = programme(12000, 50);
  const double played[] = {-26, 4, 3, 90, 3, 0, 0, 0};
  dsp::Compressor<double> compressor(std::span<const double>(played), 8000);
  for (std::size_t t = 0; t < p.dry.size(); ++t) // and a little of what no compressor explains
    p.wet[t] = static_cast<float>(compressor(double(p.dry[t]))) + 0.05f * p.wet[t];
  return {p};
}

} // namespace

TEST_CASE("The reverse-mode objective is the match's objective") {
  const std::vector<Programme> made = made_programme();
  const Pair pair = pair_of(made, 8000, 0, 12000);
  const ObjectiveOptions options{{0.5, 0.1}, 0.995, 1};
  const CompressorObjective forward(pair, options);
  const ReverseCompressorObjective reverse(pair, options);
  const Vector z = CompressorObjective::unconstrained({-30, 3, 2, 60, 1.5});
  Vector g, expected;
  Matrix hessian;
  const double value = forward.value_gradient_and_hessian(z, expected, hessian);
  CHECK(reverse.value(z) == forward.value(z));
  CHECK(reverse.value_and_gradient(z, g) == Approx(value).epsilon(1e-12));
  CHECK((g - expected).norm() < 1e-11 * expected.norm());
  for (const Vector& v : {Vector(Vector::Unit(5, 3)), Vector{{1.0, -2.0, 0.5, 0.3, -0.7}}})
    CHECK((reverse.hessian_product(z, v) - hessian * v).norm() < 1e-11 * (hessian * v).norm());
}

TEST_CASE("Newton-CG on products ends where Newton does") {
  const std::vector<Programme> made = made_programme();
  const Pair pair = pair_of(made, 8000, 0, 12000);
  const ObjectiveOptions options{{0.5, 0.1}, 0.995, 1};
  const Vector start = CompressorObjective::unconstrained({-30, 3, 2, 60, 1.5});
  const Result newton = minimise(CompressorObjective(pair, options), start, NewtonOptions{});
  const Result cg = minimise(ReverseCompressorObjective(pair, options), start, NewtonCgOptions{});
  CHECK(cg.value == Approx(newton.value).epsilon(1e-8));
  CHECK((cg.x - newton.x).norm() < 1e-2);
}
