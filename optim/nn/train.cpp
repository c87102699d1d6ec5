#include "optim/nn/train.h"

#include "dsp/error.h"
#include "dsp/io/atomic_file.h"
#include "optim/data/read_file.h"
#include "optim/engine/batches.h"
#include "optim/engine/fingerprint.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace raphson::optim::nn {

ParameterBlocks blocks_of(const Layout& layout) {
  ParameterBlocks blocks;
  for (const Layout::Entry& entry : layout.entries()) {
    const Shape& shape = entry.block.shape;
    // A bias, one axis of which is not 1, is a row; a kernel {o, c, ...} is o x the rest.
    Index longest = 1;
    for (int axis = 0; axis < shape.rank(); ++axis) longest = std::max(longest, shape[axis]);
    const Index rows = longest == shape.size() ? 1 : shape[0];
    blocks.push_back({entry.name, entry.block.offset, rows, shape.size() / std::max<Index>(1, rows)});
  }
  return blocks;
}

namespace {

/// Bytes of a checkpoint, written and read in one order.
class Writer {
public:
  template <class V> void value(const V& v) { bytes_.append(reinterpret_cast<const char*>(&v), sizeof v); }
  void text(std::string_view text) {
    value(text.size());
    bytes_ += text;
  }
  template <class V> void array(const std::vector<V>& values) {
    text({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(V)});
  }
  const std::string& bytes() const { return bytes_; }

private:
  std::string bytes_;
};

class Reader {
public:
  Reader(std::string bytes, std::string name) : bytes_(std::move(bytes)), name_(std::move(name)) {}
  template <class V> void value(V& v) { std::memcpy(&v, take(sizeof v), sizeof v); }
  std::string text() {
    std::size_t size;
    value(size);
    return {take(size), size};
  }
  template <class V> void array(std::vector<V>& values) {
    const std::string bytes = text();
    values.resize(bytes.size() / sizeof(V));
    if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(V));
  }

private:
  const char* take(std::size_t size) {
    if (size > bytes_.size() - at_) throw InputError(name_ + ": the checkpoint ends too early");
    at_ += size;
    return bytes_.data() + at_ - size;
  }

  std::string bytes_, name_;
  std::size_t at_ = 0;
};

constexpr std::string_view heading = "raphson training checkpoint 1\n";

template <class T> class Run {
public:
  Run(const NetworkObjective<T>& objective, const Layout& layout, const Vector& start,
      const TrainingOptions& options)
      : objective_(objective), options_(options), blocks_(blocks_of(layout)),
        rule_(make_rule<T>(options.rule, blocks_)),
        batches_(objective.size(), options.batch_size, options.seed, "training batches"),
        x_(static_cast<std::size_t>(start.size())), gradient_(x_.size()) {
    for (std::size_t i = 0; i < x_.size(); ++i) x_[i] = static_cast<T>(start[static_cast<Index>(i)]);
    if (start.size() != objective.parameters())
      throw InputError("training: the start has " + std::to_string(start.size()) + " parameters, the network "
                       + std::to_string(objective.parameters()));
    identity_ = identity(start);
    if (!options.checkpoint.empty() && std::filesystem::exists(options.checkpoint)) resume();
  }

  Training train() {
    while (!finished()) {
      run_epoch();
      if (!result_.finite) break;
      if (!options_.checkpoint.empty()) save();
      if (options_.observer && options_.observer(result_.epochs.back()) == Control::cancel) break;
    }
    result_.parameters = vector(options_.validation && !best_.empty() ? best_ : x_);
    return result_;
  }

private:
  static Vector vector(const std::vector<T>& x) {
    return Eigen::Map<const Eigen::Matrix<T, Eigen::Dynamic, 1>>(x.data(), static_cast<Index>(x.size()))
        .template cast<double>();
  }

  bool finished() const {
    if (options_.patience > 0 && without_gain_ >= options_.patience) return true;
    return options_.steps > 0 ? result_.steps >= options_.steps
                              : static_cast<int>(result_.epochs.size()) >= options_.epochs;
  }

  void run_epoch() {
    double sum = 0;
    int count = 0;
    const auto epoch = batches_.epoch();
    while (batches_.epoch() == epoch && (options_.steps == 0 || result_.steps < options_.steps)) {
      const double loss = step(batches_.next());
      if (!result_.finite) return;
      sum += loss;
      ++count;
    }
    EpochReport report{static_cast<int>(result_.epochs.size()) + 1, sum / count,
                       std::numeric_limits<double>::quiet_NaN()};
    if (options_.validation) {
      report.validation_loss = options_.validation(vector(x_));
      ++without_gain_;
      if (best_.empty() || report.validation_loss < best_loss_) {
        best_loss_ = report.validation_loss;
        best_ = x_;
        without_gain_ = 0;
      }
    }
    result_.epochs.push_back(report);
  }

  double step(Examples examples) {
    const double loss = objective_.value_and_gradient(x_.data(), examples, gradient_.data());
    if (!std::isfinite(loss) || first_not_finite<T>(blocks_, gradient_)) {
      result_.finite = false;
      return loss;
    }
    ++result_.steps;
    if (options_.each_step) options_.each_step(result_.steps, loss);
    limit_gradient();
    rule_->step(gradient_, x_, options_.schedule ? options_.schedule(result_.steps) : 1.0);
    return loss;
  }

  void limit_gradient() {
    if (options_.gradient_norm_limit <= 0) return;
    double squares = 0;
    for (const T g : gradient_) squares += static_cast<double>(g) * static_cast<double>(g);
    const double norm = std::sqrt(squares);
    if (norm <= options_.gradient_norm_limit) return;
    const T factor = static_cast<T>(options_.gradient_norm_limit / norm);
    for (T& g : gradient_) g *= factor;
  }

  /// Of what must be the same for a checkpoint to belong to this run.
  std::uint64_t identity(const Vector& start) const {
    Fingerprint print;
    for (const ParameterBlock& block : blocks_) print.add(block.name.data(), block.name.size());
    const std::string rule = name_of(options_.rule);
    const double numbers[] = {learning_rate_of(options_.rule),    static_cast<double>(options_.batch_size),
                              static_cast<double>(options_.seed), static_cast<double>(objective_.size()),
                              static_cast<double>(sizeof(T)),     options_.gradient_norm_limit};
    print.add(rule.data(), rule.size()).add(numbers, sizeof numbers);
    print.add(start.data(), static_cast<std::size_t>(start.size()) * sizeof(double));
    return print.value();
  }

  void save() {
    Writer w;
    w.value(identity_);
    w.array(x_);
    w.array(best_);
    w.value(best_loss_);
    w.value(without_gain_);
    w.value(result_.steps);
    w.value(batches_.position());
    w.array(result_.epochs);
    w.text(save_state(*rule_));
    dsp::AtomicFile file(options_.checkpoint);
    file.write(heading);
    file.write(w.bytes());
    file.commit();
  }

  void resume() {
    const std::string name = options_.checkpoint.string(), bytes = data::read_file(options_.checkpoint);
    if (!bytes.starts_with(heading)) throw InputError(name + ": not a checkpoint of a training run");
    Reader r(bytes.substr(heading.size()), name);
    std::uint64_t identity;
    r.value(identity);
    if (identity != identity_)
      throw InputError(name + ": the checkpoint of another run (network, data, start or options differ)");
    BatchPosition position;
    r.array(x_);
    r.array(best_);
    r.value(best_loss_);
    r.value(without_gain_);
    r.value(result_.steps);
    r.value(position);
    r.array(result_.epochs);
    restore_state(*rule_, r.text());
    batches_.seek(position);
  }

  const NetworkObjective<T>& objective_;
  const TrainingOptions& options_;
  ParameterBlocks blocks_;
  std::unique_ptr<UpdateRule<T>> rule_;
  Batches batches_;
  std::vector<T> x_, gradient_, best_;
  double best_loss_ = std::numeric_limits<double>::infinity();
  int without_gain_ = 0;
  std::uint64_t identity_ = 0;
  Training result_;
};

void check(const TrainingOptions& o) {
  if (o.batch_size < 1) throw InputError("training: batches of at least one example");
  if (o.epochs < 0 || o.steps < 0) throw InputError("training: epochs and steps are not negative");
  if (!(o.gradient_norm_limit >= 0)) throw InputError("training: the gradient's limit is not negative");
  if (o.patience > 0 && !o.validation) throw InputError("training: patience needs held-out examples");
}

} // namespace

template <class T>
Training train(const NetworkObjective<T>& objective, const Layout& layout, const Vector& start,
               const TrainingOptions& options) {
  check(options);
  return Run<T>(objective, layout, start, options).train();
}

template Training train(const NetworkObjective<float>&, const Layout&, const Vector&, const TrainingOptions&);
template Training train(const NetworkObjective<double>&, const Layout&, const Vector&,
                        const TrainingOptions&);

} // namespace raphson::optim::nn
