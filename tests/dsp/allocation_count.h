// How often the test program has called operator new so far, for tests of what must not allocate.
#pragma once

#include <cstddef>

std::size_t allocation_count() noexcept;
