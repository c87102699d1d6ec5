// Fused multiply-adds of floats, a register of them at a time, on enough sums that none waits for another:
// how fast the machine could do a product of matrices if nothing else had to be done.
#pragma once

#include <cstddef>

namespace raphson::bench {

/// `registers` of them.
using MultiplyAdds = float (*)(std::size_t registers);

/// For the machine's best instruction set.
MultiplyAdds multiply_adds();

} // namespace raphson::bench
