#include "optim/engine/batches.h"

#include "dsp/error.h"

#include <algorithm>
#include <numeric>
#include <string>

namespace raphson::optim {

Batches::Batches(std::size_t examples, std::size_t batch_size, std::uint64_t seed, std::string_view stream)
    : seed_(seed), stream_name_(stream), stream_(seed, stream), order_(examples),
      batch_size_(std::min(batch_size, examples)) {
  if (batch_size_ == 0)
    throw InputError("batches of " + std::to_string(batch_size) + " from " + std::to_string(examples)
                     + " examples, at least one of each is needed");
  begin();
}

void Batches::begin() {
  stream_ = RandomStream(seed_, stream_name_);
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  stream_.shuffle(order_);
  epoch_ = 0;
  at_ = 0;
}

std::span<const std::size_t> Batches::next() {
  if (at_ == order_.size()) {
    stream_.shuffle(order_);
    ++epoch_;
    at_ = 0;
  }
  const std::size_t begin = at_;
  at_ = std::min(at_ + batch_size_, order_.size());
  return all().subspan(begin, at_ - begin);
}

BatchPosition Batches::position() const {
  if (at_ == order_.size()) return {epoch_ + 1, 0};
  return {epoch_, at_};
}

void Batches::seek(BatchPosition position) {
  if (position.examples >= order_.size() || position.examples % batch_size_ != 0)
    throw InputError("no batch ends after " + std::to_string(position.examples) + " of "
                     + std::to_string(order_.size()) + " examples in batches of "
                     + std::to_string(batch_size_));
  begin();
  for (; epoch_ < position.epoch; ++epoch_) stream_.shuffle(order_);
  at_ = position.examples;
}

EqualBatches::EqualBatches(std::span<const std::size_t> set_sizes, std::size_t each, std::uint64_t seed,
                           std::string_view stream)
    : sizes_(set_sizes.begin(), set_sizes.end()), each_(each), seed_(seed), stream_name_(stream) {
  if (each == 0 || sizes_.empty() || std::count(sizes_.begin(), sizes_.end(), std::size_t{0}) > 0)
    throw InputError("batches of " + std::to_string(each) + " from each of " + std::to_string(sizes_.size())
                     + " sets, at least one of each, and one example in each, is needed");
  begin();
}

void EqualBatches::begin() {
  sets_.clear();
  for (std::size_t s = 0; s < sizes_.size(); ++s) {
    Set set{RandomStream(seed_, stream_name_ + " " + std::to_string(s)), std::vector<std::size_t>(sizes_[s]),
            std::vector<std::size_t>(each_)};
    std::iota(set.order.begin(), set.order.end(), std::size_t{0});
    set.stream.shuffle(set.order);
    sets_.push_back(std::move(set));
  }
  drawn_ = 0;
}

void EqualBatches::next() {
  for (Set& set : sets_)
    for (std::size_t& row : set.batch) {
      if (set.at == set.order.size()) {
        set.stream.shuffle(set.order);
        set.at = 0;
      }
      row = set.order[set.at++];
    }
  ++drawn_;
}

void EqualBatches::seek(std::uint64_t batches) {
  begin();
  while (drawn_ < batches) next();
}

} // namespace raphson::optim
