#include "optim/nn/layout.h"

#include "dsp/error.h"
#include "optim/engine/random.h"

#include <cmath>

namespace raphson::optim::nn {

Initialiser he(Index fan_in) { return normal(std::sqrt(2 / static_cast<double>(fan_in))); }
Initialiser lecun(Index fan_in) { return normal(std::sqrt(1 / static_cast<double>(fan_in))); }
Initialiser glorot(Index fan_in, Index fan_out) {
  return uniform(std::sqrt(6 / static_cast<double>(fan_in + fan_out)));
}

Block Layout::add(std::string name, const Shape& shape, const Initialiser& initialiser) {
  for (const Entry& entry : entries_)
    if (entry.name == name) throw InputError("two layers of the network are called " + name);
  const Block block{size_, shape};
  entries_.push_back({std::move(name), block, initialiser});
  size_ += shape.size();
  return block;
}

Vector Layout::initial(std::uint64_t seed) const {
  Vector values(size_);
  for (const Entry& entry : entries_) {
    RandomStream stream(seed, "initial " + entry.name);
    const Initialiser& draw = entry.initialiser;
    for (Index i = 0; i < entry.block.shape.size(); ++i) {
      double& value = values[entry.block.offset + i];
      switch (draw.kind) {
      case Initialiser::Kind::constant:
        value = draw.scale;
        break;
      case Initialiser::Kind::normal:
        value = draw.scale * stream.normal();
        break;
      case Initialiser::Kind::uniform:
        value = stream.uniform(-draw.scale, draw.scale);
        break;
      }
    }
  }
  return values;
}

} // namespace raphson::optim::nn
