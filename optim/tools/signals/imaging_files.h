// What the imaging tools read and write alike: scenes of points, the places of an image's voxels, its peaks.
#pragma once

#include "dsp/error.h"
#include "optim/engine/wave_field.h"
#include "optim/report/tool_report.h"

#include <filesystem>
#include <string>
#include <vector>

namespace raphson::optim::tools {

/// CSV with x, y, z in m and, if it is there, strength.
std::vector<Scatterer> read_points(const std::filesystem::path& path);

/// Echoes from a complex NPY. Throws InputError where its shape is another (`says`: who says what it is), or
/// a value is not finite.
std::vector<std::complex<double>> read_echoes(const std::filesystem::path& path,
                                              const std::vector<std::size_t>& shape, const std::string& says);

/// first, first + step, ... up to last, both in.
std::vector<double> stepped(double first, double last, double step);

/// "FIRST:LAST:STEP" in m, rising, 4096 values at most. Throws InputError that names the option.
std::vector<double> parse_steps(const std::string& option, const std::string& text);

/// The peaks.csv of a volume: x, y, z in m and dB below the largest. Of what lies within `across` of a peak
/// in x and y, and within `along` in z (an ellipsoid), no other is listed.
report::NamedTable peak_table(std::span<const std::complex<double>> values, std::span<const Point3> positions,
                              std::size_t count, double across, double along);

/// x.npy, y.npy and z.npy: where the voxels are, in m.
void add_coordinates(report::ToolReport& report, const std::vector<double>& x, const std::vector<double>& y,
                     const std::vector<double>& z);

/// "-50 to 50 mm".
std::string range_text(const std::vector<double>& metres);

/// Calls f; what it refuses is the file's fault.
template <class F> auto of_file(const std::filesystem::path& path, F f) {
  try {
    return f();
  } catch (const InputError& error) {
    throw InputError(path.string() + ": " + error.what());
  }
}

} // namespace raphson::optim::tools
