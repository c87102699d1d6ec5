// Near-field MIMO-ISAR imaging: a target turns on a table while transmitters and receivers in one vertical
// line step up beside it, and the echoes become a 3-D image by Fourier transforms. Each transmitter-receiver
// pair is first turned into one antenna half way between:
//   s <- s exp(-j k d^2 / (4 Z0)),   from R_T + R_R ~ 2 R + d^2 / (4 R), d their distance;
// the circle is divided out by a circular correlation for each height frequency and wavenumber, the spectrum
// regridded from polar rays, and transformed back. J. W. Smith, M. E. Yanik, M. Torlak, IEEE RadarConf 2020.
//
// The antennas are at (R0 cos theta, y, R0 sin theta), as the turning target sees them; metres and radians.
#pragma once

#include "optim/engine/wave_field.h"

#include <string>
#include <vector>

namespace raphson::optim::tools {

struct TurntableGeometry {
  Wavenumbers k;
  std::vector<double> tx, rx; // heights in the array
  std::vector<double> tracks; // heights that the array is moved to
  std::vector<double> angles; // of the table
  double radius = 0;          // R0, antennas to axis

  std::size_t channels() const { return tracks.size() * tx.size() * rx.size(); }
  /// [track][tx][rx][angle], the order of the data, which have wavenumbers last.
  std::vector<AntennaPair> pairs() const;
};

/// The pairs' midpoints, sorted: one uniform grid.
struct VirtualArray {
  std::vector<std::size_t> channel; // of [track][tx][rx], by rising height
  std::vector<double> spacing;      // d of each
  double first = 0, step = 0;       // of the heights
};

/// Throws InputError where the midpoints form no uniform grid to 1 % of its step, with the steps found.
VirtualArray virtual_array(const TurntableGeometry& geometry);

/// Throws InputError where a wavenumber or the radius is not above 0, or there is no antenna, track or angle,
/// or fewer than two wavenumbers.
void check(const TurntableGeometry& geometry);

/// Throws InputError where angles do not rise uniformly over the full turn (with the largest step), are fewer
/// than eight, or the radius is so many wavelengths that the circle's kernel would not fit into memory.
void check_circle(const TurntableGeometry& geometry);

struct IsarOptions {
  double extent = 0.05;             // half width in x and z
  std::vector<double> heights = {}; // image heights; empty: those of the midpoints, at half their step
  double reference = 0;             // Z0; 0: the radius
  bool compensate = true;           // step from pairs to single antennas
  std::size_t kernel_angles = 0;    // on which the circle's kernel is sampled; 0: as many as it needs
  std::size_t height_transform = 0; // N_y; 0: twice the heights, as a fast length
  std::size_t grid = 0;             // n x n of (k_x, k_z); 0: twice the extent
  bool window = false;              // Hann over heights' frequencies and wavenumbers
  std::size_t threads = 1;
};

struct IsarVolume {
  std::vector<double> x, y, z;
  double step = 0;                               // of x and z
  std::vector<std::complex<double>> values = {}; // [y][x][z]
  double multiplications = 0;                    // real ones

  std::vector<Point3> positions() const;
};

/// data: [track][tx][rx][angle][wavenumber]. Throws InputError as check(), check_circle(), virtual_array()
/// and isar_grid() do, where sizes do not match, a value is not finite, or the volume is too large for
/// memory.
IsarVolume isar_image(std::span<const std::complex<double>> data, const TurntableGeometry& geometry,
                      const IsarOptions& options);

/// Where isar_image() puts its voxels, for back-projection of the same volume, of any geometry. Throws
/// InputError where the extent is below a voxel, or reaches the antennas or beyond what the data tell apart.
IsarVolume isar_grid(const TurntableGeometry& geometry, const IsarOptions& options);

/// By how much R_T + R_R exceeds 2 R, about: d^2 / (4 Z0).
double pair_excess(double spacing, double reference);

/// c N_k / (2 B): beyond it images repeat.
double unambiguous_range(const Wavenumbers& k);

/// The coefficients exp(j k_r R0 cos theta) = sum_n G_n exp(j n theta) / N, |n| < N / 2, in the order of a
/// transform's bins, from a transform over `samples` angles.
std::vector<std::complex<double>> circle_kernel(double radius_wavenumber, std::size_t angles,
                                                std::size_t samples);

} // namespace raphson::optim::tools
