#include "optim/tools/solvers/goracs.h"

#include "dsp/error.h"
#include "optim/engine/distances.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unistd.h>

namespace raphson::optim::tools {
namespace {

using RowVector = Eigen::RowVectorXd;

CostMatrix rows_of(const CostMatrix& cost, const Rows& rows) { return cost(rows, Eigen::all); }

// For every v the row of S with the least C_sv - x_s, and the next.
struct Nearest {
  std::vector<std::size_t> first; // position in S
  RowVector least, second;
};

Nearest nearest(const CostMatrix& cost, const Rows& rows, const Vector& duals) {
  const Eigen::Index m = cost.cols();
  Nearest result{std::vector<std::size_t>(static_cast<std::size_t>(m), 0), RowVector::Constant(m, INFINITY),
                 RowVector::Constant(m, INFINITY)};
  for (std::size_t s = 0; s < rows.size(); ++s) {
    const auto row = cost.row(rows[s]);
    for (Eigen::Index v = 0; v < m; ++v) {
      const double here = row[v] - duals[static_cast<Eigen::Index>(s)];
      if (here < result.least[v]) {
        result.second[v] = result.least[v];
        result.least[v] = here;
        result.first[static_cast<std::size_t>(v)] = s;
      } else {
        result.second[v] = std::min(result.second[v], here);
      }
    }
  }
  return result;
}

// f without the row at a position of S.
RowVector without(const Nearest& all, std::size_t position) {
  RowVector f = all.least;
  for (Eigen::Index v = 0; v < f.size(); ++v) {
    if (all.first[static_cast<std::size_t>(v)] == position) f[v] = all.second[v];
  }
  return f;
}

// max over y of y/n + (1/m) sum_v min(d_v - y, 0), d = C_i - f.
double best_dual(RowVector d, std::size_t n) {
  const Eigen::Index m = d.size();
  const auto size = static_cast<Eigen::Index>(n);
  const Eigen::Index rank = (m + size - 1) / size; // R
  std::nth_element(d.data(), d.data() + rank - 1, d.data() + m);
  const double y = d[rank - 1];
  return y / static_cast<double>(n) + (d.array() - y).cwiseMin(0).sum() / static_cast<double>(m);
}

// A set of one row: nothing else serves any v, and J is the mean of its costs.
double score(const CostMatrix& cost, int row, const RowVector& f, std::size_t n) {
  return n == 1 ? cost.row(row).mean() : best_dual(cost.row(row) - f, n);
}

struct State {
  Rows rows;
  CostMatrix cost; // of these rows
  TransportPlan plan;
};

double bound(const CostMatrix& cost, const State& state, const Nearest& all, std::size_t position,
             int incoming) {
  const std::size_t n = state.rows.size();
  if (n == 1) return cost.row(incoming).mean();
  const RowVector f = without(all, position);
  const double rest =
      state.plan.source_duals.sum() - state.plan.source_duals[static_cast<Eigen::Index>(position)];
  return rest / static_cast<double>(n) + score(cost, incoming, f, n) + f.mean();
}

class Refinement {
public:
  Refinement(const CostMatrix& cost, const Rows& rows, const GoracsOptions& options)
      : cost_(cost), options_(options), state_{rows, rows_of(cost, rows), {}} {
    state_.plan = uniform_transport(state_.cost);
    selection_.transports = 1;
    selection_.objective.push_back(state_.plan.cost);
  }

  GoracsSelection run() {
    while (selection_.exchanges < options_.exchanges && exchange()) {
      ++selection_.exchanges;
      selection_.objective.push_back(state_.plan.cost);
      if (options_.progress) {
        options_.progress("exchange " + std::to_string(selection_.exchanges) + ", J "
                          + std::to_string(state_.plan.cost));
      }
    }
    selection_.rows = state_.rows;
    return selection_;
  }

private:
  // The first pair of candidates whose exchange lowers the exact transport. A pair whose lower bound is no
  // lower than what there is needs no transport.
  bool exchange() {
    const Nearest all = nearest(cost_, state_.rows, state_.plan.source_duals);
    const Vector scores = goracs_scores(cost_, state_.rows, state_.plan.source_duals);
    const auto [inside, outside] = candidates(scores);
    const double least_gain = 1e-12 * std::max(1.0, std::abs(state_.plan.cost));
    for (const std::size_t position : inside) {
      for (const int incoming : outside) {
        if (bound(cost_, state_, all, position, incoming) >= state_.plan.cost - least_gain) continue;
        const auto at = static_cast<Eigen::Index>(position);
        state_.cost.row(at) = cost_.row(incoming);
        const TransportPlan plan = uniform_transport(state_.cost, state_.plan.cells);
        ++selection_.transports;
        if (plan.cost < state_.plan.cost - least_gain) {
          state_.rows[position] = incoming;
          state_.plan = plan;
          return true;
        }
        state_.cost.row(at) = cost_.row(state_.rows[position]);
      }
    }
    return false;
  }

  // Positions in S with the largest F and rows outside with the smallest, ties by the lower index.
  std::pair<std::vector<std::size_t>, Rows> candidates(const Vector& scores) const {
    const auto n = state_.rows.size();
    std::vector<bool> chosen(static_cast<std::size_t>(cost_.rows()), false);
    for (const int row : state_.rows) chosen[static_cast<std::size_t>(row)] = true;
    std::vector<std::size_t> inside(n);
    std::iota(inside.begin(), inside.end(), 0);
    Rows outside;
    for (int i = 0; i < cost_.rows(); ++i) {
      if (!chosen[static_cast<std::size_t>(i)]) outside.push_back(i);
    }
    const auto take = [this](auto& from, auto before) {
      const auto k = std::min(from.size(), static_cast<std::size_t>(options_.candidates));
      std::partial_sort(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(k), from.end(), before);
      from.resize(k);
    };
    take(inside, [&](std::size_t a, std::size_t b) {
      const double fa = scores[state_.rows[a]], fb = scores[state_.rows[b]];
      return fa != fb ? fa > fb : state_.rows[a] < state_.rows[b];
    });
    take(outside, [&](int a, int b) { return scores[a] != scores[b] ? scores[a] < scores[b] : a < b; });
    return {inside, outside};
  }

  const CostMatrix& cost_;
  const GoracsOptions& options_;
  State state_;
  GoracsSelection selection_ = {};
};

// The matrix twice: while it is made, and with what the search takes of it.
void check_memory(Eigen::Index rows, Eigen::Index columns) {
  const double needed = 16.0 * static_cast<double>(rows) * static_cast<double>(columns);
  const double there =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
  if (needed <= there) return;
  throw InputError("goracs: " + std::to_string(rows) + " x " + std::to_string(columns) + " distances take "
                   + std::to_string(std::llround(needed / 1e6)) + " MB, and the machine has "
                   + std::to_string(std::llround(there / 1e6)) + "; choose from part of the pool");
}

void check(const CostMatrix& cost, int n) {
  if (cost.cols() == 0) throw InputError("goracs: there is no validation row");
  if (n < 1 || n > cost.rows()) {
    throw InputError("goracs: " + std::to_string(n) + " rows of a pool of " + std::to_string(cost.rows())
                     + "; at least 1 and no more than there are");
  }
  if (!cost.allFinite()) throw InputError("goracs: every cost must be a finite number");
}

} // namespace

double goracs_objective(const CostMatrix& cost, const Rows& rows) {
  return uniform_transport(rows_of(cost, rows)).cost;
}

double goracs_relaxation(const CostMatrix& cost, const Rows& rows) {
  return rows_of(cost, rows).colwise().minCoeff().mean();
}

// Leaving a row out that is nearest to no v changes no minimum, so the order in which rows come is one and
// the same whether they are left out as they fall behind or at the end.
Rows goracs_greedy(const CostMatrix& cost, int n) {
  check(cost, n);
  const Eigen::Index m = cost.cols();
  RowVector current = RowVector::Constant(m, INFINITY);
  std::vector<int> nearest_row(static_cast<std::size_t>(m), -1),
      serves(static_cast<std::size_t>(cost.rows()), 0);
  std::vector<bool> taken(static_cast<std::size_t>(cost.rows()), false);
  Rows chosen;
  for (int used = 0; used < n && static_cast<Eigen::Index>(chosen.size()) < cost.rows();) {
    int best = -1;
    double best_sum = INFINITY;
    for (int i = 0; i < cost.rows(); ++i) {
      if (taken[static_cast<std::size_t>(i)]) continue;
      const double sum = cost.row(i).cwiseMin(current).sum();
      if (sum < best_sum) {
        best_sum = sum;
        best = i;
      }
    }
    const bool helps = chosen.empty() || (cost.row(best).array() < current.array()).any();
    if (!helps && static_cast<int>(chosen.size()) >= n) break; // every v has the nearest row of all
    taken[static_cast<std::size_t>(best)] = true;
    chosen.push_back(best);
    for (Eigen::Index v = 0; v < m; ++v) {
      if (cost(best, v) >= current[v]) continue;
      current[v] = cost(best, v);
      int& served_by = nearest_row[static_cast<std::size_t>(v)];
      if (served_by >= 0 && --serves[static_cast<std::size_t>(served_by)] == 0) --used;
      served_by = best;
      if (serves[static_cast<std::size_t>(best)]++ == 0) ++used;
    }
  }
  Rows result;
  for (const int row : chosen) {
    if (serves[static_cast<std::size_t>(row)] > 0) result.push_back(row);
  }
  if (static_cast<int>(result.size()) < n) result.assign(chosen.begin(), chosen.begin() + n);
  return result;
}

Vector goracs_scores(const CostMatrix& cost, const Rows& rows, const Vector& source_duals) {
  const Nearest all = nearest(cost, rows, source_duals);
  Vector scores(cost.rows());
  std::vector<int> position(static_cast<std::size_t>(cost.rows()), -1);
  for (std::size_t s = 0; s < rows.size(); ++s)
    position[static_cast<std::size_t>(rows[s])] = static_cast<int>(s);
  for (int i = 0; i < cost.rows(); ++i) {
    const int inside = position[static_cast<std::size_t>(i)];
    scores[i] = inside < 0 ? score(cost, i, all.least, rows.size())
                           : score(cost, i, without(all, static_cast<std::size_t>(inside)), rows.size());
  }
  return scores;
}

double goracs_exchange_bound(const CostMatrix& cost, const Rows& rows, const Vector& source_duals,
                             std::size_t position, int incoming) {
  State state{rows, {}, {}};
  state.plan.source_duals = source_duals;
  return bound(cost, state, nearest(cost, rows, source_duals), position, incoming);
}

GoracsSelection goracs(const CostMatrix& cost, int n, const GoracsOptions& options) {
  const Rows first = goracs_greedy(cost, n);
  GoracsSelection selection = Refinement(cost, first, options).run();
  selection.greedy = selection.objective.front();
  selection.refined = selection.objective.back();
  std::sort(selection.rows.begin(), selection.rows.end());
  return selection;
}

CostMatrix goracs_costs(const CostMatrix& pool, const CostMatrix& validation, const Vector& gradient_norms,
                        double lambda, std::size_t threads) {
  if (!(lambda >= 0)) throw InputError("goracs: lambda must be at least 0");
  if (!pool.allFinite() || !validation.allFinite() || !gradient_norms.allFinite()) {
    throw InputError("goracs: every embedding and gradient norm must be a finite number");
  }
  if (gradient_norms.size() != 0 && gradient_norms.size() != pool.rows()) {
    throw InputError("goracs: " + std::to_string(gradient_norms.size()) + " gradient norms for "
                     + std::to_string(pool.rows()) + " rows; one a row, or none");
  }
  check_memory(pool.rows(), validation.rows());
  CostMatrix cost = distances(pool, validation, threads);
  const double largest = cost.size() == 0 ? 0 : cost.maxCoeff();
  if (largest == 0)
    throw InputError("goracs: every row of the pool lies on every validation row; no set is better");
  cost /= largest;
  if (gradient_norms.size() != 0 && gradient_norms.maxCoeff() > 0) {
    cost.colwise() -= lambda / gradient_norms.maxCoeff() * gradient_norms;
  }
  return cost;
}

std::vector<int> largest_remainders(int n, const std::vector<int>& counts) {
  const long total = std::accumulate(counts.begin(), counts.end(), 0L);
  std::vector<int> shares, order(counts.size());
  for (const int count : counts) shares.push_back(static_cast<int>(static_cast<long>(n) * count / total));
  std::iota(order.begin(), order.end(), 0);
  const auto remainder = [&](int c) {
    return static_cast<long>(n) * counts[static_cast<std::size_t>(c)] % total;
  };
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return remainder(a) > remainder(b); });
  int left = n - std::accumulate(shares.begin(), shares.end(), 0);
  for (const int c : order) {
    if (left-- > 0) ++shares[static_cast<std::size_t>(c)];
  }
  return shares;
}

GoracsByClass goracs_by_class(const CostMatrix& cost, const GoracsClasses& classes, int n,
                              const GoracsOptions& options) {
  const std::size_t count = classes.names.size();
  std::vector<Rows> pool(count), validation(count);
  for (std::size_t i = 0; i < classes.pool.size(); ++i) {
    pool[static_cast<std::size_t>(classes.pool[i])].push_back(static_cast<int>(i));
  }
  for (std::size_t v = 0; v < classes.validation.size(); ++v) {
    validation[static_cast<std::size_t>(classes.validation[v])].push_back(static_cast<int>(v));
  }
  std::vector<int> sizes;
  for (const auto& rows : validation) sizes.push_back(static_cast<int>(rows.size()));
  check(cost, n);
  const auto shares = largest_remainders(n, sizes);
  GoracsByClass result;
  for (std::size_t c = 0; c < count; ++c) {
    if (!validation[c].empty() && pool[c].empty()) {
      throw InputError("goracs: the validation rows have class " + classes.names[c]
                       + ", which the pool lacks");
    }
    if (shares[c] > static_cast<int>(pool[c].size())) {
      throw InputError("goracs: class " + classes.names[c] + " should have " + std::to_string(shares[c])
                       + " of the " + std::to_string(n)
                       + " rows, as among the validation rows, but the pool has "
                       + std::to_string(pool[c].size()) + " of it");
    }
  }
  for (std::size_t c = 0; c < count; ++c) {
    if (shares[c] == 0) continue;
    const CostMatrix part = cost(pool[c], validation[c]);
    result.classes.push_back({static_cast<int>(c), goracs(part, shares[c], options)});
    auto& rows = result.classes.back().selection.rows;
    for (int& row : rows) row = pool[c][static_cast<std::size_t>(row)];
    result.rows.insert(result.rows.end(), rows.begin(), rows.end());
  }
  std::sort(result.rows.begin(), result.rows.end());
  return result;
}

} // namespace raphson::optim::tools
