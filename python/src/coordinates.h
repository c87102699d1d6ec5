// The coordinates in which Python may look at a loss, and its derivatives by them.
//
//   physical       the parameters in their units (dB, ms, Hz, ...)
//   natural        of a compressor: ln threshold, slope 1 - 1/ratio, the one-pole coefficients of attack and
//                  release, ln of the make-up's gain (optim/match/compressor_kernel.h)
//   unconstrained  any number, a sigmoid of which is the parameter (optim/match/sigmoid_range.h): what a
//                  match moves in
#pragma once

#include "dsp/chain/chain.h"
#include "optim/autodiff/jet.h"

#include <array>
#include <span>
#include <string>
#include <vector>

namespace raphson::python {

enum class Coordinates { physical, natural, unconstrained };

/// Throws InputError for another word, and for "natural" where there are none.
Coordinates parse_coordinates(const std::string& text, bool has_natural);

/// A kernel's coordinate as a function of the one parameter it depends on, with two derivatives.
using Curve = optim::Jet<double, 1, 2>;

/// The natural coordinates of a compressor's parameters. These and all below throw InputError for a value
/// outside what its coordinates allow.
std::vector<Curve> compressor_curves(std::span<const double> p, Coordinates coordinates, double sample_rate);
std::array<double, 5> convert_compressor(std::span<const double> p, Coordinates from, Coordinates to,
                                         double sample_rate);

/// The physical values of a chain's free parameters.
std::vector<Curve> chain_curves(std::span<const double> p, const dsp::ChainSettings& chain,
                                std::span<const std::size_t> free, Coordinates coordinates);
std::vector<double> convert_chain(std::span<const double> p, const dsp::ChainSettings& chain,
                                  std::span<const std::size_t> free, Coordinates from, Coordinates to);

/// A loss with its derivatives by the parameters; empty beyond the order asked for.
struct LossAt {
  double value;
  std::vector<double> gradient, hessian; ///< by rows
};

/// From sums by a kernel's coordinates k, each a function of its own parameter alone:
///   H_ij = k_i' k_j' L_ij, plus k_i'' L_i on the diagonal; all divided by scale.
LossAt change_variables(double loss, std::span<const double> gradient, std::span<const double> gauss_newton,
                        std::span<const double> curvature, std::span<const Curve> curves, double scale,
                        int order);

} // namespace raphson::python
