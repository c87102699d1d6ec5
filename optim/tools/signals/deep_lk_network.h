// The features of Deep-LK as a network, and the Lucas-Kanade step on the tape, so that the loss of dp reaches
// the features through the regressor: both phi's, the differences and the 3 x 3 inverse (the paper's
// conditional Lucas-Kanade loss). Beside it the network with constant weights that it is compared with (in
// the manner of GOTURN: D. Held, S. Thrun & S. Savarese, ECCV 2016).
#pragma once

#include "optim/nn/layers.h"
#include "optim/nn/layout.h"
#include "optim/tools/signals/deep_lk.h"

namespace raphson::optim::tools {

/// Of normalised crops {batch, 1, 24, 24}: 3 x 3 convolutions 1 -> 8, tanh, 8 -> 8, tanh, 8 -> 8 at stride 2,
/// zeros around; maps {batch, 8, 12, 12}.
class FeatureNetwork {
public:
  static constexpr Index channels = 8, side = crop_side / 2;

  explicit FeatureNetwork(nn::Layout& layout);
  template <class T> Var<T> operator()(const nn::Weights<T>& weights, Var<T> crops) const;

private:
  nn::Convolution2d first_, second_, third_;
};

/// dp of each pair of maps {batch, channels, side, side}, {batch, 3}: as LinearRegressor has it.
template <class T>
Var<T> lucas_kanade_step(Var<T> of_template, Var<T> of_image, std::type_identity_t<T> damping = T(1e-3));

/// The same convolutions, both maps side by side -> 64, relu -> 3.
class RegressionNetwork {
public:
  explicit RegressionNetwork(nn::Layout& layout);
  template <class T> Var<T> features(const nn::Weights<T>& weights, Var<T> crops) const {
    return features_(weights, crops);
  }
  /// Of features.
  template <class T> Var<T> step(const nn::Weights<T>& weights, Var<T> templates, Var<T> images) const;

private:
  FeatureNetwork features_;
  nn::Linear hidden_, out_;
};

/// Parameters in a FeatureNetwork's layout, for Lucas-Kanade on them. Not for two threads at once.
Features learned_features(const Vector& parameters);

/// Parameters in a RegressionNetwork's layout.
std::unique_ptr<MotionEstimator> constant_regression(const Vector& parameters);

} // namespace raphson::optim::tools
