#include "optim/tools/signals/deep_lk_network.h"

#include "optim/autodiff/operations/matmul.h"
#include "optim/autodiff/operations/solve.h"
#include "optim/autodiff/tape.h"

#include <cmath>

namespace raphson::optim::tools {
namespace {

constexpr Window around{.stride = 1, .padding = 1}, halving{.stride = 2, .padding = 1};

/// Cell centres of the inner cells, as {1, 1, 1, inner} along x or {1, 1, inner, 1} along y.
template <class T> Var<T> centres(Tape<T>& tape, Index side, bool along_x) {
  const Index inner = side - 2;
  T* const values = tape.template take_array<T>(inner);
  for (Index i = 0; i < inner; ++i)
    values[i] = static_cast<T>((2.0 * static_cast<double>(i + 1) + 1) / static_cast<double>(side) - 1);
  return tape.constant(along_x ? Shape{1, 1, 1, inner} : Shape{1, 1, inner, 1}, values);
}

template <class T> Var<T> copy_on(Tape<T>& tape, const std::vector<T>& values, const Shape& shape) {
  T* const copy = tape.template take_array<T>(static_cast<Index>(values.size()));
  std::copy(values.begin(), values.end(), copy);
  return tape.constant(shape, copy);
}

Var<float> crop_on(Tape<float>& tape, const Crop& crop) {
  return copy_on(tape, crop, {1, 1, crop_side, crop_side});
}

/// A network's parameters in single precision, with the tape it runs on.
struct Runner {
  Runner(const nn::Layout& layout, const Vector& parameters) : values(parameters.cast<float>()) {
    if (parameters.size() != layout.size())
      throw std::invalid_argument("a network of another number of parameters");
  }
  nn::Weights<float> fresh() {
    tape.clear();
    return nn::Weights<float>(tape, values.data());
  }
  Eigen::VectorXf values;
  Tape<float> tape;
};

class ConstantRegression final : public MotionEstimator {
public:
  explicit ConstantRegression(const Vector& parameters) : network_(layout_), runner_(layout_, parameters) {}

  void set_template(const Crop& crop) override {
    const auto weights = runner_.fresh();
    const Var<float> map = network_.features(weights, crop_on(runner_.tape, normalised(crop)));
    template_.assign(map.data(), map.data() + map.size());
  }
  BoxMotion estimate(const Crop& crop) override {
    const auto weights = runner_.fresh();
    const Var<float> map = network_.features(weights, crop_on(runner_.tape, normalised(crop)));
    const Var<float> dp = network_.step(weights, copy_on(runner_.tape, template_, map.shape()), map);
    return {dp.data()[0], dp.data()[1], dp.data()[2]};
  }
  double residual() const override { return 0; }
  double condition() const override { return 0; }

private:
  nn::Layout layout_;
  RegressionNetwork network_;
  Runner runner_;
  std::vector<float> template_; // its features
};

} // namespace

FeatureNetwork::FeatureNetwork(nn::Layout& layout)
    : first_(layout, "first", 1, channels, 3, around),
      second_(layout, "second", channels, channels, 3, around),
      third_(layout, "third", channels, channels, 3, halving) {}

template <class T> Var<T> FeatureNetwork::operator()(const nn::Weights<T>& w, Var<T> crops) const {
  return third_(w, tanh(second_(w, tanh(first_(w, crops)))));
}

template <class T>
Var<T> lucas_kanade_step(Var<T> of_template, Var<T> of_image, std::type_identity_t<T> damping) {
  const Shape& shape = of_template.shape();
  const Index batch = shape[0], channels = shape[1], side = shape[2], inner = side - 2;
  const Index n = channels * inner * inner;
  const auto part = [&](Var<T> map, Index row, Index column) {
    return slice(slice(map, 2, row, inner), 3, column, inner);
  };
  const T per_cell = static_cast<T>(side) / 4;
  const Var<T> along_x = scale(part(of_template, 1, 2) - part(of_template, 1, 0), per_cell);
  const Var<T> along_y = scale(part(of_template, 2, 1) - part(of_template, 0, 1), per_cell);
  Tape<T>& tape = of_template.tape();
  const Var<T> growth = centres(tape, side, true) * along_x + centres(tape, side, false) * along_y;
  const auto row = [&](Var<T> v) { return reshape(v, {batch, 1, n}); };
  const std::array<Var<T>, 3> rows{row(along_x), row(along_y), row(growth)};
  const Var<T> jacobian = concatenate(std::span<const Var<T>>(rows), 1); // J', {batch, 3, n}
  const Var<T> difference = row(part(of_image, 1, 1) - part(of_template, 1, 1));
  T* const identity = tape.template take_array<T>(9);
  for (int i = 0; i < 9; ++i) identity[i] = i % 4 == 0 ? damping : T(0);
  const Var<T> square = scale(matmul(jacobian, jacobian, {.b = true}), T(1) / static_cast<T>(n))
                        + tape.constant({1, 3, 3}, identity);
  const Var<T> right = scale(matmul(jacobian, difference, {.b = true}), T(1) / static_cast<T>(n));
  return solve_positive(square, reshape(right, {batch, 3}));
}

RegressionNetwork::RegressionNetwork(nn::Layout& layout)
    : features_(layout),
      hidden_(layout, "hidden", 2 * FeatureNetwork::channels * FeatureNetwork::side * FeatureNetwork::side,
              64),
      out_(layout, "out", 64, 3) {}

template <class T>
Var<T> RegressionNetwork::step(const nn::Weights<T>& w, Var<T> templates, Var<T> images) const {
  const Index batch = templates.shape()[0];
  const auto flat = [&](Var<T> map) { return reshape(map, {batch, map.size() / batch}); };
  const std::array<Var<T>, 2> both{flat(templates), flat(images)};
  return out_(w, relu(hidden_(w, concatenate(std::span<const Var<T>>(both), 1))));
}

Features learned_features(const Vector& parameters) {
  nn::Layout layout;
  const FeatureNetwork network(layout);
  const auto runner = std::make_shared<Runner>(layout, parameters);
  return [network, runner](const Crop& crop) {
    const auto weights = runner->fresh();
    const Var<float> map = network(weights, crop_on(runner->tape, normalised(crop)));
    return FeatureMap{FeatureNetwork::channels, FeatureNetwork::side,
                      std::vector<double>(map.data(), map.data() + map.size())};
  };
}

std::unique_ptr<MotionEstimator> constant_regression(const Vector& parameters) {
  return std::make_unique<ConstantRegression>(parameters);
}

template Var<float> FeatureNetwork::operator()(const nn::Weights<float>&, Var<float>) const;
template Var<double> FeatureNetwork::operator()(const nn::Weights<double>&, Var<double>) const;
template Var<float> lucas_kanade_step(Var<float>, Var<float>, float);
template Var<double> lucas_kanade_step(Var<double>, Var<double>, double);
template Var<float> RegressionNetwork::step(const nn::Weights<float>&, Var<float>, Var<float>) const;

} // namespace raphson::optim::tools
