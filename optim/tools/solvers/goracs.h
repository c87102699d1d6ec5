// GORACS: n rows of a pool that as a set stand for a small validation set. T. Mei, H. Chen, P. Yu, J. Liang,
// D. Yang, "GORACS: Group-level Optimal Transport-guided Coreset Selection for LLM-based Recommender
// Systems", KDD 2025, arXiv 2506.04015.
//
// A set S of n rows is judged by  J(S) = OT_D(S, V) - lambda (1/n) sum over S of g_i,  D_iv = |e_i - e_v| /
// max D, both sets of uniform mass, g the gradient norms over their maximum. Each row of S carries 1/n, so
// J(S) = OT_C(S, V) with C_iv = D_iv - lambda g_i. Two stages: greedy on the relaxation that frees the masses
// of S, (1/m) sum_v min over S of C_sv; then exchanges of a row for another, proposed by a lower bound from
// the duals, each carried out only where the exact transport falls.
//
// The bound on exchanging j for i. With the duals x of S, f_v = min over s in S without j of C_sv - x_s, any
// y gives the dual feasible value (1/n) (sum of x without j + y) + (1/m) sum_v min(f_v, C_iv - y), so that
//   OT >= (1/n) sum_{S - j} x_s + F_i + (1/m) sum_v f_v,   F_i = max over y of y/n + (1/m) sum_v min(C_iv - y
//   - f_v, 0),
// concave in y, of slope 1/n - #{v: C_iv - f_v < y}/m: the maximum is at the R-th smallest C_iv - f_v, R =
// ceil(m/n).
#pragma once

#include "optim/engine/transport.h"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace raphson::optim::tools {

using Rows = std::vector<int>;

struct GoracsOptions {
  int exchanges = 100; // accepted ones, at most
  int candidates = 30; // on either side of an exchange, k
  std::function<void(const std::string&)> progress = {};
};

struct GoracsSelection {
  Rows rows;                      // of the pool, ascending
  double greedy = 0, refined = 0; // J after each stage
  std::vector<double> objective;  // J after greedy and after each exchange
  int exchanges = 0, transports = 0;
};

/// Both stages on the matrix C [pool row][validation row]. Throws InputError where n is not in 1 ... N.
GoracsSelection goracs(const CostMatrix& cost, int n, const GoracsOptions& options = {});

/// C from embeddings and, where there are any, gradient norms. Throws InputError where all distances are 0,
/// lambda < 0, a value is not finite or the columns differ.
CostMatrix goracs_costs(const CostMatrix& pool, const CostMatrix& validation, const Vector& gradient_norms,
                        double lambda, std::size_t threads = 1);

struct GoracsClasses {
  std::vector<int> pool, validation; // the class of each row
  std::vector<std::string> names;
};

struct GoracsByClass {
  struct OfClass {
    int label;
    GoracsSelection selection; // rows of the whole pool
  };
  Rows rows; // of all classes, ascending
  std::vector<OfClass> classes;
};

/// The label variant: class c gets its share of the validation rows, by largest remainders, and both stages
/// run on its own rows of pool and validation. Throws InputError naming a class of which there are too few.
GoracsByClass goracs_by_class(const CostMatrix& cost, const GoracsClasses& classes, int n,
                              const GoracsOptions& options = {});

/// n shared out in proportion to counts; what is left goes by the largest remainders, ties to the first.
std::vector<int> largest_remainders(int n, const std::vector<int>& counts);

// --- The stages ---------------------------------------------------------------------------------------

/// J(S), exactly.
double goracs_objective(const CostMatrix& cost, const Rows& rows);

/// (1/m) sum over v of the least C_sv: the relaxation, not J.
double goracs_relaxation(const CostMatrix& cost, const Rows& rows);

/// Stage one. Adds the row that lowers the relaxation most, until n of those chosen are the nearest to some
/// v; those nearest to none are left out. Where no n rows of the pool are nearest to some v, the first n.
Rows goracs_greedy(const CostMatrix& cost, int n);

/// F_i of every row of the pool, for a row in `rows` without itself; duals as of uniform_transport.
Vector goracs_scores(const CostMatrix& cost, const Rows& rows, const Vector& source_duals);

/// The lower bound on J after exchanging rows[position] for `incoming`.
double goracs_exchange_bound(const CostMatrix& cost, const Rows& rows, const Vector& source_duals,
                             std::size_t position, int incoming);

} // namespace raphson::optim::tools
