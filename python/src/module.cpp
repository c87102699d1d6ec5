// raphson._core: the compiled part of the Python package.
#include "bindings.h"
#include "dsp/error.h"

PYBIND11_MODULE(_core, m) {
  using namespace raphson::python;
  m.doc() = "The compiled part of raphson; use the package around it.";
  m.attr("version") = RAPHSON_VERSION;
  auto input_error = pybind11::register_exception<raphson::InputError>(m, "InputError", PyExc_ValueError);
  input_error.attr("__module__") = "raphson";
  input_error.attr("__doc__") =
      "Input the caller can put right: one line that says what is wrong and what would be right.";
  bind_match(m);
  bind_model(m);
  bind_loss(m);
  bind_gain(m);
}
