// The compressor's gain for Python, a set of parameters a channel.
#include "arrays.h"
#include "bindings.h"
#include "gain_derivatives.h"

namespace raphson::python {
namespace {

using namespace pybind11::literals;

/// (channels, 4): threshold in dB, ratio, coefficients of attack and release.
GainParameters parameters_of(const Array<double>& parameters, std::size_t c) {
  const auto row = channel(parameters, c);
  return {row[0], row[1], row[2], row[3]};
}

void check(const Array<double>& level, const Array<double>& parameters) {
  check_audio(level, "level");
  check_audio(parameters, "parameters");
  if (channels(parameters) != channels(level) || frames(parameters) != gain_parameters)
    throw InputError("parameters: four for each channel of the level are expected");
}

py::array_t<double> gain(const Array<double>& level, const Array<double>& parameters) {
  check(level, parameters);
  py::array_t<double> out({level.shape(0), level.shape(1)});
  double* const to = out.mutable_data();
  {
    const py::gil_scoped_release released;
    for (std::size_t c = 0; c < channels(level); ++c)
      compressor_gain(channel(level, c), parameters_of(parameters, c), to + c * frames(level));
  }
  return out;
}

/// gain (channels, samples), jacobian (4, channels, samples), hessian (4, 4, channels, samples) or empty.
py::tuple derivatives(const Array<double>& level, const Array<double>& parameters, int order) {
  check(level, parameters);
  const py::ssize_t n = gain_parameters, rows = level.shape(0), columns = level.shape(1);
  py::array_t<double> out({rows, columns}), jacobian({n, rows, columns});
  py::array_t<double> hessian(std::vector<py::ssize_t>{order == 2 ? n : 0, n, rows, columns});
  double* const values = out.mutable_data();
  double* const first = jacobian.mutable_data();
  double* const second = order == 2 ? hessian.mutable_data() : nullptr;
  {
    const py::gil_scoped_release released;
    for (std::size_t c = 0; c < channels(level); ++c) {
      const std::size_t at = c * frames(level);
      compressor_gain_derivatives(channel(level, c), parameters_of(parameters, c), values + at, first + at,
                                  second ? second + at : nullptr, static_cast<std::size_t>(level.size()));
    }
  }
  return py::make_tuple(out, jacobian, hessian);
}

/// By level (channels, samples) and by the parameters (channels, 4).
py::tuple pullback(const Array<double>& level, const Array<double>& parameters,
                   const Array<double>& by_gain) {
  check(level, parameters);
  check_audio(by_gain, "by_gain");
  if (channels(by_gain) != channels(level) || frames(by_gain) != frames(level))
    throw InputError("by_gain: it must have the level's shape");
  py::array_t<double> by_level({level.shape(0), level.shape(1)}),
      by_parameters({level.shape(0), py::ssize_t{gain_parameters}});
  double* const levels = by_level.mutable_data();
  double* const sums = by_parameters.mutable_data();
  {
    const py::gil_scoped_release released;
    for (std::size_t c = 0; c < channels(level); ++c) {
      const GainPullback back = compressor_gain_pullback(channel(level, c), parameters_of(parameters, c),
                                                         channel(by_gain, c), levels + c * frames(level));
      std::copy(back.parameters.begin(), back.parameters.end(), sums + c * gain_parameters);
    }
  }
  return py::make_tuple(by_level, by_parameters);
}

} // namespace

void bind_gain(py::module_& m) {
  m.def("compressor_gain", &gain, "level"_a, "parameters"_a);
  m.def("compressor_gain_derivatives", &derivatives, "level"_a, "parameters"_a, "order"_a);
  m.def("compressor_gain_pullback", &pullback, "level"_a, "parameters"_a, "by_gain"_a);
}

} // namespace raphson::python
