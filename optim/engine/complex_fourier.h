// Complex Fourier transforms along axes of arrays in C order, of any length, by plans that each thread keeps:
//   forward  X[k] = sum_n x[n] exp(-2 pi i k n / N),   inverse  x[n] = 1/N sum_k X[k] exp(2 pi i k n / N).
//
//   transform(volume, std::array{rows, columns, bins}, 1, Direction::forward); // over columns, in place
#pragma once

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace raphson::optim {

enum class Direction { forward, inverse };

/// In place, of one vector.
void transform(std::span<std::complex<double>> values, Direction direction);

/// In place, along one axis of an array of this shape. Throws InputError where sizes do not match.
void transform(std::span<std::complex<double>> array, std::span<const std::size_t> shape, std::size_t axis,
               Direction direction);

/// Along the last two axes: of every image of a stack.
void transform_images(std::span<std::complex<double>> images, std::size_t rows, std::size_t columns,
                      Direction direction);

/// Angular frequencies of the bins of n samples `step` apart: 2 pi (0, 1, ..., -2, -1) / (n step).
std::vector<double> angular_frequencies(std::size_t n, double step);

/// Real multiplications of a transform of n points, taken as a power of two: (n / 2) log2 n complex ones.
double transform_multiplications(double n);

} // namespace raphson::optim
