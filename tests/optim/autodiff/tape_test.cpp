// Every operation of the tape against finite differences, in double; float against double; tangents against
// differences along the direction; gradients of each example against runs of one example.
#include "dsp/error.h"
#include "optim/autodiff/operations.h"
#include "optim/engine/finite_differences.h"
#include "optim/engine/random.h"
#include "tests/catch.h"

#include <functional>
#include <string>
#include <vector>

using namespace raphson;
using namespace raphson::optim;

namespace {

template <class T> using Build = std::function<Var<T>(Tape<T>&, const std::vector<Var<T>>&)>;

struct Case {
  std::string name;
  std::vector<Shape> shapes;
  Build<double> in_double;
  Build<float> in_float;
  double low = -1.5, high = 1.5;
};

Index size_of(const Case& c) {
  Index size = 0;
  for (const Shape& s : c.shapes) size += s.size();
  return size;
}

Vector point(const Case& c, const std::string& name) {
  RandomStream stream(1, name);
  Vector x(size_of(c));
  for (auto& value : x) value = stream.uniform(c.low, c.high);
  return x;
}

const Build<double>& builder(const Case& c, double) { return c.in_double; }
const Build<float>& builder(const Case& c, float) { return c.in_float; }

/// sum of w_i y_i + y_i^2 / 2 with fixed w: no coordinate of the result goes unseen, and its Hessian is felt.
template <class T> class CaseObjective {
public:
  explicit CaseObjective(const Case& c) : case_(c) {}

  using TVector = Eigen::Matrix<T, Eigen::Dynamic, 1>;

  double value(const Vector& x) const {
    TVector gradient;
    return evaluate(x.cast<T>(), TVector(), gradient, nullptr);
  }
  double value_and_gradient(const Vector& x, Vector& gradient) const {
    TVector g;
    const double value = evaluate(x.cast<T>(), TVector(), g, nullptr);
    gradient = g.template cast<double>();
    return value;
  }
  Vector hessian_product(const Vector& x, const Vector& v) const {
    TVector gradient, product;
    evaluate(x.cast<T>(), v.cast<T>(), gradient, &product);
    return product.template cast<double>();
  }
  /// d value along v, forward.
  double tangent(const Vector& x, const Vector& v) const {
    TVector gradient, product;
    evaluate(x.cast<T>(), v.cast<T>(), gradient, &product);
    return tangent_;
  }

private:
  double evaluate(const TVector& x, const TVector& v, TVector& gradient, TVector* product) const {
    Tape<T> tape(product ? TapeMode::tangents : TapeMode::values);
    gradient = TVector::Zero(x.size());
    if (product) *product = TVector::Zero(x.size());
    std::vector<Var<T>> inputs;
    Index at = 0;
    for (const Shape& shape : case_.shapes) {
      inputs.push_back(tape.parameter(shape, x.data() + at,
                                      {.gradient = gradient.data() + at,
                                       .direction = product ? v.data() + at : nullptr,
                                       .product = product ? product->data() + at : nullptr}));
      at += shape.size();
    }
    const Var<T> y = builder(case_, T())(tape, inputs);
    RandomStream stream(2, "weights");
    TVector w(y.size());
    for (auto& value : w) value = static_cast<T>(stream.normal());
    const Var<T> loss = sum(tape.constant(y.shape(), w.data()) * y + T(0.5) * square(y));
    tape.backward(loss);
    if (product) tangent_ = static_cast<double>(loss.tangent()(0, 0));
    return static_cast<double>(loss.item());
  }

  const Case& case_;
  mutable double tangent_ = 0;
};

#define BUILD(body)                                                                                          \
  [](auto& tape, const auto& p) {                                                                            \
    (void)tape;                                                                                              \
    return body;                                                                                             \
  },                                                                                                         \
      [](auto& tape, const auto& p) {                                                                        \
        (void)tape;                                                                                          \
        return body;                                                                                         \
      }

const std::vector<int> labels = {1, 0, 2, 1, 3};
const std::vector<int> indices = {2, 0, 2, 1, 3, 2};
const int swap_axes[] = {2, 0, 3, 1};

template <class T> Var<T> both(const Var<T>& a, const Var<T>& b, int axis) {
  const Var<T> parts[] = {a, b, a};
  return concatenate(std::span<const Var<T>>(parts), axis);
}

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"a + b", {{3, 5}, {3, 5}}, BUILD(p[0] + p[1])},
      {"a + row", {{3, 19}, {19}}, BUILD(p[0] + p[1])},
      {"row - a", {{19}, {3, 19}}, BUILD(p[0] - p[1])},
      {"a * column", {{4, 17}, {4, 1}}, BUILD(p[0] * p[1])},
      {"column / row", {{4, 1}, {1, 18}}, BUILD(p[0] / p[1]), 0.5, 1.5},
      {"channel * image", {{2, 3, 4, 5}, {1, 3, 1, 1}}, BUILD(p[0] * p[1])},
      {"scalar * a", {{}, {2, 20}}, BUILD(p[0] * p[1])},
      {"minimum, maximum", {{33}, {33}}, BUILD(minimum(p[0], p[1]) * maximum(p[0], square(p[1])))},
      {"exp", {{37}}, BUILD(exp(p[0]))},
      {"log", {{37}}, BUILD(log(p[0])), 0.2, 3},
      {"sqrt", {{37}}, BUILD(sqrt(p[0])), 0.2, 3},
      {"square", {{37}}, BUILD(square(p[0]))},
      {"reciprocal", {{37}}, BUILD(reciprocal(p[0])), 0.5, 3},
      {"abs", {{37}}, BUILD(abs(p[0]))},
      {"sin, cos", {{37}}, BUILD(sin(p[0]) * cos(p[0]))},
      {"power", {{37}}, BUILD(power(p[0], 1.7f)), 0.5, 3},
      {"tanh", {{37}}, BUILD(tanh(p[0])), -4, 4},
      {"tanh near zero", {{37}}, BUILD(tanh(p[0])), -0.03, 0.03},
      {"sigmoid", {{37}}, BUILD(sigmoid(p[0])), -6, 6},
      {"relu", {{37}}, BUILD(relu(p[0]))},
      {"leaky_relu", {{37}}, BUILD(leaky_relu(p[0], 0.1f))},
      {"softplus", {{37}}, BUILD(softplus(p[0])), -6, 6},
      {"silu", {{37}}, BUILD(silu(p[0])), -6, 6},
      {"gelu", {{37}}, BUILD(gelu(p[0])), -4, 4},
      {"scale, shift", {{37}}, BUILD(2 - 3 * p[0] / 4 + 1)},
      {"a b", {{3, 7}, {7, 5}}, BUILD(matmul(p[0], p[1]))},
      {"a^T b", {{7, 3}, {7, 5}}, BUILD(matmul(p[0], p[1], {.a = true}))},
      {"a b^T", {{3, 7}, {5, 7}}, BUILD(matmul(p[0], p[1], {.b = true}))},
      {"a^T b^T", {{7, 3}, {5, 7}}, BUILD(matmul(p[0], p[1], {.a = true, .b = true}))},
      {"batched a b", {{2, 3, 4, 5}, {2, 3, 5, 2}}, BUILD(matmul(p[0], p[1]))},
      {"batched a^T b^T", {{3, 5, 4}, {3, 2, 5}}, BUILD(matmul(p[0], p[1], {.a = true, .b = true}))},
      {"one b for many a", {{2, 3, 5}, {5, 4}}, BUILD(matmul(p[0], p[1]))},
      {"sum, mean", {{3, 17}}, BUILD(sum(square(p[0])) * mean(p[0]))},
      {"sum along axes", {{3, 4, 17}}, BUILD(sum(p[0], 1) * sum(sum(p[0], 0, Keep::yes), 1))},
      {"mean along the last", {{3, 17}}, BUILD(p[0] - mean(p[0], -1, Keep::yes))},
      {"broadcast_to", {{3, 1}}, BUILD(broadcast_to(p[0], Shape{2, 3, 18}))},
      {"reshape, slice rows", {{6, 5}}, BUILD(slice(reshape(p[0], Shape{10, 3}), 0, 2, 5))},
      {"slice columns", {{6, 5, 2}}, BUILD(slice(p[0], 1, 1, 3))},
      {"concatenate", {{2, 3, 4}, {2, 5, 4}}, BUILD(both(p[0], p[1], 1))},
      {"permute", {{2, 3, 4, 5}}, BUILD(permute(p[0], std::span<const int>(swap_axes)))},
      {"transpose", {{3, 17}}, BUILD(transpose(p[0]))},
      {"gather", {{4, 5}}, BUILD(gather(p[0], std::span<const int>(indices), Shape{2, 3}))},
      {"softmax", {{3, 21}}, BUILD(softmax(p[0]))},
      {"softmax along an axis", {{3, 4, 5}}, BUILD(softmax(p[0], 1) + softmax(p[0], 0) * softmax(p[0], -1))},
      {"solve_positive",
       {{4, 3, 8}, {4, 3}},
       BUILD(solve_positive(matmul(p[0], p[0], Transposed{.b = true}), p[1]))},
      {"log_softmax", {{3, 21}}, BUILD(log_softmax(p[0]))},
      {"cross_entropy", {{5, 4}}, BUILD(cross_entropy(p[0], std::span<const int>(labels)))},
      {"cross_entropy of probabilities", {{5, 4}, {5, 4}}, BUILD(cross_entropy(p[0], softmax(p[1])))},
      {"binary_cross_entropy", {{37}, {37}}, BUILD(binary_cross_entropy(p[0], sigmoid(p[1]))), -6, 6},
      {"layer_norm", {{3, 19}}, BUILD(layer_norm(p[0]))},
      {"rms_norm", {{3, 19}}, BUILD(rms_norm(p[0]))},
      {"batch_norm of rows", {{7, 3}}, BUILD(batch_norm(p[0], batch_statistics(p[0])))},
      {"batch_norm of images", {{3, 2, 4, 3}}, BUILD(batch_norm(p[0], batch_statistics(p[0])))},
      {"attention, causal",
       {{2, 3, 4}, {2, 3, 4}, {2, 3, 5}},
       BUILD(attention(p[0], p[1], p[2], std::optional(causal_mask(tape, 3))))},
      {"attention, blocks, heads",
       {{2, 4, 6}, {2, 4, 6}},
       BUILD(join_heads(attention(split_heads(p[0], 3), split_heads(p[1], 3), split_heads(p[0], 3),
                                  std::optional(block_mask(tape, 4, 2)))))},
      {"convolution_2d", {{2, 3, 6, 5}, {4, 3, 3, 2}}, BUILD(convolution_2d(p[0], p[1]))},
      {"convolution_2d, stride, padding",
       {{2, 2, 7, 6}, {3, 2, 3, 3}},
       BUILD(convolution_2d(p[0], p[1], {.stride = 2, .padding = 2}))},
      {"convolution_1d",
       {{2, 3, 11}, {4, 3, 4}},
       BUILD(convolution_1d(p[0], p[1], {.stride = 3, .padding = 1}))},
      {"average_pool", {{2, 2, 5, 7}}, BUILD(average_pool(p[0], 2))},
      {"max_pool", {{2, 2, 5, 7}}, BUILD(max_pool(p[0], 2))},
      {"gru_cell",
       {{3, 4}, {3, 5}, {4, 15}, {5, 15}, {15}, {15}},
       BUILD(gru_cell(p[0], p[1], {p[2], p[3], p[4], p[5]}))},
      {"one operand twice", {{5, 5}}, BUILD(matmul(p[0], p[0]) * p[0] / (square(p[0]) + 1))},
  };
  return all;
}

double distance(const Vector& a, const Vector& b) { return (a - b).norm() / std::max(1.0, b.norm()); }

} // namespace

TEST_CASE("gradients, products and tangents agree with finite differences", "[tape]") {
  for (const Case& c : cases()) {
    INFO(c.name);
    const CaseObjective<double> f(c);
    const Vector x = point(c, c.name), v = point(c, c.name + " direction");
    Vector gradient;
    f.value_and_gradient(x, gradient);
    CHECK(distance(gradient, finite_difference_gradient(f, x)) < 2e-8);
    CHECK(distance(f.hessian_product(x, v), finite_difference_hessian_product(f, x, v)) < 2e-7);
    CHECK_THAT(f.tangent(x, v), Catch::Matchers::WithinRel(gradient.dot(v), 1e-10)
                                    || Catch::Matchers::WithinAbs(gradient.dot(v), 1e-10));
  }
}

TEST_CASE("float agrees with double within its rounding", "[tape]") {
  for (const Case& c : cases()) {
    INFO(c.name);
    const CaseObjective<double> f(c);
    const CaseObjective<float> g(c);
    const Vector x = point(c, c.name).cast<float>().cast<double>();
    const Vector v = point(c, c.name + " direction").cast<float>().cast<double>();
    Vector in_double, in_float;
    const double value = f.value_and_gradient(x, in_double);
    CHECK_THAT(g.value_and_gradient(x, in_float),
               Catch::Matchers::WithinRel(value, 2e-5) || Catch::Matchers::WithinAbs(value, 2e-5));
    CHECK(distance(in_float, in_double) < 2e-5);
    CHECK(distance(g.hessian_product(x, v), f.hessian_product(x, v)) < 1e-4);
  }
}
