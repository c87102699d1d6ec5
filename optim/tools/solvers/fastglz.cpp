#include "optim/tools/solvers/fastglz.h"

#include "dsp/error.h"
#include "optim/engine/parallel.h"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <string_view>
#include <unordered_map>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;
constexpr double curvature_floor = 1e-6; // of l'', so that the working response stays finite

/// A weighted problem's quadratic, the same for all problems with equal curvature h and c = l2 + mu:
/// M = I + D Gamma D / c, D = diag(sqrt h), and a = M^-1 D 1 that profiles the intercept out.
struct Factor {
  Vector root; ///< sqrt h
  double c;
  Eigen::LLT<Matrix> m;
  Vector a;
  double intercept_curvature; ///< 1^T D a

  Factor(const Matrix& gram, const Vector& h, double l2_and_mu) : root(h.cwiseSqrt()), c(l2_and_mu) {
    Matrix matrix = root.asDiagonal() * gram * root.asDiagonal();
    matrix /= c;
    matrix.diagonal().array() += 1;
    m.compute(matrix);
    a = m.solve(root);
    intercept_curvature = root.dot(a);
  }
};

/// Those of this Newton step, and of the last, whose curvatures may not have changed.
class Factors {
public:
  Factors(const Matrix& gram, FastglzWork& work) : gram_(gram), work_(work) {}

  void begin_step() {
    previous_ = std::move(current_);
    current_.clear();
  }

  std::shared_ptr<const Factor> get(const Vector& h, double c) {
    const std::size_t key = hash(h, c);
    if (auto factor = find(current_, key, h, c)) return factor;
    auto factor = find(previous_, key, h, c);
    if (!factor) {
      factor = std::make_shared<const Factor>(gram_, h, c);
      ++work_.choleskys;
    }
    current_.emplace(key, factor);
    return factor;
  }

private:
  using Map = std::unordered_multimap<std::size_t, std::shared_ptr<const Factor>>;

  static std::size_t hash(const Vector& h, double c) {
    const std::string_view bytes(reinterpret_cast<const char*>(h.data()), sizeof(double) * h.size());
    return std::hash<std::string_view>()(bytes) ^ std::hash<double>()(c);
  }
  static std::shared_ptr<const Factor> find(const Map& map, std::size_t key, const Vector& h, double c) {
    const auto [begin, end] = map.equal_range(key);
    for (auto at = begin; at != end; ++at)
      if (at->second->c == c && at->second->root == h.cwiseSqrt()) return at->second;
    return nullptr;
  }

  const Matrix& gram_;
  FastglzWork& work_;
  Map current_, previous_;
};

/// Products with X in blocks of columns, so that the same sums come out with any number of threads.
class Products {
public:
  Products(const Matrix& x, std::size_t threads, FastglzWork& work) : x_(x), threads_(threads), work_(work) {}

  template <class In, class Out> void x_times(const In& in, Out&& out) const {
    blocks(in.cols(), [&](Index first, Index count) {
      out.middleCols(first, count).noalias() = x_ * in.middleCols(first, count);
    });
  }
  template <class In, class Out> void xt_times(const In& in, Out&& out) const {
    blocks(in.cols(), [&](Index first, Index count) {
      out.middleCols(first, count).noalias() = x_.transpose() * in.middleCols(first, count);
    });
  }

private:
  template <class Body> void blocks(Index columns, Body body) const {
    constexpr Index width = 64;
    ++work_.products;
    work_.columns += columns;
    const Index count = (columns + width - 1) / width;
    parallel_for(static_cast<std::size_t>(count), threads_, [&](std::size_t block, std::size_t) {
      const Index first = static_cast<Index>(block) * width;
      body(first, std::min(width, columns - first));
    });
  }

  const Matrix& x_;
  std::size_t threads_;
  FastglzWork& work_;
};

/// A group of problems that is solved together. Columns of its matrices are problems; those before `active`
/// are being worked on, and ids says which they are.
class Group {
public:
  Group(const Matrix& x, const Matrix& gram, const GlmProblems& problems, Index first, Index count,
        const FastglzOptions& options, FastglzResult& result)
      : x_(x), gram_(gram), p_(problems), o_(options), out_(result), factors_(gram, result.work),
        products_(x, options.threads, result.work), n_(x.rows()), first_(first), count_(count),
        active_(count), ids_(count), z_(Matrix::Zero(x.cols(), count)), u_(Matrix::Zero(x.cols(), count)),
        eta_(n_, count), b_(count), value_(count), mu_(Vector::Zero(count)) {
    std::iota(ids_.begin(), ids_.end(), first);
    for (Index k = 0; k < count; ++k) {
      const auto d = p_.weights.col(ids_[k]);
      b_[k] = glm_link(p_.family, d.dot(p_.label(ids_[k])) / d.sum());
      eta_.col(k).setConstant(b_[k]);
      value_[k] = value(k, z_.col(k), eta_.col(k));
    }
  }

  void solve() {
    for (int step = 0; step <= o_.newton_steps && active_ > 0; ++step) {
      retire(step);
      if (o_.progress) o_.progress(first_ + count_ - active_, p_.count());
      if (step < o_.newton_steps && active_ > 0) newton_step(step == 0);
    }
  }

private:
  double value(Index k, const Eigen::Ref<const Vector>& z, const Eigen::Ref<const Vector>& eta) const {
    const auto d = p_.weights.col(ids_[k]), y = p_.label(ids_[k]);
    double sum = 0;
    for (Index i = 0; i < n_; ++i)
      if (d[i] != 0) sum += d[i] * glm_loss_value(p_.family, y[i], eta[i]);
    return sum + p_.l1[ids_[k]] * z.lpNorm<1>() + 0.5 * p_.l2[ids_[k]] * z.squaredNorm();
  }

  /// Optimality of every active problem; those that are optimal, or out of steps, leave.
  void retire(int step) {
    Matrix slope(n_, active_), g(x_.cols(), active_);
    for (Index k = 0; k < active_; ++k) {
      const auto d = p_.weights.col(ids_[k]), y = p_.label(ids_[k]);
      for (Index i = 0; i < n_; ++i)
        slope(i, k) = d[i] == 0 ? 0 : d[i] * glm_loss(p_.family, y[i], eta_(i, k)).first;
    }
    products_.xt_times(slope, g);
    for (Index k = active_; k-- > 0;) {
      const Index id = ids_[k];
      const double l1 = p_.l1[id], intercept = std::abs(slope.col(k).sum());
      const double weights = kkt_of_weights(g.col(k) + p_.l2[id] * z_.col(k), z_.col(k), l1);
      const double nobs = p_.weights.col(id).sum();
      const bool optimal = weights <= (l1 > 0 ? o_.kkt_tolerance * l1 : 1e-6 * nobs)
                           && intercept <= std::min(1e-6 * nobs, l1 > 0 ? o_.kkt_tolerance * l1 : 1.0);
      if (!optimal && step < o_.newton_steps) continue;
      out_.coefficients.col(id) = z_.col(k);
      out_.intercepts[id] = b_[k];
      out_.kkt[id] = std::max(weights, intercept);
      out_.newton_steps[static_cast<std::size_t>(id)] = step;
      out_.converged[static_cast<std::size_t>(id)] = optimal;
      leave(k);
    }
  }

  static double kkt_of_weights(const Vector& g, const Eigen::Ref<const Vector>& w, double l1) {
    double largest = 0;
    for (Index j = 0; j < g.size(); ++j)
      largest = std::max(largest, w[j] != 0 ? std::abs(g[j] + std::copysign(l1, w[j])) : std::abs(g[j]) - l1);
    return largest;
  }

  /// The last active column takes the place of one that is done.
  void leave(Index k) {
    const Index last = --active_;
    if (k == last) return;
    ids_[k] = ids_[last];
    z_.col(k) = z_.col(last);
    u_.col(k) = u_.col(last);
    eta_.col(k) = eta_.col(last);
    b_[k] = b_[last];
    value_[k] = value_[last];
    mu_[k] = mu_[last];
  }

  void newton_step(bool first) {
    Matrix response(n_, active_);
    std::vector<std::shared_ptr<const Factor>> factors(static_cast<std::size_t>(active_));
    factors_.begin_step();
    for (Index k = 0; k < active_; ++k) {
      const auto d = p_.weights.col(ids_[k]), y = p_.label(ids_[k]);
      Vector h(n_);
      for (Index i = 0; i < n_; ++i) {
        const GlmLoss loss = glm_loss(p_.family, y[i], eta_(i, k));
        const double second = std::max(loss.second, curvature_floor);
        h[i] = d[i] * second;
        response(i, k) = eta_(i, k) - loss.first / second;
      }
      if (first) mu_[k] = 0.5 * h.dot(gram_.diagonal()) / static_cast<double>(n_);
      factors[static_cast<std::size_t>(k)] = factors_.get(h, p_.l2[ids_[k]] + mu_[k]);
    }
    const Matrix z_before = z_.leftCols(active_), eta_before = eta_.leftCols(active_);
    const Vector b_before = b_.head(active_);
    split(response, factors);

    products_.x_times(z_.leftCols(active_), eta_);
    eta_.leftCols(active_).rowwise() += b_.head(active_).transpose();
    for (Index k = 0; k < active_; ++k) {
      double reached = value(k, z_.col(k), eta_.col(k));
      for (int halving = 0; !(reached <= value_[k] + 1e-12 * std::abs(value_[k])) && halving < 30;
           ++halving) {
        z_.col(k) = 0.5 * (z_.col(k) + z_before.col(k));
        eta_.col(k) = 0.5 * (eta_.col(k) + eta_before.col(k));
        b_[k] = 0.5 * (b_[k] + b_before[k]);
        reached = value(k, z_.col(k), eta_.col(k));
      }
      value_[k] = reached;
    }
  }

  /// ADMM on the active problems' quadratics, from the z and u where the last Newton step left them.
  void split(Matrix& response, const std::vector<std::shared_ptr<const Factor>>& factors) {
    const Index p = x_.cols();
    Matrix q(p, active_), xq(n_, active_), w(p, active_);
    std::vector<Index> at(static_cast<std::size_t>(active_)); // the column of the group that each one here is
    std::iota(at.begin(), at.end(), Index{0});
    for (int iteration = 0; iteration < o_.inner_iterations && !at.empty(); ++iteration) {
      const Index running = static_cast<Index>(at.size());
      for (Index c = 0; c < running; ++c) q.col(c) = mu_[at[c]] * (z_.col(at[c]) - u_.col(at[c]));
      products_.x_times(q.leftCols(running), xq);
      solve_rows(response, factors, at, xq);
      products_.xt_times(xq.leftCols(running), w);
      out_.work.iterations += running;
      std::size_t still = 0;
      for (Index c = 0; c < running; ++c) {
        const Index k = at[c];
        w.col(c) = (q.col(c) + w.col(c)) / factors[static_cast<std::size_t>(k)]->c;
        if (!shrink(k, w.col(c))) at[still++] = k;
      }
      at.resize(still);
    }
  }

  /// xq <- v = D (s - b a) column by column, where r = D (t - X q / c), s = M^-1 r; and b.
  void solve_rows(const Matrix& response, const std::vector<std::shared_ptr<const Factor>>& factors,
                  const std::vector<Index>& at, Matrix& xq) {
    std::unordered_map<const Factor*, std::vector<Index>> sharing;
    std::vector<const Factor*> order;
    for (std::size_t c = 0; c < at.size(); ++c) {
      const Factor* f = factors[static_cast<std::size_t>(at[c])].get();
      auto& columns = sharing[f];
      if (columns.empty()) order.push_back(f);
      columns.push_back(static_cast<Index>(c));
    }
    parallel_for(order.size(), o_.threads, [&](std::size_t index, std::size_t) {
      const Factor& f = *order[index];
      const std::vector<Index>& columns = sharing.at(&f);
      Matrix s(n_, static_cast<Index>(columns.size()));
      for (std::size_t j = 0; j < columns.size(); ++j) {
        const Index c = columns[j];
        s.col(static_cast<Index>(j)) = f.root.cwiseProduct(response.col(at[c]) - xq.col(c) / f.c);
      }
      f.m.solveInPlace(s);
      for (std::size_t j = 0; j < columns.size(); ++j) {
        const Index c = columns[j];
        const auto sj = s.col(static_cast<Index>(j));
        b_[at[c]] = f.root.dot(sj) / f.intercept_curvature;
        xq.col(c) = f.root.cwiseProduct(sj - b_[at[c]] * f.a);
      }
    });
  }

  /// z and u step; true when the split has closed.
  bool shrink(Index k, const Eigen::Ref<const Vector>& w) {
    const double threshold = p_.l1[ids_[k]] / mu_[k];
    double size = 0, moved = 0, apart = 0;
    for (Index j = 0; j < w.size(); ++j) {
      const double v = w[j] + u_(j, k);
      const double z = std::copysign(std::max(std::abs(v) - threshold, 0.0), v);
      size += z * z;
      moved += (z - z_(j, k)) * (z - z_(j, k));
      apart += (w[j] - z) * (w[j] - z);
      u_(j, k) = v - z;
      z_(j, k) = z;
    }
    const double limit = o_.tolerance * std::max(std::sqrt(size), 1e-3);
    return std::sqrt(moved) < limit && std::sqrt(apart) < limit;
  }

  const Matrix& x_;
  const Matrix& gram_;
  const GlmProblems& p_;
  const FastglzOptions& o_;
  FastglzResult& out_;
  Factors factors_;
  Products products_;
  Index n_, first_, count_, active_;
  std::vector<Index> ids_;
  Matrix z_, u_, eta_;
  Vector b_, value_, mu_;
};

void check(const Matrix& x, const GlmProblems& p) {
  const Index n = x.rows(), count = p.count();
  if (p.family == GlmFamily::probit)
    throw InputError("fastglz fits linear, logistic and poisson models; probit is none of them");
  if (p.labels.rows() != n || p.weights.rows() != n || (p.labels.cols() != 1 && p.labels.cols() != count)
      || p.l1.size() != count || p.l2.size() != count || count == 0)
    throw InputError("fastglz: labels and weights must have a row for each of the table's "
                     + std::to_string(n) + " and a column for each problem, as the penalties");
  for (Index k = 0; k < p.labels.cols(); ++k)
    check_glm_target(p.family, p.labels.col(k), "labels of problem " + std::to_string(k + 1));
  for (Index k = 0; k < count; ++k) {
    const std::string problem = "problem " + std::to_string(k + 1);
    for (const double penalty : {p.l1[k], p.l2[k]})
      if (!(penalty >= 0) || !std::isfinite(penalty))
        throw InputError(problem + " has the penalty " + std::to_string(penalty) + ": it must be 0 or more");
    if (!(p.weights.col(k).minCoeff() >= 0) || !p.weights.col(k).allFinite())
      throw InputError(problem + " has a negative weight or one that is not finite");
    const double mean = p.weights.col(k).dot(p.label(k)) / p.weights.col(k).sum();
    if (!std::isfinite(glm_link(p.family, mean)))
      throw InputError(problem
                       + (p.family == GlmFamily::logistic  ? " holds one class only among its weighted rows"
                          : p.family == GlmFamily::poisson ? " counts nothing in any of its weighted rows"
                                                           : " has no rows of positive weight"));
  }
}

} // namespace

StandardisedColumns standardise(const Eigen::Ref<const Matrix>& table, const std::string& what) {
  StandardisedColumns s;
  const Index n = table.rows();
  std::vector<double> means, deviations;
  for (Index j = 0; j < table.cols(); ++j) {
    for (Index i = 0; i < n; ++i)
      if (!std::isfinite(table(i, j)))
        throw InputError(what + ": row " + std::to_string(i + 1) + " of column " + std::to_string(j + 1)
                         + " is no finite number; fill it in or leave the row out");
    const double mean = table.col(j).mean();
    const double deviation = std::sqrt((table.col(j).array() - mean).square().mean());
    if (deviation <= 1e-12 * std::abs(mean) || deviation == 0) {
      s.constant.push_back(j);
      continue;
    }
    s.kept.push_back(j);
    means.push_back(mean);
    deviations.push_back(deviation);
  }
  if (s.kept.empty()) throw InputError(what + ": no column varies, so there is nothing to fit");
  s.mean = Eigen::Map<const Vector>(means.data(), static_cast<Index>(means.size()));
  s.deviation = Eigen::Map<const Vector>(deviations.data(), static_cast<Index>(deviations.size()));
  s.x = table(Eigen::all, s.kept);
  s.x.rowwise() -= s.mean.transpose();
  s.x.array().rowwise() /= s.deviation.transpose().array();
  return s;
}

double largest_l1(const Matrix& x, const Vector& y) {
  return (x.transpose() * (y.array() - y.mean()).matrix()).lpNorm<Eigen::Infinity>();
}

bool FastglzResult::all_converged() const {
  return std::all_of(converged.begin(), converged.end(), [](bool c) { return c; });
}

FastglzResult fastglz(const Matrix& x, const GlmProblems& problems, const FastglzOptions& options) {
  check(x, problems);
  const Index n = x.rows(), p = x.cols(), count = problems.count();
  const double one = 8.0
                     * (4.0 * static_cast<double>(p) + 4.0 * static_cast<double>(n)
                        + static_cast<double>(n) * static_cast<double>(n));
  if (one > options.memory_bytes)
    throw InputError("fastglz: one problem of " + std::to_string(n) + " rows takes "
                     + std::to_string(static_cast<long>(one / 1e6)) + " MB, the limit is "
                     + std::to_string(static_cast<long>(options.memory_bytes / 1e6))
                     + " MB: fewer rows or more memory");
  const Index together = std::min(count, static_cast<Index>(options.memory_bytes / one));

  FastglzResult result;
  result.coefficients.setZero(p, count);
  result.intercepts.setZero(count);
  result.kkt.setZero(count);
  result.newton_steps.assign(static_cast<std::size_t>(count), 0);
  result.converged.assign(static_cast<std::size_t>(count), false);
  Matrix gram = Matrix::Zero(n, n);
  gram.selfadjointView<Eigen::Lower>().rankUpdate(x);
  gram.triangularView<Eigen::StrictlyUpper>() = gram.transpose();
  result.work.gram_matrices = 1;
  for (Index first = 0; first < count; first += together) {
    Group(x, gram, problems, first, std::min(together, count - first), options, result).solve();
    ++result.work.groups;
  }
  return result;
}

} // namespace raphson::optim::tools
