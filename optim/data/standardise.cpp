#include "optim/data/standardise.h"

#include "dsp/error.h"

#include <cmath>
#include <limits>
#include <string>

namespace raphson::optim::data {
namespace {

void check(const RowMatrix& features, const Vector& mean) {
  if (features.cols() != mean.size())
    throw InputError(std::to_string(features.cols()) + " features, " + std::to_string(mean.size())
                     + " expected as in training");
}

} // namespace

void Standardisation::apply(RowMatrix& features) const {
  check(features, mean);
  features.rowwise() -= mean.transpose();
  features.array().rowwise() /= deviation.transpose().array();
}

void Standardisation::undo(RowMatrix& features) const {
  check(features, mean);
  features.array().rowwise() *= deviation.transpose().array();
  features.rowwise() += mean.transpose();
}

Standardisation centring_of(const RowMatrix& features) {
  if (features.rows() == 0) throw InputError("no examples, at least one is needed to standardise by");
  return {features.colwise().mean().transpose(), Vector::Ones(features.cols())};
}

Standardisation standardisation_of(const RowMatrix& features) {
  Standardisation scale = centring_of(features);
  const Eigen::RowVectorXd square =
      (features.rowwise() - scale.mean.transpose()).array().square().colwise().mean().matrix();
  for (Eigen::Index k = 0; k < square.size(); ++k) {
    const double deviation = std::sqrt(square[k]);
    // A constant's mean is rounded, and the difference to it is no deviation.
    const double rounding = 4 * std::numeric_limits<double>::epsilon() * std::abs(scale.mean[k]);
    scale.deviation[k] = deviation > rounding ? deviation : 1;
  }
  return scale;
}

Standardisation standardise(Dataset& training) {
  const Standardisation scale = standardisation_of(training.features);
  scale.apply(training.features);
  return scale;
}

} // namespace raphson::optim::data
