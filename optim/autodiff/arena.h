// Memory that is given out piece by piece and taken back all at once: rewind() keeps it, in one piece, so
// that a loop that needs as much in every round allocates in the first two alone.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace raphson::optim {

class Arena {
public:
  static constexpr std::size_t alignment = 64; ///< bytes: a cache line and the widest vector

  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  void* take(std::size_t bytes);
  template <class T> T* take_array(std::ptrdiff_t count) {
    return static_cast<T*>(take(static_cast<std::size_t>(count) * sizeof(T)));
  }
  /// Everything taken is void.
  void rewind();

  std::size_t bytes() const; ///< held, in use or not

private:
  struct Free {
    void operator()(std::byte* p) const;
  };
  struct Block {
    std::unique_ptr<std::byte, Free> memory;
    std::size_t bytes;
  };
  void add_block(std::size_t bytes);

  std::vector<Block> blocks_;
  std::size_t used_ = 0; ///< of the last block
};

} // namespace raphson::optim
