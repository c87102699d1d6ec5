#include "optim/data/digits.h"

#include "dsp/error.h"
#include "optim/data/asset.h"
#include "optim/data/idx.h"
#include "optim/data/labels.h"
#include "optim/engine/random.h"

#include <numeric>
#include <span>
#include <string>
#include <vector>

namespace raphson::optim::data {
namespace {

/// These of the digits; the others stay the bytes that they are in the file.
Dataset digits_at(std::span<const std::size_t> rows) {
  const IdxArray all = read_idx(asset("data/mnist/mnist-10k-images.idx3.gz"));
  const std::vector<int> all_labels = read_idx_labels(asset("data/mnist/mnist-10k-labels.idx1.gz"));
  const std::size_t pixels = all.shape.at(1) * all.shape.at(2);
  IdxArray images{.shape = {rows.size(), all.shape[1], all.shape[2]}, .bytes = {}};
  std::vector<int> labels;
  for (const std::size_t row : rows) {
    const auto image = std::span(all.bytes).subspan(row * pixels, pixels);
    images.bytes.insert(images.bytes.end(), image.begin(), image.end());
    labels.push_back(all_labels.at(row));
  }
  Dataset digits = images_of(images, "MNIST");
  set_labels(digits, std::move(labels), "MNIST");
  digits.class_names = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
  return digits;
}

void check_count(std::size_t count) {
  if (count < 1 || count > digits_available)
    throw InputError(std::to_string(count) + " handwritten digits are asked for, 1 to "
                     + std::to_string(digits_available) + " can be had");
}

std::vector<std::size_t> shuffled_rows(std::size_t count, std::uint64_t seed) {
  check_count(count);
  std::vector<std::size_t> rows(digits_available);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  RandomStream(seed, "digits").shuffle(rows);
  rows.resize(count);
  return rows;
}

} // namespace

Dataset digits(std::size_t count) {
  check_count(count);
  std::vector<std::size_t> rows(count);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return digits_at(rows);
}

Dataset digits(std::size_t count, std::uint64_t seed) { return digits_at(shuffled_rows(count, seed)); }

TrainingAndHeldOut digits_split(std::size_t training, std::size_t held_out, std::uint64_t seed) {
  const std::vector<std::size_t> rows = shuffled_rows(training + held_out, seed);
  return {digits_at(std::span(rows).first(training)), digits_at(std::span(rows).subspan(training))};
}

} // namespace raphson::optim::data
