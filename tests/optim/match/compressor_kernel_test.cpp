// The kernel of every instruction set of this machine against a plain loop in Jets, and against finite
// differences.
#include "catch.h"

#include "dsp/dynamics/compressor.h"
#include "optim/engine/finite_differences.h"
#include "tests/optim/match/reference.h"

#include <algorithm>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::match;

namespace {

std::vector<dsp::Isa> instruction_sets() {
  std::vector<dsp::Isa> sets;
  for (const dsp::Isa isa : {dsp::Isa::baseline, dsp::Isa::avx2, dsp::Isa::avx512})
    if (isa <= dsp::detect_isa()) sets.push_back(isa);
  return sets;
}

/// The largest difference, relative to the largest entry of the reference.
template <std::size_t n> double difference(const std::array<double, n>& a, const std::array<double, n>& b) {
  double error = 0, scale = 0;
  for (std::size_t i = 0; i < n; ++i) {
    error = std::max(error, std::abs(a[i] - b[i]));
    scale = std::max(scale, std::abs(b[i]));
  }
  return scale > 0 ? error / scale : error;
}

/// Derivatives by natural coordinates differ by orders of magnitude: entry by entry, relative to its size or,
/// where it vanishes, to the loss in that coordinate's own unit.
constexpr double unit(const CompressorCoordinates& k, int i) {
  return i == 2 ? k.attack : i == 3 ? k.release : 1;
}

double gradient_error(const std::array<double, 5>& a, const LossDerivatives& b,
                      const CompressorCoordinates& k) {
  double error = 0;
  for (int i = 0; i < 5; ++i)
    error = std::max(error,
                     std::abs(a[i] - b.gradient[i]) / std::max(std::abs(b.gradient[i]), b.loss / unit(k, i)));
  return error;
}
double matrix_error(const std::array<double, 15>& a, const std::array<double, 15>& b, double loss,
                    const CompressorCoordinates& k) {
  double error = 0;
  for (int i = 0, p = 0; i < 5; ++i)
    for (int j = 0; j <= i; ++j, ++p)
      error =
          std::max(error, std::abs(a[p] - b[p]) / std::max(std::abs(b[p]), loss / unit(k, i) / unit(k, j)));
  return error;
}

void agrees(const dsp::Isa isa, std::span<const ChunkView> chunks, const CompressorCoordinates& k,
            double pole) {
  const CompressorKernel& kernel = compressor_kernel(isa);
  const LossDerivatives reference = reference_derivatives(chunks, k, pole);
  LossDerivatives gradient, gauss_newton, hessian;
  double value = 0;
  for (std::size_t from = 0; from < chunks.size(); from += static_cast<std::size_t>(kernel.lanes)) {
    const int count = std::min(kernel.lanes, static_cast<int>(chunks.size() - from));
    value += kernel.value(&chunks[from], count, k, pole);
    kernel.gradient(&chunks[from], count, k, pole, gradient);
    kernel.gauss_newton(&chunks[from], count, k, pole, gauss_newton);
    kernel.hessian(&chunks[from], count, k, pole, hessian);
  }
  INFO("isa " << dsp::to_string(isa) << ", " << chunks.size() << " chunks, pole " << pole);
  constexpr double tolerance = 1e-11;
  CHECK(value == Approx(reference.loss).epsilon(tolerance));
  for (const LossDerivatives* d : {&gradient, &gauss_newton, &hessian}) {
    CHECK(d->loss == Approx(reference.loss).epsilon(tolerance));
    CHECK(gradient_error(d->gradient, reference, k) < tolerance);
  }
  CHECK(matrix_error(gauss_newton.gauss_newton, reference.gauss_newton, reference.loss, k) < tolerance);
  CHECK(matrix_error(hessian.gauss_newton, reference.gauss_newton, reference.loss, k) < tolerance);
  CHECK(matrix_error(hessian.curvature, reference.curvature, reference.loss, k) < tolerance);

  LossDerivatives single;
  for (std::size_t from = 0; from < chunks.size(); from += static_cast<std::size_t>(kernel.single_lanes))
    kernel.single_hessian(&chunks[from],
                          std::min(kernel.single_lanes, static_cast<int>(chunks.size() - from)), k, pole,
                          single);
  constexpr double single_tolerance = 1e-3; // the tile's sums in 24 bits, slow recursions in 24 bits
  CHECK(single.loss == Approx(reference.loss).epsilon(single_tolerance));
  CHECK(gradient_error(single.gradient, reference, k) < single_tolerance);
  CHECK(matrix_error(single.gauss_newton, reference.gauss_newton, reference.loss, k) < single_tolerance);
  CHECK(matrix_error(single.curvature, reference.curvature, reference.loss, k) < single_tolerance);
}

constexpr CompressorCoordinates usual{-3.2, 0.72, 0.03, 0.0007, 0.25};

} // namespace

TEST_CASE("Every instruction set's kernel agrees with a plain loop in Jets") {
  const CompressorCoordinates many[] = {
      usual,
      {-2.0, 0.95, 0.4, 0.0002, -0.8},
      {-5.0, 0.3, 0.002, 0.004, 1.5}, // attack slower than release
      {-3.2, 0.72, 0.01, 0.01, 0},    // as fast as each other
      {-3.2, 0.72, 1.0, 1.0, 0.1},    // no smoothing at all
  };
  for (const dsp::Isa isa : instruction_sets())
    for (const CompressorCoordinates& k : many)
      for (const double pole : {0.995, 1.0, 0.5}) {
        const Programme p = programme(3000, 1);
        const ChunkView chunk = p.view(700);
        agrees(isa, {&chunk, 1}, k, pole);
      }
}

TEST_CASE("The kernel takes chunks of any length, number and scored part") {
  for (const std::size_t samples : {1u, 2u, 63u, 64u, 65u, 127u, 1000u, 1024u}) {
    const Programme p = programme(samples, 2);
    for (const std::size_t first : {std::size_t{0}, samples / 3, samples - 1}) {
      const ChunkView chunk = p.view(first);
      for (const dsp::Isa isa : instruction_sets()) agrees(isa, {&chunk, 1}, usual, 0.995);
    }
  }
  std::vector<Programme> programmes;
  for (std::size_t i = 0; i < 19; ++i) programmes.push_back(programme(500 + 37 * (i * i % 23), 10 + i));
  for (const std::size_t count : {2u, 3u, 5u, 8u, 9u, 19u}) {
    std::vector<ChunkView> chunks;
    for (std::size_t i = 0; i < count; ++i) chunks.push_back(programmes[i].view(i * 29 % 400));
    for (const dsp::Isa isa : instruction_sets()) agrees(isa, chunks, usual, 0.995);
  }
}

TEST_CASE("The kernel adds to what is there") {
  const Programme p = programme(400, 3);
  const ChunkView chunk = p.view();
  LossDerivatives once, twice;
  compressor_kernel().hessian(&chunk, 1, usual, 0.995, once);
  compressor_kernel().hessian(&chunk, 1, usual, 0.995, twice);
  compressor_kernel().hessian(&chunk, 1, usual, 0.995, twice);
  CHECK(twice.loss == 2 * once.loss);
  for (int i = 0; i < 5; ++i) CHECK(twice.gradient[i] == 2 * once.gradient[i]);
  for (int p15 = 0; p15 < 15; ++p15) CHECK(twice.curvature[p15] == Approx(2 * once.curvature[p15]));
}

TEST_CASE("The kernel at the edges of the model") {
  for (const dsp::Isa isa : instruction_sets()) {
    const Programme p = programme(2000, 4);
    const ChunkView chunk = p.view(100);
    agrees(isa, {&chunk, 1}, {-3.2, 0.0, 0.03, 0.0007, 0.25}, 0.995); // ratio 1
    agrees(isa, {&chunk, 1}, {-25.0, 0.99, 0.03, 0.0007, 8}, 0.995);  // below the floor of the level
    const Programme quiet = programme(2000, 5, 1e-3);
    const ChunkView below = quiet.view();
    agrees(isa, {&below, 1}, usual, 0.995);
    LossDerivatives d;
    compressor_kernel(isa).hessian(&below, 1, usual, 0.995, d);
    for (const int i : {0, 1, 2, 3}) CHECK(std::abs(d.gradient[i]) * unit(usual, i) < 1e-12 * d.loss);
    Programme silent = programme(300, 6);
    std::fill(silent.dry.begin() + 50, silent.dry.end(), 0.0f);
    const ChunkView silence = silent.view();
    agrees(isa, {&silence, 1}, usual, 0.995);
  }
}

namespace {

/// The loss of one chunk as an objective of the natural coordinates, each in units of its own size.
struct KernelObjective {
  const CompressorKernel& kernel;
  ChunkView chunk;
  double pole = 0.995;
  static constexpr double units[] = {1, 1, 0.03, 0.0007, 1};

  static CompressorCoordinates at(const Vector& x) {
    return {x[0] * units[0], x[1] * units[1], x[2] * units[2], x[3] * units[3], x[4] * units[4]};
  }
  double value(const Vector& x) const { return kernel.value(&chunk, 1, at(x), pole); }
  double value_and_gradient(const Vector& x, Vector& gradient) const {
    LossDerivatives d;
    kernel.gradient(&chunk, 1, at(x), pole, d);
    gradient.resize(5);
    for (int i = 0; i < 5; ++i) gradient[i] = d.gradient[i] * units[i];
    return d.loss;
  }
};

} // namespace

TEST_CASE("The kernel's derivatives are central differences") {
  const Programme p = programme(1500, 7);
  const Vector x{{-3.2, 0.72, 1, 1, 0.25}};
  for (const dsp::Isa isa : instruction_sets()) {
    const KernelObjective f{compressor_kernel(isa), p.view(200)};
    Vector gradient;
    f.value_and_gradient(x, gradient);
    LossDerivatives d;
    f.kernel.hessian(&f.chunk, 1, KernelObjective::at(x), f.pole, d);
    const Vector differences = finite_difference_gradient(f, x);
    // A step this small moves no sample across a kink, where the gradient has a jump.
    const Matrix second = finite_difference_hessian(f, x, 1e-7);
    for (int i = 0; i < 5; ++i) {
      CHECK(gradient[i] == Approx(differences[i]).epsilon(1e-7).margin(1e-8 * gradient.norm()));
      for (int j = 0; j <= i; ++j) {
        const int k = packed_index(i, j);
        const double exact =
            (d.gauss_newton[k] + d.curvature[k]) * KernelObjective::units[i] * KernelObjective::units[j];
        CHECK(exact == Approx(second(i, j)).epsilon(1e-6).margin(1e-7 * second.norm()));
      }
    }
  }
}

TEST_CASE("The gradients of blocks are parts of the gradient") {
  const Programme p = programme(5000, 8);
  const ChunkView chunk = p.view(800);
  for (const dsp::Isa isa : instruction_sets())
    for (const std::size_t block : {64u, 640u, 1000u, 6000u}) {
      const CompressorKernel& kernel = compressor_kernel(isa);
      std::vector<double> blocks(5 * (chunk.count / block + 2), 0.0);
      kernel.block_gradients(chunk, usual, 0.995, block, blocks.data());
      LossDerivatives d;
      kernel.gradient(&chunk, 1, usual, 0.995, d);
      std::array<double, 5> sum{};
      for (std::size_t b = 0; b < blocks.size() / 5; ++b)
        for (int i = 0; i < 5; ++i) sum[i] += blocks[5 * b + i];
      CHECK(difference(sum, d.gradient) < 1e-12);
      // The first blocks hold what a chunk that ends with them would: the past does not know the future.
      if (block % 64 == 0 && 2 * block < chunk.count) {
        LossDerivatives part;
        const ChunkView head{chunk.dry, chunk.wet, 2 * block, std::min(chunk.first_scored, 2 * block)};
        kernel.gradient(&head, 1, usual, 0.995, part);
        std::array<double, 5> first{};
        for (int i = 0; i < 5; ++i) first[i] = blocks[i] + blocks[5 + i];
        CHECK(difference(first, part.gradient) < 1e-12);
      }
    }
}

TEST_CASE("Candidates compared side by side are those evaluated one by one") {
  const Programme p = programme(1111, 12);
  for (const dsp::Isa isa : instruction_sets()) {
    const CompressorKernel& kernel = compressor_kernel(isa);
    for (int count = 1; count <= kernel.lanes; ++count) {
      const ChunkView chunk = p.view(static_cast<std::size_t>(count) * 50);
      std::vector<CompressorCoordinates> candidates;
      for (int i = 0; i < count; ++i)
        candidates.push_back({-3.5 + 0.3 * i, 0.5 + 0.05 * i, 0.02 + 0.01 * i, 0.0005 * (i + 1), 0.2 * i});
      std::vector<OutputComparison> sums(candidates.size());
      kernel.compare(chunk, candidates.data(), count, 0.995, sums.data());
      for (int i = 0; i < count; ++i) {
        // The error's derivative by the log make-up is the output p, the error p - q.
        const LossDerivatives reference = reference_derivatives({&chunk, 1}, candidates[i], 0.995);
        const double pp = reference.gauss_newton[14], pq = pp - reference.gradient[4];
        CHECK(sums[i].output_energy == Approx(pp).epsilon(1e-11));
        CHECK(sums[i].correlation == Approx(pq).epsilon(1e-10));
        CHECK(sums[i].target_energy == Approx(2 * reference.loss - pp + 2 * pq).epsilon(1e-10));
      }
    }
  }
}

namespace {

/// The loss of a chunk through dsp::Compressor on a scalar, from physical values.
template <class S>
S model_loss(const ChunkView& chunk, const std::vector<S>& values, double sample_rate, double pole) {
  dsp::Compressor<S> compressor(std::span<const S>(values), sample_rate);
  S previous(0.0), error(0.0), loss(0.0);
  for (std::size_t t = 0; t < chunk.count; ++t) {
    const S output = compressor(S(static_cast<double>(chunk.dry[t]))) - S(static_cast<double>(chunk.wet[t]));
    error = output - previous + S(pole) * error;
    previous = output;
    if (t >= chunk.first_scored) loss = loss + S(0.5) * error * error;
  }
  return loss;
}

} // namespace

TEST_CASE("What is fitted is what dsp::Compressor plays") {
  constexpr double sample_rate = 44100;
  const double physical[] = {-28, 3.5, 2.0, 150, 2.5, 0, 0, 0};
  const Programme p = programme(3000, 9);
  const ChunkView chunk = p.view(500);
  using J = Jet<double, 5, 2>;
  // By the natural coordinates: each physical value as the Jet of its inverse formula.
  std::array<J, 5> k;
  const CompressorCoordinates at{physical[0] * dsp::nepers_per_db, 1 - 1 / physical[1],
                                 dsp::coefficient_from_ms(physical[2], sample_rate),
                                 dsp::coefficient_from_ms(physical[3], sample_rate),
                                 physical[4] * dsp::nepers_per_db};
  for (int i = 0; i < 5; ++i) k[i] = J::variable(as_array(at)[i], i);
  std::vector<J> values(8, J(0.0));
  values[0] = k[0] / J(dsp::nepers_per_db);
  values[1] = J(1.0) / (J(1.0) - k[1]);
  values[2] = dsp::ms_from_coefficient(k[2], sample_rate);
  values[3] = dsp::ms_from_coefficient(k[3], sample_rate);
  values[4] = k[4] / J(dsp::nepers_per_db);
  const J model = model_loss(chunk, values, sample_rate, 0.995);
  const double plain =
      model_loss(chunk, std::vector<double>(std::begin(physical), std::end(physical)), sample_rate, 0.995);
  for (const dsp::Isa isa : instruction_sets()) {
    const CompressorKernel& kernel = compressor_kernel(isa);
    LossDerivatives d;
    kernel.hessian(&chunk, 1, at, 0.995, d);
    CHECK(kernel.value(&chunk, 1, at, 0.995) == Approx(plain).epsilon(1e-11));
    CHECK(d.loss == Approx(model.v).epsilon(1e-11));
    CHECK(difference(d.gradient, model.g) < 1e-9); // coefficients through two logarithms and back
    std::array<double, 15> hessian;
    for (int p15 = 0; p15 < 15; ++p15) hessian[p15] = d.gauss_newton[p15] + d.curvature[p15];
    CHECK(matrix_error(hessian, model.h, d.loss, at) < 1e-9);
  }
}
