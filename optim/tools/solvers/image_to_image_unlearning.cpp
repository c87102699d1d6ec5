#include "optim/tools/solvers/image_to_image_unlearning.h"

#include "dsp/error.h"
#include "optim/autodiff/operations/reduction.h"
#include "optim/autodiff/operations/softmax.h"
#include "optim/engine/batches.h"

#include <array>
#include <cmath>

namespace raphson::optim::tools {

using Eigen::Index;

namespace {

void check(const CompletionModel& model, const data::RowMatrix& retain, const data::RowMatrix& forget,
           const CompletionForgetting& o) {
  if (forget.rows() < fewest_forgotten)
    throw InputError("image-to-image-unlearning: " + std::to_string(forget.rows()) + " images to forget, "
                     + std::to_string(fewest_forgotten) + " at least are needed");
  if (retain.rows() == 0)
    throw InputError(
        "image-to-image-unlearning: no images to retain; --retain names groups, --proxy a folder "
        "of images that stand in for them");
  for (const data::RowMatrix* images : {&retain, &forget}) {
    check_pixels(*images, images == &retain ? "images to retain" : "images to forget");
    if (images->cols() != model.encoder.widths().front())
      throw InputError("image-to-image-unlearning: images have " + std::to_string(images->cols())
                       + " pixels, the model takes " + std::to_string(model.encoder.widths().front()));
  }
  if (!(o.alpha_retain >= 0) || !(o.alpha_forget >= 0))
    throw InputError("image-to-image-unlearning: the weights of both terms must be at least 0");
}

// Equal batches of both sets, masked.
class Pairs {
public:
  Pairs(const CompletionModel& model, const data::RowMatrix& retain, const data::RowMatrix& forget,
        const CompletionForgetting& o)
      : region_(model.region), retain_(retain.cast<float>()), forget_(forget.cast<float>()),
        batches_(std::array{std::size_t(retain.rows()), std::size_t(forget.rows())}, o.batch_size, o.seed,
                 "completion pairs"),
        places_(o.seed, "completion pair places"), noise_(o.seed, "completion noise"), kind_(o.noise) {}

  void next() {
    batches_.next();
    r = rows_of(retain_, batches_.rows(0));
    f = rows_of(forget_, batches_.rows(1));
    masked_r = r;
    masked_f = f;
    at_.resize(static_cast<std::size_t>(f.rows()));
    for (Index i = 0; i < r.rows(); ++i) region_.hide(masked_r.row(i), region_.place(places_));
    for (Index i = 0; i < f.rows(); ++i)
      region_.hide(masked_f.row(i), at_[static_cast<std::size_t>(i)] = region_.place(places_));
  }
  FloatRows noise() { return noise_images(f, kind_, noise_); }
  FloatRows masked_noise() {
    FloatRows n = noise();
    for (Index i = 0; i < n.rows(); ++i) region_.hide(n.row(i), at_[static_cast<std::size_t>(i)]);
    return n;
  }

  FloatRows r, f, masked_r, masked_f;

private:
  const HiddenRegion& region_;
  FloatRows retain_, forget_;
  EqualBatches batches_;
  RandomStream places_, noise_;
  NoiseKind kind_;
  std::vector<Index> at_; // where the forget batch's regions lie
};

// Normal, dimension by dimension with the mean and deviation of the forgotten images' embeddings.
class RandomEmbeddings {
public:
  RandomEmbeddings(const CompletionModel& model, const data::RowMatrix& forget, std::uint64_t seed)
      : random_(seed, "random embeddings") {
    const auto places = model.region.places(static_cast<std::size_t>(forget.rows()), seed);
    const FloatRows e = model.embeddings(model.region.masked(forget, places));
    mean_ = e.colwise().mean();
    deviation_ = (e.rowwise() - mean_).colwise().norm() / std::sqrt(static_cast<float>(e.rows()));
  }
  FloatRows draw(Index rows) {
    FloatRows result(rows, mean_.size());
    for (Index i = 0; i < rows; ++i)
      for (Index k = 0; k < mean_.size(); ++k)
        result(i, k) = mean_[k] + deviation_[k] * static_cast<float>(random_.normal());
    return result;
  }

private:
  RandomStream random_;
  Eigen::RowVectorXf mean_, deviation_;
};

} // namespace

NoiseKind noise_named(const std::string& name) {
  if (name == "normal") return NoiseKind::normal;
  if (name == "uniform") return NoiseKind::uniform;
  if (name == "constant") return NoiseKind::constant;
  throw InputError("--noise " + name + ": it must be normal, uniform or constant");
}

FloatRows noise_images(const FloatRows& batch, NoiseKind kind, RandomStream& random) {
  const double mean = batch.cast<double>().mean(),
               deviation = std::sqrt((batch.cast<double>().array() - mean).square().mean());
  FloatRows noise(batch.rows(), batch.cols());
  for (Index i = 0; i < noise.size(); ++i) {
    double value = mean;
    if (kind == NoiseKind::normal) value = std::clamp(mean + deviation * random.normal(), 0.0, 1.0);
    if (kind == NoiseKind::uniform) value = random.uniform();
    noise.data()[i] = static_cast<float>(value);
  }
  return noise;
}

CompletionModel forget_completions(const CompletionModel& original, const data::RowMatrix& retain,
                                   const data::RowMatrix& forget, const CompletionForgetting& o) {
  check(original, retain, forget, o);
  CompletionModel model = original;
  if (o.alpha_forget == 0) return model; // the optimum from the start
  Pairs pairs(model, retain, forget, o);
  const bool noisy = o.target == ForgetTarget::noise_embeddings;
  RandomEmbeddings embeddings(original, forget, o.seed);
  PartsTrainer trainer({&model.encoder}, o.learning_rate); // the encoder alone
  for (int step = 1; step <= o.steps; ++step) {
    pairs.next();
    const FloatRows kept = original.encoder(pairs.masked_r),
                    noise = noisy ? pairs.masked_noise() : FloatRows();
    const FloatRows targets = noisy ? original.encoder(noise) : embeddings.draw(pairs.f.rows());
    double terms[2];
    trainer.step([&](Tape<float>& tape, const PartsWeights& w) {
      // Means over the batch and the embedding's k values.
      const auto term = [&](const FloatRows& masked, const FloatRows& target) {
        return mean(square(model.encoder(w[0], on_tape(tape, masked)) - on_tape(tape, target)));
      };
      const Var<float> of_r = term(pairs.masked_r, kept), of_f = term(pairs.masked_f, targets);
      terms[0] = static_cast<double>(of_r.item());
      terms[1] = static_cast<double>(of_f.item());
      return static_cast<float>(o.alpha_retain) * of_r + static_cast<float>(o.alpha_forget) * of_f;
    });
    if (o.observer) o.observer({step, terms[0], terms[1], pairs.masked_f, noise, targets});
  }
  return model;
}

CompletionModel forget_by_baseline(const CompletionModel& original, const data::RowMatrix& retain,
                                   const data::RowMatrix& forget, CompletionBaseline baseline,
                                   const CompletionForgetting& o) {
  check(original, retain, forget, o);
  CompletionModel model = original;
  Pairs pairs(model, retain, forget, o);
  PartsTrainer trainer({&model.encoder, &model.decoder}, o.learning_rate);
  const float sign = baseline == CompletionBaseline::max_loss ? -1 : 1;
  for (int step = 1; step <= o.steps; ++step) {
    pairs.next();
    const FloatRows label = baseline == CompletionBaseline::max_loss      ? pairs.f
                            : baseline == CompletionBaseline::noise_label ? pairs.noise()
                                                                          : pairs.r;
    trainer.step([&](Tape<float>& tape, const PartsWeights& w) {
      const auto term = [&](const FloatRows& masked, const FloatRows& truth) {
        const Var<float> logits = model.decoder(w[1], model.encoder(w[0], on_tape(tape, masked)));
        return mean(binary_cross_entropy(logits, on_tape(tape, truth)));
      };
      return static_cast<float>(o.alpha_retain) * term(pairs.masked_r, pairs.r)
             + sign * static_cast<float>(o.alpha_forget) * term(pairs.masked_f, label);
    });
  }
  return model;
}

} // namespace raphson::optim::tools
