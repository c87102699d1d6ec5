// A user's images for completion models: grey levels in [0, 1] from IDX, NPY, PNG or sounds, and the groups
// that they belong to. Sounds become log-mel patches, -100 dB at 0 and full scale at 1.
#pragma once

#include "optim/data/dataset.h"
#include "optim/tools/solvers/completion_model.h"

#include <filesystem>
#include <string>
#include <vector>

namespace raphson::optim::tools {

struct ImageSource {
  std::filesystem::path path = {};
  std::filesystem::path labels = {}; ///< a file with the group of each, where it is not in the images
  std::string target = {};           ///< of an index of clips: the column that is the group
};

struct ImageSet {
  data::Dataset data; ///< labels are groups, where there are any
  bool sounds = false;
};

/// Also of one PNG file. Throws InputError where there are no images.
ImageSet read_images(const ImageSource& source);

/// Divides pixels by `scale`, averages to pool x pool pixels (0: as they are), and checks the range.
void prepare(ImageSet& images, int pool, double scale);

/// As a model takes them: its scale, and averaged down to its size where that divides theirs. Throws
/// InputError naming both sizes otherwise.
void prepare_for(const CompletionModel& model, ImageSet& images);

/// Groups from a CSV with columns image (a number from 1, or a file's name within a folder of PNG) and group;
/// images that it does not name are left out of the set. Throws InputError naming an image that is not there
/// or comes twice.
void set_groups(ImageSet& images, const ImageSource& source, const std::filesystem::path& groups);

/// Numbers of these groups. Throws InputError, beginning with `option`, with the list of those there are.
std::vector<int> groups_named(const ImageSet& images, const std::vector<std::string>& names,
                              const std::string& option);

} // namespace raphson::optim::tools
