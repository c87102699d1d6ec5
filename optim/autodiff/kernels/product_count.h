// How many matrix products (product.h) this thread has computed: the cost of a way to differentiate, counted.
#pragma once

#include <cstdint>

namespace raphson::optim {

std::int64_t products_on_this_thread();

} // namespace raphson::optim
