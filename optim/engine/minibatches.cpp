#include "optim/engine/minibatches.h"

#include "dsp/error.h"

#include <algorithm>
#include <numeric>

namespace raphson::optim {

std::size_t steps_per_epoch(std::size_t examples, std::size_t batch_size) {
  if (examples == 0 || batch_size == 0)
    throw InputError("minibatches: no examples or a batch size of 0, both must be above 0");
  return (examples + batch_size - 1) / batch_size;
}

Minibatches::Minibatches(std::size_t examples, std::size_t batch_size, std::uint64_t seed,
                         std::string_view stream)
    : stream_(seed, stream), order_(examples), batch_size_(std::min(batch_size, examples)) {
  steps_per_epoch(examples, batch_size); // throws
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  stream_.shuffle(order_);
}

std::span<const std::size_t> Minibatches::next() {
  if (at_ == order_.size()) {
    stream_.shuffle(order_);
    at_ = 0;
  }
  const std::size_t begin = at_;
  at_ = std::min(at_ + batch_size_, order_.size());
  return all().subspan(begin, at_ - begin);
}

void Minibatches::skip(std::size_t batches) {
  while (batches-- > 0) next();
}

} // namespace raphson::optim
