// The hand-held scans of the experiment and its scenes.
#pragma once

#include "optim/engine/wave_field.h"

#include <Eigen/Core>

#include <cstdint>

namespace raphson::optim::tools {

struct ScanSettings {
  double z_span = 0.02;  // of the hand's distance, smooth over the scan, about z = 0
  double off_raster = 0; // positions uniformly off by as much in x and y
  std::uint64_t seed = 1;
};

struct Scan {
  Wavenumbers k;
  double wavelength = 0; // the shortest
  std::vector<Point3> positions;
  std::vector<Point3> tx, rx;             // offsets
  std::vector<AntennaPair> pairs() const; // [position][tx][rx]
};

/// 77 to 81 GHz in 32 steps.
Wavenumbers experiment_wavenumbers();

/// At experiment_wavenumbers(); 128 x 8 positions, a quarter of a wavelength apart in x and four in y;
/// receivers at 0 ... 3.5 wavelengths and transmitters at 4 and 8 along y.
Scan hand_scan(const ScanSettings& settings);

/// One antenna that sends and receives at each midpoint, on the plane z = `plane`.
std::vector<AntennaPair> planar_antennas(const std::vector<AntennaPair>& pairs, double plane);

/// Points of strength v where pixels are above the threshold, `pitch` apart about x = y = 0, the first row on
/// top (largest y).
std::vector<Scatterer> image_scene(const Eigen::MatrixXd& image, double pitch, double z,
                                   double threshold = 0.3);

/// Smooth noise over a rectangle that wraps around: white, times exp(-(i^2 + j^2) / 18) in the Fourier
/// domain; from -span / 2 to span / 2.
Eigen::MatrixXd smooth_field(Eigen::Index rows, Eigen::Index columns, double span, std::uint64_t seed);

} // namespace raphson::optim::tools
