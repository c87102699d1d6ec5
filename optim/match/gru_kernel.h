// The network of dsp/dynamics/gru_gain.h over many chunks of audio side by side, one a lane, with the exact
// gradient of anything that depends on its outputs, by back-propagation through time.
//
// A batch of gru_lanes chunks is one product of matrices a step: the recurrent weights times the lanes'
// states. Of the states only every gru_tile-th is kept; the way back computes those between again, tile by
// tile, so that memory stays in the cache whatever the length, and multiplies each tile's errors and states
// into the gradient at once.
#pragma once

#include "dsp/dynamics/gru_weights.h"
#include "dsp/simd/isa.h"

#include <cstddef>
#include <vector>

namespace raphson::optim::match {

constexpr int gru_lanes = 16;
constexpr std::size_t gru_tile = 32;

template <class T> struct GruBatch {
  int units;
  std::size_t steps; ///< a multiple of gru_tile
  const T* weights;  ///< as dsp::GruWeights::values
  const T* features; ///< [step][input][lane]
  T* states;         ///< [step / gru_tile][unit][lane], filled by forward
  T* output;         ///< [step][lane], by forward: readout * state + bias
  const T* slope;    ///< [step][lane], for backward: of the loss by the output
  T* scratch;        ///< gru_scratch(units) values, for backward
};

/// Values of T that a backward pass needs.
std::size_t gru_scratch(int units);

template <class T> struct GruKernel {
  void (*forward)(const GruBatch<T>&);
  /// After forward: adds to gradient, one value a weight.
  void (*backward)(const GruBatch<T>&, double* gradient);
};

/// For T float and double.
template <class T> const GruKernel<T>& gru_kernel(dsp::Isa isa = dsp::detect_isa());

} // namespace raphson::optim::match
