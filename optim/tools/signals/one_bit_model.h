// A one-bit network as it is kept and run: signs packed eight a byte, one scale, a threshold a layer, and A.
//
//   bytes   "RaphsonOneBit", 3 zeros, version 1, m, n, L, prior (0 sparse, 1 none)      (32-bit each)
//           lambda, theta_1 ... theta_L                                                 (float)
//           A row by row                                                                (double)
//           of each layer a bit for every entry of A^T that is not zero, row by row, from the lowest bit of a
//           byte on, 1 for +; a layer begins with a byte of its own
//           fingerprint of all before it                                                (64-bit)
//
// all little-endian. Running it multiplies by A and once by lambda a layer and unknown; W is additions alone:
// z_i = x_i + lambda (sum over + of r_j - sum over - of r_j), r = y - A x.
#pragma once

#include "optim/tools/signals/one_bit_training.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace raphson::optim::tools {

struct OneBitModel {
  RowMatrix a = {};
  Prior prior = Prior::sparse;
  float scale = 0;
  std::vector<float> theta = {};
  std::vector<std::uint8_t> bits = {}; ///< of all layers

  std::size_t layers() const { return theta.size(); }
  std::size_t supported() const; ///< entries of A that are not zero
  std::size_t bytes_a_layer() const { return (supported() + 7) / 8; }
  /// As matrices, for what looks at them one by one.
  Unrolled expanded() const;
};

OneBitModel pack(const OneBitNetwork& network, const RowMatrix& a, Prior prior);

/// x of each row of y. Throws InputError for rows of another width than A's.
RowMatrix apply(const OneBitModel& model, const RowMatrix& y, std::size_t threads = 1);

std::string to_bytes(const OneBitModel& model);
/// Throws InputError, one line with the file's name, for anything that is not as above.
OneBitModel read_one_bit_model(const std::filesystem::path& path);

/// What is stored of a network with L matrices n x m, A aside.
struct Storage {
  double bits_a_link = 0; ///< of L n m links, those that are always zero included
  std::size_t bytes = 0;
};
/// (signs + 32 (L + 1)) / (L n m).
Storage one_bit_storage(const RowMatrix& a, std::size_t layers);
/// 32 bits a stored weight and threshold, on A's support or all.
Storage full_storage(const RowMatrix& a, std::size_t layers, bool dense);
/// log2 3 bits a weight, a scale a layer.
Storage ternary_storage(const RowMatrix& a, std::size_t layers);

} // namespace raphson::optim::tools
