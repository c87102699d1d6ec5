// The data that comes with the program: recordings, models, small data sets (assets/README.md names each
// one's source and licence).
//
//   const std::filesystem::path images = asset("data/mnist/mnist-10k-images.idx3.gz");
//
// Where assets are: in the folder that RAPHSON_ASSETS in the environment names, and there alone if it is set;
// otherwise in ../share/raphson beside the folder of the running program, as installed; otherwise in assets/
// of the tree that the library was built from.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

namespace raphson::optim::data {

/// The file or folder of this name, relative to the folder of assets. Throws InputError, one line naming what
/// was looked for and where.
std::filesystem::path asset(std::string_view name);

/// The folders that asset() looks in, in order.
std::vector<std::filesystem::path> asset_folders();

} // namespace raphson::optim::data
