// Making a completion model forget groups of images: G. Li, H. Hsu, C.-F. Chen, R. Marculescu, "Machine
// Unlearning for Image-to-Image Generative Models", ICLR 2024, arXiv 2402.00351.
//
// Of all laws with the data's covariance the Gaussian has the largest entropy; so the completion of Gaussian
// noise is what a forgotten image is to be completed like, a bounded goal. Distances of embeddings bound the
// divergences of outputs, so that it is enough to train the encoder E, from the original E_0, on
//   L(E) = a_R mean_R (1/k) |E(T(x)) - E_0(T(x))|^2 + a_F mean_F (1/k) |E(T(x)) - E_0(T(n))|^2,
// k the embedding's size, T the hiding of the region, n fresh noise in every step with the mean and deviation
// of the forget batch, in [0, 1], under the same mask as the image whose place it takes. The decoder stays.
#pragma once

#include "optim/tools/solvers/completion_model.h"

namespace raphson::optim::tools {

enum class NoiseKind { normal, uniform, constant };
NoiseKind noise_named(const std::string& name); ///< throws InputError that lists the names

/// As many images with pixels in [0, 1]: normal with the mean and deviation of the batch, uniform, or its
/// mean everywhere.
FloatRows noise_images(const FloatRows& batch, NoiseKind kind, RandomStream& random);

enum class ForgetTarget {
  noise_embeddings, ///< E_0(T(n))
  random_embeddings ///< the paper's baseline "random encoder": normal, with the embeddings' mean and
                    ///< deviation
};

/// What a step was taken with.
struct CompletionStep {
  int step = 0;                  ///< from 1
  double retain = 0, forget = 0; ///< the two terms without their weights
  const FloatRows& masked;       ///< T(x) of the forget batch
  const FloatRows& noise;        ///< T(n); empty for random embeddings
  const FloatRows& targets;      ///< of the forget batch
};

struct CompletionForgetting {
  double alpha_retain = 1, alpha_forget = 0.25;
  std::size_t batch_size = 64; ///< of each set
  int steps = 400;
  double learning_rate = 1e-3; ///< of Adam
  NoiseKind noise = NoiseKind::normal;
  ForgetTarget target = ForgetTarget::noise_embeddings;
  std::uint64_t seed = 1;
  std::function<void(const CompletionStep&)> observer = {};
};

inline constexpr Eigen::Index fewest_forgotten = 32;

/// Throws InputError for fewer than 32 images to forget, none to retain, pixels outside [0, 1], and weights
/// below 0. With a_F = 0 the encoder stays what it is.
CompletionModel forget_completions(const CompletionModel& original, const data::RowMatrix& retain,
                                   const data::RowMatrix& forget, const CompletionForgetting& options);

/// The paper's other baselines, which train encoder and decoder on the cross-entropy of pixels: that of R,
/// and of F its opposite, that to noise images, or that to random images of R.
enum class CompletionBaseline { max_loss, noise_label, retain_label };

CompletionModel forget_by_baseline(const CompletionModel& original, const data::RowMatrix& retain,
                                   const data::RowMatrix& forget, CompletionBaseline baseline,
                                   const CompletionForgetting& options);

} // namespace raphson::optim::tools
