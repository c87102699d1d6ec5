// The parts of raphson._core, each in the file of its name. What they offer is checked and documented by the
// Python package around them (python/raphson).
#pragma once

#include <pybind11/pybind11.h>

namespace raphson::python {

void bind_match(pybind11::module_& m);
void bind_model(pybind11::module_& m);
void bind_loss(pybind11::module_& m);
void bind_gain(pybind11::module_& m);

} // namespace raphson::python
