// Near-field MIMO-SAR imaging from a hand-held scan, by the efficient multi-planar multistatic algorithm
// (EMPM): each sample is moved by one phase factor to where a single antenna on one plane z = Z_p would have
// measured, then gridded and imaged by planar Fourier transforms.
//   s_l(k) <- s_l(k) exp(-j k [2 d_l + (dx_l^2 + dy_l^2) / (4 Z_0)]),
// d_l = Z_p - z_l from the pair's midpoint to the plane, (dx, dy) between transmitter and receiver, Z_0 from
// the plane to the middle of the scene. Right where the scene is near broadside: what is left for a ray at
// angle phi is 2 k |d_l| (1 - cos phi). J. W. Smith, M. Torlak, IEEE Access 10 (2022).
//
// Data are exp(+j k (R_T + R_R)), [sample][wavenumber]; the scene lies at z above the plane. Metres, radians.
#pragma once

#include "optim/engine/wave_field.h"

#include <optional>

namespace raphson::optim::tools {

enum class Gridding { cell, kaiser }; // the mean of each cell, or a Kaiser-Bessel kernel over 4 x 4

struct SarOptions {
  double range = 0;                 // Z_0
  std::optional<double> plane = {}; // Z_p; the mean of z_l if absent
  double raster = 0;                // step of the cells; 0: a quarter of the shortest wavelength
  Gridding gridding = Gridding::cell;
  std::size_t transform = 0; // N_f; 0: twice the aperture and the extent, as a fast length
  double extent = 0.06;      // half width of the image about the aperture's middle
  bool window = false;       // Blackman-Harris over k_x, k_y
  bool compensate_planes = true, compensate_pairs = true;
  std::size_t threads = 1;
};

inline constexpr double sar_most_bytes = 8e9; // of a spectrum or a volume

/// The samples' spectrum over the raster at each wavenumber.
class SarSpectrum {
public:
  /// Throws InputError where sizes do not match, a value is not finite, all samples are at one place, the
  /// raster is coarser than the aperture or would exceed 4096^2, the extent is below a cell or wider than the
  /// largest transform, the spectrum would take more than 8 GB, or a sample lies beyond the scene.
  SarSpectrum(std::span<const std::complex<double>> data, std::span<const AntennaPair> pairs,
              const Wavenumbers& k, const SarOptions& options);

  /// One image a depth, exact in z: [depth][y][x].
  std::vector<std::complex<double>> slices(const std::vector<double>& depths) const;

  /// Depths from `first` to `last` by range migration: wavenumbers interpolated to a uniform grid of k_z.
  /// Throws InputError where they would take more than 8 GB.
  struct Volume {
    std::vector<double> z;
    std::vector<std::complex<double>> values; // [z][y][x]
    double multiplications = 0;
  };
  Volume migrate(double first, double last) const;

  /// Of the voxels of slices at these depths: [depth][y][x].
  std::vector<Point3> positions(const std::vector<double>& depths) const;
  const std::vector<double>& x() const { return x_; }
  const std::vector<double>& y() const { return y_; }
  double plane() const { return plane_; }
  double step() const { return step_; }
  std::size_t samples() const { return samples_; }    // that went into the raster, counted
  double filled() const { return filled_; }           // share of the aperture's cells that hold one
  double largest_gap() const { return largest_gap_; } // between filled cells along x or y, m
  /// Largest of 2 k |d| (1 - cos phi) over the extent.
  double largest_residual_phase() const { return residual_phase_; }
  double aperture_x() const { return aperture_x_; }
  double aperture_y() const { return aperture_y_; }
  double z_span() const { return z_span_; }
  /// Real ones, to the spectrum; of a slice.
  double spectrum_multiplications() const;
  double slice_multiplications() const;

private:
  void measure(std::span<const AntennaPair> pairs);
  void place();
  void grid(std::span<const std::complex<double>> data, std::span<const AntennaPair> pairs);
  void describe(std::span<const AntennaPair> pairs);
  double k_z(std::size_t iy, std::size_t ix, double k) const; // 0 where evanescent
  void crop(std::span<const std::complex<double>> image, std::span<std::complex<double>> cropped) const;

  Wavenumbers k_;
  SarOptions options_;
  std::size_t samples_ = 0, rows_ = 0, columns_ = 0, n_ = 0; // cells of the aperture; N_f
  double plane_ = 0, step_ = 0, x0_ = 0, y0_ = 0;
  double filled_ = 0, largest_gap_ = 0, residual_phase_ = 0, aperture_x_ = 0, aperture_y_ = 0, z_span_ = 0;
  std::vector<double> x_, y_;                  // of the image
  std::ptrdiff_t first_x_ = 0, first_y_ = 0;   // cells of their beginnings
  std::vector<double> k_x_;                    // of N_f bins
  std::vector<double> counts_;                 // per cell of the aperture
  std::vector<std::complex<double>> spectrum_; // [wavenumber][N_f][N_f]
};

/// Each sample times its phase factor.
void compensate(std::span<std::complex<double>> data, std::span<const AntennaPair> pairs,
                const Wavenumbers& k, const SarOptions& options, double plane);

/// Z_0 from the range profile of the samples, then from the strongest of the slices about it, between which
/// a parabola is laid.
double find_range(std::span<const std::complex<double>> data, std::span<const AntennaPair> pairs,
                  const Wavenumbers& k, const SarOptions& options);

/// c / (2 B).
double depth_resolution(const Wavenumbers& k);

/// The mean of the midpoints' z.
double mean_plane(std::span<const AntennaPair> pairs);

} // namespace raphson::optim::tools
