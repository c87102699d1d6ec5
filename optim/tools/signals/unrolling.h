// A linear inverse problem y = A x + e, solved by a fixed number of steps, each with a matrix of its own:
//
//   x_0 = 0,   x_{k+1} = soft_{theta_k}(x_k + W_k (y - A x_k)),   soft_t(z) = sign(z) max(|z| - t, 0).
//
// With W_k = A^T / |A|^2 this is ISTA (I. Daubechies, M. Defrise & C. De Mol, 2004); with trained W_k an
// unrolled network (K. Gregor & Y. LeCun, ICML 2010). Without a prior theta_k = 0, plain gradient steps.
// Examples are rows.
#pragma once

#include "optim/data/dataset.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace raphson::optim::tools {

using data::RowMatrix;

enum class Prior { sparse, none };

struct Unrolled {
  std::vector<RowMatrix> w = {};  ///< n x m, a layer each
  std::vector<double> theta = {}; ///< a layer each
  std::size_t layers() const { return w.size(); }
};

/// Where A^T is not zero, n x m of 0 and 1.
RowMatrix support_of(const RowMatrix& a);

/// x_L of each row of y; `layer` sees x_1 ... x_L on the way.
RowMatrix solve(const Unrolled& network, const RowMatrix& a, const RowMatrix& y,
                const std::function<void(const RowMatrix&)>& layer = {});

/// 10 log10(sum |x - estimate|^2 / sum |x|^2).
double nmse_db(const RowMatrix& estimate, const RowMatrix& x);

/// After 1 ... L layers.
std::vector<double> nmse_by_layer(const Unrolled& network, const RowMatrix& a, const RowMatrix& y,
                                  const RowMatrix& x);

/// |A|_2, from the largest eigenvalue of A^T A.
double spectral_norm(const RowMatrix& a);

/// The classic iteration with step 1 / |A|^2, all layers alike.
Unrolled classic_iteration(const RowMatrix& a, std::size_t layers, double theta);

/// The threshold with the smallest error on these examples, of `prior` none 0.
Unrolled tuned_classic_iteration(const RowMatrix& a, const RowMatrix& y, const RowMatrix& x,
                                 std::size_t layers, Prior prior);

/// y = A x + e for rows x, normal noise so many dB below y; infinite: none.
RowMatrix observe(const RowMatrix& a, const RowMatrix& x, double noise_db, std::uint64_t seed);

/// Throws InputError for values that are not finite and for an empty column of A, that is an unknown which is
/// never observed; `name` is the file's.
void check_operator(const RowMatrix& a, const std::string& name);

} // namespace raphson::optim::tools
