// NumPy arrays as the library's audio and back. The Python side hands over two-dimensional arrays
// (channels, samples), contiguous, of the type asked for: what is so already is used in place.
#pragma once

#include "dsp/error.h"

#include <pybind11/numpy.h>

#include <cmath>
#include <cstddef>
#include <span>
#include <string>

namespace raphson::python {

namespace py = pybind11;

template <class T> using Array = py::array_t<T, py::array::c_style>;

template <class T> std::size_t channels(const Array<T>& audio) {
  return static_cast<std::size_t>(audio.shape(0));
}
template <class T> std::size_t frames(const Array<T>& audio) {
  return static_cast<std::size_t>(audio.shape(1));
}
template <class T> std::span<const T> channel(const Array<T>& audio, std::size_t index) {
  return {audio.data() + index * frames(audio), frames(audio)};
}

/// Throws InputError for anything but (channels, samples) with at least one sample, all of them finite.
template <class T> void check_audio(const Array<T>& audio, const std::string& name) {
  if (audio.ndim() != 2 || audio.size() == 0) throw InputError(name + ": an array with no samples");
  for (std::size_t c = 0; c < channels(audio); ++c)
    for (std::size_t n = 0; n < frames(audio); ++n)
      if (!std::isfinite(channel(audio, c)[n]))
        throw InputError(name + ": sample " + std::to_string(n) + " of channel " + std::to_string(c)
                         + " is not a finite number");
}

inline void check_sample_rate(double sample_rate) {
  if (!(sample_rate > 0) || !std::isfinite(sample_rate))
    throw InputError("sample_rate: it must be a number of Hz above 0");
}

/// A new array of the same numbers.
inline py::array_t<double> to_numpy(std::span<const double> values) {
  return py::array_t<double>(static_cast<py::ssize_t>(values.size()), values.data());
}

} // namespace raphson::python
