#include "optim/autodiff/arena.h"

#include <algorithm>
#include <new>

namespace raphson::optim {

void Arena::Free::operator()(std::byte* p) const { ::operator delete (p, std::align_val_t{alignment}); }

void Arena::add_block(std::size_t bytes) {
  auto* memory = static_cast<std::byte*>(::operator new (bytes, std::align_val_t{alignment}));
  blocks_.push_back({std::unique_ptr<std::byte, Free>(memory), bytes});
  used_ = 0;
}

void* Arena::take(std::size_t bytes) {
  constexpr std::size_t first_block = 1 << 16;
  const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  if (blocks_.empty() || blocks_.back().bytes - used_ < rounded)
    add_block(std::max({rounded, first_block, this->bytes()}));
  std::byte* const piece = blocks_.back().memory.get() + used_;
  used_ += rounded;
  return piece;
}

void Arena::rewind() {
  if (blocks_.size() > 1) {
    const std::size_t all = bytes();
    blocks_.clear();
    add_block(all);
  }
  used_ = 0;
}

std::size_t Arena::bytes() const {
  std::size_t sum = 0;
  for (const Block& block : blocks_) sum += block.bytes;
  return sum;
}

} // namespace raphson::optim
