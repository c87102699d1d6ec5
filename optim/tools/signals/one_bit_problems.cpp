#include "optim/tools/signals/one_bit_problems.h"

#include "optim/data/spectrogram.h"
#include "optim/engine/random.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;

constexpr Index blocks = 4, block_rows = 12, block_columns = 16;
constexpr double noise_db = 40;

void split(UnrollingProblem& problem, const RowMatrix& x, std::size_t training, std::uint64_t seed) {
  const RowMatrix y = observe(problem.a, x, noise_db, seed);
  const auto first = static_cast<Index>(training), rest = x.rows() - first;
  problem.training = {x.topRows(first), y.topRows(first)};
  problem.held_out = {x.bottomRows(rest), y.bottomRows(rest)};
}

} // namespace

RowMatrix loud_frames(const std::vector<data::Clip>& clips, std::size_t length) {
  const double quietest = std::pow(10.0, -30.0 / 20);
  std::vector<double> values;
  for (const data::Clip& clip : clips)
    for (std::size_t at = 0; at + length <= clip.samples.size(); at += length) {
      const Vector frame =
          Eigen::Map<const Eigen::VectorXf>(clip.samples.data() + at, static_cast<Index>(length))
              .cast<double>();
      if (frame.norm() > quietest * std::sqrt(static_cast<double>(length)))
        values.insert(values.end(), frame.begin(), frame.end());
    }
  const auto columns = static_cast<Index>(length), rows = std::ssize(values) / columns;
  return Eigen::Map<const RowMatrix>(values.data(), rows, columns) * data::dct_matrix(length).transpose();
}

RowMatrix block_operator(std::uint64_t seed, bool interleaved) {
  RandomStream random(seed, "block operator");
  RowMatrix a = RowMatrix::Zero(blocks * block_rows, blocks * block_columns);
  for (Index b = 0; b < blocks; ++b)
    for (Index j = 0; j < block_columns; ++j) {
      Vector column(block_rows);
      for (double& value : column) value = random.normal();
      const Index at = interleaved ? j * blocks + b : b * block_columns + j;
      a.block(b * block_rows, at, block_rows, 1) = column.normalized();
    }
  return a;
}

UnrollingProblem block_problem(std::uint64_t seed, std::size_t training, std::size_t held_out) {
  UnrollingProblem problem{.a = block_operator(seed, false)};
  RandomStream random(seed, "sparse unknowns");
  RowMatrix x(static_cast<Index>(training + held_out), problem.a.cols());
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = random.uniform() < 0.12 ? random.normal() : 0;
  split(problem, x, training, seed);
  return problem;
}

UnrollingProblem speech_problem(std::uint64_t seed, std::size_t training, std::size_t held_out) {
  const RowMatrix all = loud_frames(data::spoken_digits(), 64);
  std::vector<Index> rows(static_cast<std::size_t>(all.rows()));
  std::iota(rows.begin(), rows.end(), 0);
  RandomStream random(seed, "speech frames");
  random.shuffle(rows);
  rows.resize(std::min(rows.size(), training + held_out));
  UnrollingProblem problem{.a = block_operator(seed, true)};
  split(problem, all(rows, Eigen::all), training, seed);
  return problem;
}

UnrollingProblem deconvolution_problem(std::uint64_t seed, std::size_t training, std::size_t held_out) {
  constexpr Index unknowns = 32, taps = 5;
  UnrollingProblem problem{.a = RowMatrix::Zero(unknowns + taps - 1, unknowns)};
  for (Index j = 0; j < unknowns; ++j)
    for (Index t = 0; t < taps; ++t) problem.a(j + t, j) = std::pow(0.4, static_cast<double>(t));
  RandomStream random(seed, "deconvolution unknowns");
  RowMatrix x(static_cast<Index>(training + held_out), unknowns);
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = random.normal();
  split(problem, x, training, seed);
  return problem;
}

} // namespace raphson::optim::tools
