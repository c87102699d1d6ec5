// Which training rows made a model say what it says: SOURCE, influence functions that follow the run which
// the model came from. J. Bae, W. Lin, J. Lorraine, R. Grosse, "Training Data Attribution via Approximate
// Unrolled Differentiation", NeurIPS 2024, arXiv 2405.12186.
//
// The run is cut into segments l = 1 ... L of K_l steps at rate eta_l, in each of which the curvature H_l,
// the rows' gradients g_l(m) and the rate count as constant. With N_l rows that the segment drew from,
//   S_l = exp(-eta_l K_l H_l)                               what a segment leaves of a change before it
//   r_l(m) = 1/N_l F(H_l) g_l(m),   F(s) = (1 - exp(-eta_l K_l s)) / s,   F(0) = eta_l K_l
//   tau(q, m) = grad f(q)^T sum_l S_L ... S_{l+1} r_l(m)
// is the change of f(q) that training again without row m would make; where f is a loss, tau > 0 says that
// the row helped. A group of rows has the sum. Momentum b makes the rate eta / (1 - b), weight decay adds to
// every s. As eta K grows F tends to 1/s, the influence function; as it vanishes, to eta K, TracIn; between
// them it acts as a damping of 1 / (eta K), which nobody has to choose.
#pragma once

#include "optim/nn/ek_fac.h"
#include "optim/nn/retraining.h"

#include <functional>
#include <memory>
#include <vector>

namespace raphson::optim::tools {

/// F(s) for eta K = time; exact at 0.
double accumulated_decay(double s, double time);

/// A symmetric positive semidefinite matrix, as its functions.
class Curvature {
public:
  virtual ~Curvature() = default;
  /// f(H) times each row of `gradients`.
  virtual data::RowMatrix apply(const data::RowMatrix& gradients,
                                const std::function<double(double)>& f) const = 0;
};

/// By all its eigenvalues; those below 0 are rounding and count as 0.
class FullCurvature final : public Curvature {
public:
  explicit FullCurvature(const Matrix& h);
  data::RowMatrix apply(const data::RowMatrix& gradients,
                        const std::function<double(double)>& f) const override;

private:
  Vector values_;
  Matrix vectors_;
};

class EkFacCurvature final : public Curvature {
public:
  explicit EkFacCurvature(nn::EkFac ek_fac) : ek_fac_(std::move(ek_fac)) {}
  data::RowMatrix apply(const data::RowMatrix& gradients,
                        const std::function<double(double)>& f) const override {
    return ek_fac_.apply(gradients, f);
  }

private:
  nn::EkFac ek_fac_;
};

struct Segment {
  double time = 0;          ///< eta_l K_l, over 1 - momentum
  double weight_decay = 0;  ///< added to every eigenvalue
  nn::RowNumbers pool = {}; ///< the N_l rows that it drew from
  std::shared_ptr<const Curvature> curvature = {};
  /// Gradients of rows of the pool, averaged over the segment's checkpoints, [row][parameter].
  std::function<data::RowMatrix(std::span<const std::size_t>)> gradients = {};
  /// Of a rule that scales the gradient by coordinates, P its mean over the segment (Adam's 1/sqrt(v)); the
  /// curvature is then that of P^1/2 H P^1/2. Empty: none.
  Vector preconditioner = {};
};

/// tau, [query][row] of `rows` rows; query_gradients [query][parameter] at the final parameters.
data::RowMatrix source_scores(data::RowMatrix query_gradients, std::span<const Segment> segments,
                              std::size_t rows);

// --- Of a perceptron that train_in_stages trained --------------------------------------------------------

/// Where a run is cut and where its checkpoints lie: in the middle of equal pieces of each segment.
struct SegmentPlan {
  struct Piece {
    std::size_t stage = 0;
    std::int64_t steps = 0;
    std::vector<std::int64_t> checkpoints = {}; ///< steps from the run's start
  };
  std::vector<Piece> pieces = {};
  std::vector<std::int64_t> checkpoints() const;
};

/// `per_stage` equal segments a stage (0: three of a single stage, otherwise one), `checkpoints` in all.
/// Throws InputError where there are fewer checkpoints than segments or a stage has fewer steps.
SegmentPlan plan_segments(const std::vector<nn::TrainingStage>& stages, int per_stage, int checkpoints);

enum class CurvatureKind { full, ekfac };
CurvatureKind curvature_named(const std::string& name); ///< "full", "ekfac"; throws InputError
inline constexpr Index most_parameters_in_full = 2000;

/// The segments of a run that kept plan.checkpoints(). Throws InputError for a full curvature of more than
/// most_parameters_in_full parameters and for another rule than SGD.
std::vector<Segment> segments_of_run(const nn::RowModel& model, const nn::StagedOptions& training,
                                     const SegmentPlan& plan, const nn::StagedRun& run, CurvatureKind kind,
                                     std::uint64_t seed = 0);

/// What is asked of a query: its loss, or the margin by which its label loses, log(1 - p) - log p. Both are
/// lower for a better model.
enum class QueryMeasure { loss, margin };
Vector query_values(const nn::Mlp& mlp, const Vector& parameters, const data::Dataset& queries,
                    QueryMeasure measure);
/// Their gradients, [query][parameter].
data::RowMatrix query_gradients(const nn::Mlp& mlp, const Vector& parameters, const data::Dataset& queries,
                                QueryMeasure measure);

// --- What it is measured against -------------------------------------------------------------------------

/// The Gauss-Newton matrix over all rows.
FullCurvature curvature_at(const nn::RowModel& model, const Vector& parameters);

/// grad f(q)^T (H + damping)^-1 g(m) / N at the final parameters.
data::RowMatrix influence_scores(const nn::RowModel& model, const Vector& parameters,
                                 const data::RowMatrix& queries, const Curvature& curvature, double damping);

/// Sum over checkpoints of eta K / N_l times the product of the two gradients there, each row in the segments
/// that drew from it.
data::RowMatrix tracin_scores(const nn::RowModel& model, const nn::StagedOptions& training,
                              const SegmentPlan& plan, const nn::StagedRun& run, const data::Dataset& queries,
                              QueryMeasure measure);

/// grad f(q)^T g(m) at the final parameters.
data::RowMatrix gradient_products(const nn::RowModel& model, const Vector& parameters,
                                  const data::RowMatrix& queries);

} // namespace raphson::optim::tools
