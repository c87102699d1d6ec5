#include "optim/tools/solvers/source_attribution.h"

#include "dsp/error.h"

#include <Eigen/Eigenvalues>

#include <cmath>
#include <numeric>

namespace raphson::optim::tools {
namespace {

using data::RowMatrix;

constexpr std::size_t rows_at_once = 512; // bounds the memory of gradients, [row][parameter]

// body(rows) over pieces of a pool.
template <class Body> void for_pieces(const nn::RowNumbers& pool, const Body& body) {
  for (std::size_t begin = 0; begin < pool.size(); begin += rows_at_once)
    body(std::span(pool).subspan(begin, std::min(rows_at_once, pool.size() - begin)));
}

void add_columns(const RowMatrix& values, std::span<const std::size_t> columns, RowMatrix& to) {
  for (std::size_t i = 0; i < columns.size(); ++i)
    to.col(static_cast<Index>(columns[i])) += values.col(static_cast<Index>(i));
}

// The loss's gradients of rows at some parameters.
RowMatrix row_gradients(const nn::RowModel& model, const Vector& parameters,
                        std::span<const std::size_t> rows) {
  const nn::MlpPass pass(model.mlp, parameters, nn::select_features(model.dataset.features, rows));
  return nn::example_gradients(pass, nn::loss_by_outputs(pass.outputs(), model.dataset, rows));
}

nn::RowNumbers all_rows(std::size_t count) {
  nn::RowNumbers rows(count);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

const SgdSettings& sgd_of(const nn::StagedOptions& training) {
  const auto* const sgd = std::get_if<SgdSettings>(&training.rule);
  if (!sgd) throw InputError("source-attribution: the run must be of SGD, with or without momentum");
  return *sgd;
}

double time_of(const SgdSettings& sgd, std::int64_t steps) {
  return sgd.learning_rate / (1 - sgd.momentum) * static_cast<double>(steps);
}

} // namespace

double accumulated_decay(double s, double time) { return s * time == 0 ? time : -std::expm1(-time * s) / s; }

FullCurvature::FullCurvature(const Matrix& h) {
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(h);
  if (solver.info() != Eigen::Success)
    throw InputError("source-attribution: the curvature is not finite; did training diverge?");
  values_ = solver.eigenvalues().cwiseMax(0);
  vectors_ = solver.eigenvectors();
}

RowMatrix FullCurvature::apply(const RowMatrix& gradients, const std::function<double(double)>& f) const {
  const Vector factors = values_.unaryExpr(f);
  const RowMatrix turned = gradients * vectors_ * factors.asDiagonal();
  return turned * vectors_.transpose();
}

RowMatrix source_scores(RowMatrix g, std::span<const Segment> segments, std::size_t rows) {
  RowMatrix tau = RowMatrix::Zero(g.rows(), static_cast<Index>(rows));
  for (std::size_t l = segments.size(); l > 0; --l) {
    const Segment& segment = segments[l - 1];
    if (segment.pool.empty()) throw InputError("source-attribution: a segment without rows");
    const double t = segment.time, decay = segment.weight_decay;
    const bool scaled = segment.preconditioner.size() > 0;
    const Vector root = segment.preconditioner.cwiseSqrt();
    if (scaled) g = g * root.asDiagonal();
    RowMatrix w =
        segment.curvature->apply(g, [&](double sigma) { return accumulated_decay(sigma + decay, t); });
    g = segment.curvature->apply(g, [&](double sigma) { return std::exp(-t * (sigma + decay)); });
    if (scaled) {
      w = w * root.asDiagonal();
      g = g * root.cwiseInverse().asDiagonal();
    }
    w /= static_cast<double>(segment.pool.size());
    for_pieces(segment.pool, [&](std::span<const std::size_t> piece) {
      add_columns(w * segment.gradients(piece).transpose(), piece, tau);
    });
  }
  return tau;
}

std::vector<std::int64_t> SegmentPlan::checkpoints() const {
  std::vector<std::int64_t> all;
  for (const Piece& piece : pieces) all.insert(all.end(), piece.checkpoints.begin(), piece.checkpoints.end());
  return all;
}

SegmentPlan plan_segments(const std::vector<nn::TrainingStage>& stages, int per_stage, int checkpoints) {
  const int each = per_stage > 0 ? per_stage : stages.size() == 1 ? 3 : 1;
  const int segments = each * static_cast<int>(stages.size());
  if (checkpoints < segments)
    throw InputError("--checkpoints " + std::to_string(checkpoints) + ": fewer than the "
                     + std::to_string(segments) + " segments; each needs one");
  SegmentPlan plan;
  std::int64_t before = 0; // steps
  int l = 0;               // segment
  for (std::size_t s = 0; s < stages.size(); ++s) {
    for (int k = 0; k < each; ++k, ++l) {
      const std::int64_t begin = stages[s].steps * k / each, end = stages[s].steps * (k + 1) / each;
      const int count = checkpoints * (l + 1) / segments - checkpoints * l / segments;
      if (end - begin < count)
        throw InputError("stage " + std::to_string(s + 1) + " has " + std::to_string(stages[s].steps)
                         + " steps, too few for its checkpoints; more epochs or fewer --checkpoints");
      SegmentPlan::Piece piece{s, end - begin, {}};
      for (int j = 0; j < count; ++j)
        piece.checkpoints.push_back(before + begin + (end - begin) * (2 * j + 1) / (2 * count));
      plan.pieces.push_back(std::move(piece));
    }
    before += stages[s].steps;
  }
  return plan;
}

CurvatureKind curvature_named(const std::string& name) {
  if (name == "full") return CurvatureKind::full;
  if (name == "ekfac") return CurvatureKind::ekfac;
  throw InputError("--curvature " + name + ": it must be full or ekfac");
}

namespace {

std::shared_ptr<const Curvature> curvature_of(const nn::RowModel& model, const nn::RowNumbers& pool,
                                              const std::vector<Vector>& checkpoints, CurvatureKind kind,
                                              std::uint64_t seed) {
  const auto loss = nn::loss_of(model.dataset);
  const RowMatrix features = nn::select_features(model.dataset.features, pool);
  if (kind == CurvatureKind::ekfac)
    return std::make_shared<EkFacCurvature>(
        nn::EkFac(model.mlp, checkpoints, features, loss, {.seed = seed}));
  Matrix h = Matrix::Zero(model.layout.size(), model.layout.size());
  for (const Vector& theta : checkpoints)
    h += nn::gauss_newton(nn::MlpPass(model.mlp, theta, features), loss)
         / static_cast<double>(checkpoints.size());
  return std::make_shared<FullCurvature>(h);
}

} // namespace

std::vector<Segment> segments_of_run(const nn::RowModel& model, const nn::StagedOptions& training,
                                     const SegmentPlan& plan, const nn::StagedRun& run, CurvatureKind kind,
                                     std::uint64_t seed) {
  const SgdSettings& sgd = sgd_of(training);
  if (kind == CurvatureKind::full && model.layout.size() > most_parameters_in_full)
    throw InputError("--curvature full: the network has " + std::to_string(model.layout.size())
                     + " parameters, at most " + std::to_string(most_parameters_in_full)
                     + "; --curvature ekfac has no such limit");
  std::vector<Segment> segments;
  auto next = run.checkpoints.begin();
  for (const SegmentPlan::Piece& piece : plan.pieces) {
    const auto end = next + std::ssize(piece.checkpoints);
    const std::vector<Vector> checkpoints(next, end);
    next = end;
    const nn::RowNumbers& pool = training.stages[piece.stage].rows;
    segments.push_back({.time = time_of(sgd, piece.steps),
                        .weight_decay = sgd.l2,
                        .pool = pool,
                        .curvature = curvature_of(model, pool, checkpoints, kind, seed),
                        .gradients = [&model, checkpoints](std::span<const std::size_t> rows) {
                          RowMatrix sum = row_gradients(model, checkpoints.front(), rows);
                          for (std::size_t c = 1; c < checkpoints.size(); ++c)
                            sum += row_gradients(model, checkpoints[c], rows);
                          return RowMatrix(sum / static_cast<double>(checkpoints.size()));
                        }});
  }
  return segments;
}

namespace {

// log(1 - p) - log p of each row's label: log sum_{k != y} exp(z_k) - z_y, and its gradient by z.
void losing_margin(const RowMatrix& z, const std::vector<int>& labels, Vector& values, RowMatrix& by_z) {
  by_z = z;
  values.resize(z.rows());
  for (Index row = 0; row < z.rows(); ++row) {
    const Index label = labels[static_cast<std::size_t>(row)];
    by_z(row, label) = -INFINITY;
    const double highest = by_z.row(row).maxCoeff();
    by_z.row(row) = (by_z.row(row).array() - highest).exp();
    const double sum = by_z.row(row).sum();
    values[row] = highest + std::log(sum) - z(row, label);
    by_z.row(row) /= sum;
    by_z(row, label) = -1;
  }
}

void check(const data::Dataset& queries, QueryMeasure measure) {
  if (measure == QueryMeasure::margin && queries.labels.empty())
    throw InputError("--measure margin: needs classes; the target is a number");
}

} // namespace

Vector query_values(const nn::Mlp& mlp, const Vector& parameters, const data::Dataset& queries,
                    QueryMeasure measure) {
  check(queries, measure);
  const nn::MlpPass pass(mlp, parameters, queries.features);
  if (queries.labels.empty()) return 0.5 * (pass.outputs().col(0) - queries.target).array().square();
  if (measure == QueryMeasure::loss) return nn::classified(pass.outputs(), queries.labels).losses;
  Vector values;
  RowMatrix by_z;
  losing_margin(pass.outputs(), queries.labels, values, by_z);
  return values;
}

RowMatrix query_gradients(const nn::Mlp& mlp, const Vector& parameters, const data::Dataset& queries,
                          QueryMeasure measure) {
  check(queries, measure);
  const nn::MlpPass pass(mlp, parameters, queries.features);
  if (measure == QueryMeasure::loss)
    return nn::example_gradients(pass,
                                 nn::loss_by_outputs(pass.outputs(), queries, all_rows(queries.size())));
  Vector values;
  RowMatrix by_z;
  losing_margin(pass.outputs(), queries.labels, values, by_z);
  return nn::example_gradients(pass, by_z);
}

FullCurvature curvature_at(const nn::RowModel& model, const Vector& parameters) {
  return FullCurvature(nn::gauss_newton(nn::MlpPass(model.mlp, parameters, model.dataset.features),
                                        nn::loss_of(model.dataset)));
}

RowMatrix influence_scores(const nn::RowModel& model, const Vector& parameters, const RowMatrix& queries,
                           const Curvature& curvature, double damping) {
  const RowMatrix turned = curvature.apply(queries, [&](double sigma) { return 1 / (sigma + damping); });
  return gradient_products(model, parameters, turned) / static_cast<double>(model.dataset.size());
}

RowMatrix gradient_products(const nn::RowModel& model, const Vector& parameters, const RowMatrix& queries) {
  RowMatrix products = RowMatrix::Zero(queries.rows(), static_cast<Index>(model.dataset.size()));
  for_pieces(all_rows(model.dataset.size()), [&](std::span<const std::size_t> piece) {
    add_columns(queries * row_gradients(model, parameters, piece).transpose(), piece, products);
  });
  return products;
}

RowMatrix tracin_scores(const nn::RowModel& model, const nn::StagedOptions& training, const SegmentPlan& plan,
                        const nn::StagedRun& run, const data::Dataset& queries, QueryMeasure measure) {
  const SgdSettings& sgd = sgd_of(training);
  RowMatrix scores =
      RowMatrix::Zero(static_cast<Index>(queries.size()), static_cast<Index>(model.dataset.size()));
  auto next = run.checkpoints.begin();
  for (const SegmentPlan::Piece& piece : plan.pieces) {
    const nn::RowNumbers& pool = training.stages[piece.stage].rows;
    const double weight = time_of(sgd, piece.steps) / static_cast<double>(pool.size())
                          / static_cast<double>(piece.checkpoints.size());
    for (std::size_t c = 0; c < piece.checkpoints.size(); ++c, ++next) {
      const RowMatrix g = weight * query_gradients(model.mlp, *next, queries, measure);
      for_pieces(pool, [&](std::span<const std::size_t> rows) {
        add_columns(g * row_gradients(model, *next, rows).transpose(), rows, scores);
      });
    }
  }
  return scores;
}

} // namespace raphson::optim::tools
