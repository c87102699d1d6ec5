// A training step of three networks (loss, gradient, Adam) against the products of matrices in it: Eigen's
// own products of the same shapes, on as many threads without any loss, are the floor.
#include "tests/bench/bench.h"
#include "tests/bench/eigen_product.h"

#include "optim/autodiff/kernels/product.h"
#include "optim/autodiff/operations/reduction.h"
#include "optim/autodiff/operations/softmax.h"
#include "optim/engine/adam_rule.h"
#include "optim/engine/parallel.h"
#include "optim/engine/random.h"
#include "optim/nn/mlp.h"
#include "optim/nn/objective.h"
#include "optim/nn/train.h"

#include <cstdio>
#include <numeric>

namespace raphson::bench {
namespace {

using namespace optim;
using namespace optim::nn;
using report::Cell, report::Table;

struct Product {
  Index m, n, k;
  Index times = 1;
  double operations() const { return 2.0 * static_cast<double>(m * n * k * times); }
};

/// Forward m x k by k x n, and back: by the weights (k x m by m x n) and by the input (m x n by n x k).
void add_layer(std::vector<Product>& products, Index m, Index n, Index k, bool input_needs, Index times = 1) {
  products.push_back({m, n, k, times});
  products.push_back({k, n, m, times});
  if (input_needs) products.push_back({m, k, n, times});
}

struct Network {
  const char* name;
  const char* what;
  Layout layout;
  Losses<float> losses;
  std::size_t batch;
  std::vector<Product> products; ///< of a step
};

std::vector<float> random_values(std::size_t count, const char* name) {
  RandomStream stream(1, name);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(stream.normal());
  return values;
}

/// The examples' inputs, side by side as they were stored.
Var<float> inputs(Tape<float>& tape, const std::vector<float>& all, Examples examples, const Shape& shape) {
  const Index each = shape.size() / shape[0];
  float* const rows = tape.take_array<float>(shape.size());
  for (std::size_t i = 0; i < examples.size(); ++i)
    std::copy_n(all.data() + static_cast<Index>(examples[i]) * each, each,
                rows + static_cast<Index>(i) * each);
  return tape.constant(shape, rows);
}

std::vector<int> labels_of(Examples examples, int classes) {
  std::vector<int> labels;
  for (const std::size_t e : examples) labels.push_back(static_cast<int>(e) % classes);
  return labels;
}

Network perceptron() {
  Network n{"perceptron", "784-512-512-10 relu, batch 128", {}, {}, 128, {}};
  const Mlp mlp(n.layout, {{784, 512, 512, 10}, Activation::relu});
  const auto pixels = std::make_shared<std::vector<float>>(random_values(128 * 784, "pixels"));
  n.losses = [mlp, pixels](const Weights<float>& w, Examples examples) {
    const auto x = inputs(w.tape(), *pixels, examples, {static_cast<Index>(examples.size()), 784});
    return cross_entropy(mlp(w, x), std::span<const int>(labels_of(examples, 10)));
  };
  add_layer(n.products, 128, 512, 784, false);
  add_layer(n.products, 128, 512, 512, true);
  add_layer(n.products, 128, 10, 512, true);
  return n;
}

Network convolutional() {
  Network n{"convolutional", "28 x 28, 16 and 32 kernels of 5 x 5, pooled, 512-10, batch 64", {}, {}, 64, {}};
  const Convolution2d first(n.layout, "first", 1, 16, 5), second(n.layout, "second", 16, 32, 5);
  const Linear out(n.layout, "out", 512, 10);
  const auto pixels = std::make_shared<std::vector<float>>(random_values(64 * 784, "pixels"));
  n.losses = [=](const Weights<float>& w, Examples examples) {
    const Index count = static_cast<Index>(examples.size());
    Var<float> x = inputs(w.tape(), *pixels, examples, {count, 1, 28, 28});
    x = max_pool(relu(first(w, x)), 2);
    x = max_pool(relu(second(w, x)), 2);
    return cross_entropy(out(w, reshape(x, {count, 512})), std::span<const int>(labels_of(examples, 10)));
  };
  // An image's product is kernels x places, over the taps.
  add_layer(n.products, 16, 576, 25, false, 64);
  add_layer(n.products, 32, 64, 400, true, 64);
  add_layer(n.products, 64, 10, 512, true);
  return n;
}

Network transformer() {
  constexpr Index length = 128, width = 128, heads = 4, symbols = 96, batch = 8, tokens = batch * length;
  Network n{"transformer",
            "4 layers, width 128, 4 heads, context 128, 96 characters, batch 8",
            {},
            {},
            static_cast<std::size_t>(batch),
            {}};
  const Embedding characters(n.layout, "characters", symbols, width),
      places(n.layout, "places", length, width);
  std::vector<TransformerBlock> blocks;
  for (int i = 0; i < 4; ++i) blocks.emplace_back(n.layout, "block" + std::to_string(i), width, heads);
  const LayerNorm last(n.layout, "last", width);
  const Linear out(n.layout, "out", width, symbols);
  n.losses = [=](const Weights<float>& w, Examples examples) {
    const Index count = static_cast<Index>(examples.size());
    std::vector<int> text, next, place;
    for (const std::size_t e : examples)
      for (Index i = 0; i < length; ++i) {
        text.push_back(static_cast<int>((e * 31 + static_cast<std::size_t>(i * i)) % symbols));
        next.push_back(static_cast<int>((e * 31 + static_cast<std::size_t>((i + 1) * (i + 1))) % symbols));
        place.push_back(static_cast<int>(i));
      }
    Var<float> x = characters(w, text, {count, length}) + places(w, place, {count, length});
    const auto mask = causal_mask(w.tape(), length);
    for (const TransformerBlock& block : blocks) x = block(w, x, mask);
    return mean(cross_entropy(out(w, last(w, x)), std::span<const int>(next)), 1);
  };
  for (int i = 0; i < 4; ++i) {
    add_layer(n.products, tokens, 3 * width, width, true);
    add_layer(n.products, tokens, width, width, true);
    add_layer(n.products, tokens, 4 * width, width, true);
    add_layer(n.products, tokens, width, 4 * width, true);
    add_layer(n.products, length, length, width / heads, true, batch * heads); // scores
    add_layer(n.products, length, width / heads, length, true, batch * heads); // of values
  }
  add_layer(n.products, tokens, symbols, width, true);
  return n;
}

/// Seconds of the products one after another on one thread.
template <class Multiply>
double time_products(const std::vector<Product>& products, const Multiply& multiply) {
  std::size_t most = 0;
  for (const Product& p : products)
    most = std::max({most, static_cast<std::size_t>(p.m * p.k), static_cast<std::size_t>(p.k * p.n),
                     static_cast<std::size_t>(p.m * p.n)});
  const std::vector<float> a = random_values(most, "a"), b = random_values(most, "b");
  std::vector<float> c(most);
  return time_calls(20,
                    [&] {
                      for (const Product& p : products)
                        for (Index i = 0; i < p.times; ++i) multiply(p, a.data(), b.data(), c.data());
                    })
      .best;
}

struct StepTimes {
  double gradient, rule, whole;
};

StepTimes time_steps(const Network& n, std::size_t threads) {
  const NetworkObjective<float> objective(n.layout, n.batch, n.losses,
                                          {.threads = threads, .shards = threads});
  const Vector start = n.layout.initial(1);
  std::vector<float> x(static_cast<std::size_t>(start.size())), gradient(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(start[static_cast<Index>(i)]);
  std::vector<std::size_t> examples(n.batch);
  std::iota(examples.begin(), examples.end(), std::size_t{0});
  AdamRule<float> rule(blocks_of(n.layout), {});
  const auto loss = [&] { use(objective.value_and_gradient(x.data(), examples, gradient.data())); };
  const auto update = [&] { rule.step(gradient, x); };
  StepTimes t;
  t.gradient = time_calls(30, loss).best;
  t.rule = time_calls(30, update).best;
  t.whole = time_calls(30, [&] {
              loss();
              update();
            }).best;
  return t;
}

} // namespace

int nn(const Options& options) {
  Table table{{{"network"},
               {"threads"},
               {"step (ms)"},
               {"of it Adam"},
               {"products, Eigen (ms)"},
               {"share of the floor"},
               {"products, ours (ms)"},
               {"Gflop/s of the step"}},
              {}};
  for (const Network& n : {perceptron(), convolutional(), transformer()}) {
    double operations = 0;
    for (const Product& p : n.products) operations += p.operations();
    const EigenProduct eigen = eigen_product();
    const double floor = time_products(n.products, [&](const Product& p, const float* a, const float* b,
                                                       float* c) { eigen(p.m, p.n, p.k, a, b, c); });
    const double ours =
        time_products(n.products, [&](const Product& p, const float* a, const float* b, float* c) {
          product<float>(p.m, p.n, p.k, row_major(a, p.k), row_major(b, p.n), c, p.n, Store::overwrite);
        });
    for (std::size_t threads = 1; threads <= default_threads(); threads *= 2) {
      const StepTimes t = time_steps(n, threads);
      const auto shared = static_cast<double>(threads);
      table.rows.push_back({threads == 1 ? std::string(n.name) + ": " + n.what : std::string(n.name), threads,
                            Cell::fixed(1e3 * t.whole, 3), Cell::fixed(1e3 * t.rule, 3),
                            Cell::fixed(1e3 * floor / shared, 3), Cell::fixed(floor / shared / t.whole, 2),
                            Cell::fixed(1e3 * ours / shared, 3),
                            Cell::fixed(1e-9 * operations / t.whole, 0)});
    }
  }
  std::printf("%s", shown(table, options).c_str());
  return 0;
}

} // namespace raphson::bench
