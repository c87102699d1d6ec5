// raphson._core: the compiled part of the Python package.
#include "bindings.h"
#include "dsp/error.h"

/// pybind11 before 2.12 reads NumPy 2's arrays wrongly, and says nothing: every stride comes out as 0.
static void check_numpy() {
#if PYBIND11_VERSION_HEX < 0x020C0000
  const auto version = pybind11::module_::import("numpy").attr("__version__").cast<std::string>();
  if (std::stoi(version) >= 2)
    throw pybind11::import_error(
        "raphson was built with a pybind11 before 2.12, which cannot read the arrays of NumPy " + version
        + ": build it with a later one, as pip install does, or use NumPy 1");
#endif
}

PYBIND11_MODULE(_core, m) {
  check_numpy();
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
