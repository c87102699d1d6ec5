// The tape in use: memory, sweeps, gradients of examples apart, what it refuses, and numbers at the ends of
// their range.
#include "dsp/error.h"
#include "optim/autodiff/operations.h"
#include "optim/engine/random.h"
#include "tests/catch.h"
#include "tests/dsp/allocation_count.h"

#include <cmath>
#include <limits>
#include <vector>

using namespace raphson::optim;
using Catch::Matchers::Contains;

namespace {

template <class T> std::vector<T> random_values(Index count, const char* name) {
  RandomStream stream(1, name);
  std::vector<T> values(static_cast<std::size_t>(count));
  for (T& value : values) value = static_cast<T>(stream.normal());
  return values;
}

constexpr double inf = std::numeric_limits<double>::infinity();
const double not_a_number = std::numeric_limits<double>::quiet_NaN();

double on_tape(Var<double> (*f)(Var<double>), double x) {
  Tape<double> tape;
  return f(tape.constant(x)).item();
}

} // namespace

TEST_CASE("a steady loop allocates nothing", "[tape]") {
  Tape<float> tape;
  const auto x = random_values<float>(64 * 36, "x"), w = random_values<float>(36 * 10, "w"),
             k = random_values<float>(3 * 9, "k");
  std::vector<float> w_bar(w.size()), k_bar(k.size());
  const std::vector<int> labels(64, 3);
  const auto round = [&] {
    tape.clear();
    const auto image = convolution_2d(tape.constant({64, 1, 6, 6}, x.data()),
                                      tape.parameter({3, 1, 3, 3}, k.data(), k_bar.data()), {.padding = 1});
    const auto pooled = reshape(sum(image, 1), {64, 36});
    const auto hidden = matmul(layer_norm(gelu(pooled)), tape.parameter({36, 10}, w.data(), w_bar.data()));
    const auto loss = mean(cross_entropy(hidden, std::span<const int>(labels)));
    tape.backward(loss);
    return loss.item();
  };
  round();
  round();
  const auto before = allocation_count();
  const std::size_t held = tape.bytes();
  for (int i = 0; i < 10; ++i) round();
  CHECK(allocation_count() == before);
  CHECK(tape.bytes() == held);
}

TEST_CASE("each sweep starts afresh: rows of a Jacobian from one recording", "[tape]") {
  Tape<double> tape;
  const auto x = random_values<double>(4, "x"), a = random_values<double>(12, "a");
  const auto input = tape.input({1, 4}, x.data());
  const auto y = tanh(matmul(input, tape.constant({4, 3}, a.data())));
  for (int row = 0; row < 3; ++row) {
    double seed[3] = {};
    seed[row] = 1;
    tape.backward(y, seed);
    for (int i = 0; i < 4; ++i) {
      const double slope = 1 - y.data()[row] * y.data()[row];
      CHECK(input.adjoint()(0, i) == Approx(slope * a[static_cast<std::size_t>(3 * i + row)]).epsilon(1e-14));
    }
  }
}

TEST_CASE("an operation that cannot tell examples apart says so", "[tape]") {
  Tape<double> tape;
  const auto w = random_values<double>(8, "w");
  std::vector<double> bar(8 * 5);
  const auto parameter = tape.parameter({2, 4}, w.data(), bar.data(), 5);
  CHECK_THROWS_WITH(tanh(parameter), Contains("tanh: has no gradients of each example"));
  CHECK_THROWS_WITH(softmax(parameter), Contains("softmax: has no gradients of each example"));
  CHECK_THROWS_WITH(matmul(parameter, parameter), Contains("matrix product"));
  CHECK_THROWS_WITH(sum(parameter), Contains("sum: has no"));
  const auto rows = tape.constant({7, 2}, w.data()); // 7 rows are not 5 examples
  CHECK_THROWS_WITH(matmul(rows, parameter), Contains("7 rows do not tell 5 examples apart"));
  CHECK_THROWS_WITH(parameter + parameter, Contains("does not tell 5 examples apart"));
}

TEST_CASE("shapes that do not fit are refused by the operation's name", "[tape]") {
  Tape<double> tape, other;
  const auto values = random_values<double>(60, "values");
  const auto a = tape.constant({3, 4}, values.data()), b = tape.constant({5, 4}, values.data());
  CHECK_THROWS_WITH(a + b, Contains("addition: shapes 3 x 4 and 5 x 4"));
  CHECK_THROWS_WITH(matmul(a, b), Contains("matrix product: 3 x 4 and 5 x 4"));
  CHECK_THROWS_WITH(reshape(a, {5, 2}), Contains("reshape: 3 x 4 does not fill 5 x 2"));
  CHECK_THROWS_WITH(slice(a, 1, 2, 3), Contains("slice: entries 2 to 5 of 4"));
  CHECK_THROWS_WITH(sum(a, 2), Contains("sum: no axis 2 in 3 x 4"));
  CHECK_THROWS_WITH(a + other.constant({3, 4}, values.data()), Contains("on different tapes"));
  CHECK_THROWS_WITH(tape.backward(a), Contains("the loss is one value"));
  CHECK_THROWS_WITH(tape.backward(sum(a)), Contains("depends on no parameter"));
  const int labels[] = {0, 1, 4}, indices[] = {0, 3};
  CHECK_THROWS_WITH(cross_entropy(a, std::span<const int>(labels)), Contains("label 4 of 4 classes"));
  CHECK_THROWS_WITH(gather(a, std::span<const int>(indices), {2}), Contains("index 3 of 3 rows"));
  CHECK_THROWS_WITH(
      convolution_2d(tape.constant({1, 1, 2, 2}, values.data()), tape.constant({1, 1, 3, 3}, values.data())),
      Contains("smaller than the kernel"));
  CHECK_THROWS_WITH(max_pool(tape.constant({1, 1, 2, 2}, values.data()), 3), Contains("max_pool"));
}

TEST_CASE("functions keep infinities and NaN in sight", "[tape]") {
  CHECK(on_tape(exp, 1000) == inf);
  CHECK(on_tape(exp, -1000) == 0);
  CHECK(on_tape(exp, -inf) == 0);
  CHECK(std::isnan(on_tape(exp, not_a_number)));
  CHECK(on_tape(log, 0) == -inf);
  CHECK(std::isnan(on_tape(log, -1)));
  CHECK(std::isnan(on_tape(log, not_a_number)));
  CHECK(on_tape(tanh, 1000) == 1);
  CHECK(on_tape(tanh, -1000) == -1);
  CHECK(std::isnan(on_tape(tanh, not_a_number)));
  CHECK(on_tape(tanh, 1e-9) == Approx(1e-9).epsilon(1e-15));
  CHECK(on_tape(sigmoid, -1000) == 0);
  CHECK(on_tape(softplus, 1000) == 1000);
  CHECK(on_tape(softplus, -30) == Approx(std::log1p(std::exp(-30.0))).epsilon(1e-12));
  CHECK(on_tape(gelu, 30) == 30);
  CHECK(on_tape(gelu, -30) == 0);
  CHECK(std::isnan(on_tape(relu, not_a_number)));
  CHECK(std::isnan(on_tape(silu, not_a_number)));
}

TEST_CASE("softmax and its losses neither overflow nor lose small probabilities", "[tape]") {
  Tape<double> tape;
  const double logits[] = {1000, 999, -1000, 0, -800, 0.5};
  const auto x = tape.constant({2, 3}, logits);
  const double e = std::exp(-1.0), e2 = std::exp(0.5);
  CHECK(softmax(x).value()(0, 0) == Approx(1 / (1 + e)).epsilon(1e-14));
  CHECK(softmax(x).value()(0, 2) == 0);
  CHECK(log_softmax(x).value()(0, 2) == Approx(-2000 - std::log1p(e)).epsilon(1e-14));
  CHECK(log_softmax(x).value()(1, 1) == Approx(-800 - std::log(1 + e2)).epsilon(1e-14));
  const int labels[] = {2, 1};
  const auto losses = cross_entropy(x, std::span<const int>(labels));
  CHECK(losses.value()(0, 0) == Approx(2000 + std::log1p(e)).epsilon(1e-14));
  CHECK(losses.value()(0, 1) == Approx(800 + std::log(1 + e2)).epsilon(1e-14));
  const double scores[] = {-745, 800}, targets[] = {1, 0};
  const auto binary = binary_cross_entropy(tape.constant({2}, scores), tape.constant({2}, targets));
  CHECK(binary.value()(0, 0) == 745);
  CHECK(binary.value()(0, 1) == 800);
}

TEST_CASE("attention sees what its mask lets it see", "[tape]") {
  Tape<double> tape;
  const auto values = random_values<double>(2 * 4 * 6, "values");
  auto changed = values;
  for (std::size_t i = 18; i < 24; ++i) changed[i] += 1; // the last place of the first example
  const auto run = [&](const std::vector<double>& from, Var<double> mask) {
    const auto x = tape.constant({2, 4, 6}, from.data());
    return attention(x, x, x, mask).value();
  };
  const auto causal = causal_mask(tape, 4);
  CHECK(run(values, causal).topRows(3) == run(changed, causal).topRows(3));
  CHECK(run(values, causal).row(3) != run(changed, causal).row(3));
  CHECK(run(values, causal).bottomRows(4) == run(changed, causal).bottomRows(4));
  const auto blocks = block_mask(tape, 4, 2);
  CHECK(run(values, blocks).topRows(2) == run(changed, blocks).topRows(2));
  CHECK(run(values, blocks).row(2) != run(changed, blocks).row(2));
}
