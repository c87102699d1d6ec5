#include "optim/tools/signals/rational_sequence_report.h"

#include "dsp/error.h"
#include "optim/data/npy.h"
#include "optim/data/split.h"
#include "optim/tools/signals/rational_report.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace raphson::optim::tools {
namespace {

using report::Cell;
using report::ToolReport;

data::Dataset rows_of(const data::NpyArray& array, const std::string& name) {
  data::Dataset rows;
  const auto count = static_cast<Index>(array.shape[0]);
  rows.features =
      Eigen::Map<const data::RowMatrix>(array.values.data(), count, std::ssize(array.values) / count);
  rows.name = name;
  if (!rows.features.allFinite()) throw InputError(name + " has values that are not finite");
  return rows;
}

void add_labels(data::Dataset& rows, const std::filesystem::path& path) {
  const data::NpyArray labels = data::read_npy(path);
  if (labels.shape.size() != 1 || labels.shape[0] != rows.size())
    throw InputError(path.string() + " has " + std::to_string(labels.values.size()) + " labels for "
                     + std::to_string(rows.size()) + " sequences: one for each expected");
  std::map<long, int> classes;
  for (const double label : labels.values) {
    if (label != std::floor(label) || std::abs(label) > 1e9)
      throw InputError(path.string() + ": label " + Cell(label).text + " is no whole number");
    classes.emplace(static_cast<long>(label), 0);
  }
  if (classes.size() < 2) throw InputError(path.string() + " has one class: two at least expected");
  for (auto& [label, number] : classes) {
    number = static_cast<int>(rows.class_names.size());
    rows.class_names.push_back(std::to_string(label));
  }
  for (const double label : labels.values) rows.labels.push_back(classes.at(static_cast<long>(label)));
}

/// Each input to mean 0 and deviation 1 over all steps of what is trained on.
class Standardised {
public:
  Standardised(const data::Dataset& rows, Index inputs)
      : mean_(Vector::Zero(inputs)), scale_(Vector::Ones(inputs)) {
    const Index steps = rows.features.cols() / inputs;
    const auto values = static_cast<double>(rows.features.rows() * steps);
    Vector squares = Vector::Zero(inputs);
    for (Index t = 0; t < steps; ++t)
      mean_ += rows.features.middleCols(t * inputs, inputs).colwise().sum() / values;
    for (Index t = 0; t < steps; ++t)
      squares += (rows.features.middleCols(t * inputs, inputs).rowwise() - mean_.transpose())
                     .colwise()
                     .squaredNorm()
                     .transpose();
    for (Index i = 0; i < inputs; ++i)
      if (squares[i] > 0) scale_[i] = 1 / std::sqrt(squares[i] / values);
  }

  void apply(data::Dataset& rows) const {
    const Index inputs = mean_.size();
    for (Index at = 0; at < rows.features.cols(); ++at)
      rows.features.col(at) = (rows.features.col(at).array() - mean_[at % inputs]) * scale_[at % inputs];
  }

private:
  Vector mean_, scale_;
};

void add_filters(ToolReport& result, const SequenceClassifier& classifier, const Vector& theta, Index steps) {
  std::size_t outside = 0, filters = 0;
  double cost = 0;
  for (const RationalCoefficients& filter : classifier.filters(theta)) {
    const StableRational stable = stabilised(filter, static_cast<std::size_t>(steps));
    ++filters;
    if (stable.moved == 0) continue;
    ++outside;
    cost = std::max(cost, stable.error);
  }
  result.files.push_back(
      {"filters.json", to_json(classifier.filters(theta), static_cast<std::size_t>(steps))});
  result.values.push_back({"filters", filters});
  result.values.push_back({"of them with poles outside the unit circle", outside});
  if (outside > 0) {
    result.values.push_back({"largest error of reflecting them, |k' - k| / |k|", cost});
    result.warnings.push_back(
        "filters have poles outside the unit circle: their kernels are valid for sequences of "
        "this length, a recursion would grow; --stability l1 keeps them inside");
  }
}

void add_predictions(ToolReport& result, const SequenceClassifier& classifier, const Vector& theta,
                     const Sequences& trained, const Standardised& standardised,
                     const std::filesystem::path& path) {
  Sequences others = read_sequences(path, {});
  if (others.shape.steps != trained.shape.steps || others.shape.inputs != trained.shape.inputs)
    throw InputError(path.string() + " has sequences of " + std::to_string(others.shape.steps) + " x "
                     + std::to_string(others.shape.inputs) + ", the classifier was trained on "
                     + std::to_string(trained.shape.steps) + " x " + std::to_string(trained.shape.inputs));
  standardised.apply(others.rows);
  report::Table table{{{"row"}, {"label"}}, {}};
  const std::vector<int> predicted = classifier.predictions(theta, others.rows);
  for (std::size_t i = 0; i < predicted.size(); ++i)
    table.rows.push_back({i + 1, trained.rows.class_names[static_cast<std::size_t>(predicted[i])]});
  result.files.push_back({"predictions.csv", report::to_csv(table)});
}

} // namespace

Sequences read_sequences(const std::filesystem::path& path, const std::filesystem::path& labels) {
  const data::NpyArray array = data::read_npy(path);
  const std::size_t rank = array.shape.size();
  if (rank != 2 && rank != 3)
    throw InputError(path.string() + " has " + std::to_string(rank)
                     + " dimensions: sequences x steps, or sequences x steps x inputs, expected");
  Sequences result{rows_of(array, path.string()), {}};
  result.shape.steps = static_cast<Index>(array.shape[1]);
  result.shape.inputs = rank == 3 ? static_cast<Index>(array.shape[2]) : 1;
  if (!labels.empty()) add_labels(result.rows, labels);
  result.shape.classes = result.rows.classes();
  return result;
}

ToolReport sequence_report(const Sequences& sequences, const SequenceRun& run) {
  auto [training, held_out] =
      data::apply_split(sequences.rows, data::split_by_class(sequences.rows, run.held_out, run.seed));
  const Standardised standardised(training, sequences.shape.inputs);
  standardised.apply(training);
  standardised.apply(held_out);
  const SequenceClassifier classifier(sequences.shape, run.network);
  ToolReport result{.title = "A classifier of the sequences in " + sequences.rows.name};
  report::Series losses{.name = "training loss"};
  SequenceTraining options = run.training;
  options.observer = [&](int epoch, double loss) {
    losses.x.push_back(epoch);
    losses.y.push_back(loss);
    if (run.training.observer) run.training.observer(epoch, loss);
  };
  const Vector theta = classifier.train(training, options, run.seed);
  result.values = {{"sequences trained on", training.size()},
                   {"held out", held_out.size()},
                   {"parameters", classifier.parameters()},
                   {"accuracy, trained on", classifier.accuracy(theta, training)},
                   {"accuracy, held out", held_out.size() > 0 ? classifier.accuracy(theta, held_out)
                                                              : std::numeric_limits<double>::quiet_NaN()}};
  if (held_out.size() == 0)
    result.warnings.push_back("too few sequences to hold any out: how well others are told is not known");
  add_filters(result, classifier, theta, sequences.shape.steps);
  result.figures.push_back({"loss-by-epoch",
                            {{{"Training loss", {"Epoch", "", report::Scale::count}, {"Loss", ""}, {losses}}},
                             {880, 300},
                             "Training loss"}});
  if (!run.predict.empty()) add_predictions(result, classifier, theta, sequences, standardised, run.predict);
  return result;
}

} // namespace raphson::optim::tools
