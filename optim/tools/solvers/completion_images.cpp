#include "optim/tools/solvers/completion_images.h"

#include "dsp/error.h"
#include "optim/data/csv.h"
#include "optim/data/folder.h"
#include "optim/data/image_transforms.h"
#include "optim/data/labels.h"
#include "optim/data/png_image.h"
#include "optim/data/read_dataset.h"
#include "optim/data/split.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace raphson::optim::tools {

using Eigen::Index;

namespace {

namespace fs = std::filesystem;

bool is_png_folder(const fs::path& path) {
  std::error_code error;
  for (fs::recursive_directory_iterator at(path, error), end; !error && at != end; at.increment(error))
    if (at.depth() < 2 && data::lower_case_extension(at->path()) == ".png") return true;
  return false;
}

bool is_sounds(const fs::path& path) {
  if (fs::is_directory(path)) return !is_png_folder(path);
  const std::string extension = data::lower_case_extension(path);
  return extension != ".npy" && extension != ".gz" && !extension.starts_with(".idx")
         && !path.filename().string().ends_with("-ubyte");
}

// Natural logarithms of power, from the floor to full scale.
void to_unit(data::RowMatrix& log_mel) {
  const double floor = std::log(data::power_floor);
  log_mel = (1 - log_mel.array() / floor).cwiseMax(0).cwiseMin(1);
}

std::string size_of(const data::Dataset& images) {
  return std::to_string(images.image_rows) + " x " + std::to_string(images.image_columns);
}

// Numbers and, of a folder of PNG, names of all images.
std::map<std::string, std::size_t> names_of(const ImageSet& images, const fs::path& path) {
  std::map<std::string, std::size_t> names;
  for (std::size_t i = 0; i < images.data.size(); ++i) names.emplace(std::to_string(i + 1), i);
  if (!is_png_folder(path)) return names;
  const auto files = data::files_by_class(path, {".png"}, "PNG images");
  for (std::size_t i = 0; i < files.size(); ++i)
    names.emplace(fs::relative(files[i].path, path).generic_string(), i);
  return names;
}

} // namespace

ImageSet read_images(const ImageSource& source) {
  ImageSet images;
  if (data::lower_case_extension(source.path) == ".png") {
    const data::RowMatrix levels = data::grey_levels(data::read_png(source.path), source.path.string());
    images.data.name = source.path.string();
    images.data.image_rows = static_cast<int>(levels.rows());
    images.data.image_columns = static_cast<int>(levels.cols());
    images.data.features = Eigen::Map<const data::RowMatrix>(levels.data(), 1, levels.size());
    return images;
  }
  data::DatasetOptions options{
      .target = source.target, .labels = source.labels, .task = data::Task::classification};
  options.sounds.features = data::Sounds::Features::log_mel;
  images.data = data::read_dataset(source.path, options);
  if (images.data.image_rows == 0)
    throw InputError(source.path.string()
                     + ": no images; IDX, NPY of [image][row][column], PNG or recordings would be right");
  images.sounds = is_sounds(source.path);
  if (images.sounds) to_unit(images.data.features);
  return images;
}

void prepare(ImageSet& images, int pool, double scale) {
  if (!images.sounds) images.data.features /= scale;
  check_pixels(images.data.features, images.data.name);
  if (pool > 0) images.data = data::pool(images.data, pool, pool);
}

void prepare_for(const CompletionModel& model, ImageSet& images) {
  if (images.sounds != model.sounds)
    throw InputError(images.data.name + ": the model was trained on " + (model.sounds ? "sounds" : "images"));
  const int rows = model.region.image_rows(), columns = model.region.image_columns();
  if (images.data.image_rows % rows != 0 || images.data.image_columns % columns != 0)
    throw InputError(images.data.name + ": images of " + size_of(images.data) + " pixels, the model takes "
                     + std::to_string(rows) + " x " + std::to_string(columns));
  prepare(images, 0, model.scale);
  if (images.data.image_rows != rows || images.data.image_columns != columns)
    images.data = data::pool(images.data, rows, columns);
}

void set_groups(ImageSet& images, const ImageSource& source, const fs::path& groups) {
  const auto table = data::read_csv(groups);
  const auto names = names_of(images, source.path);
  std::vector<std::size_t> rows;
  std::vector<std::string> words;
  std::vector<bool> seen(images.data.size());
  for (std::size_t line = 0; line < table.rows(); ++line) {
    const std::string& name = table.text(line, "image");
    const auto found = names.find(name);
    const std::string where = groups.string() + ":" + std::to_string(line + 2) + ": image " + name;
    if (found == names.end())
      throw InputError(where + " is not in " + source.path.string() + ", which has images 1 to "
                       + std::to_string(images.data.size()));
    if (seen[found->second]) throw InputError(where + " comes twice");
    seen[found->second] = true;
    rows.push_back(found->second);
    words.push_back(table.text(line, "group"));
  }
  if (rows.empty()) throw InputError(groups.string() + ": it names no image");
  images.data.labels.clear();
  images.data = data::select_rows(images.data, rows);
  data::set_labels(images.data, words, groups.string());
}

std::vector<int> groups_named(const ImageSet& images, const std::vector<std::string>& names,
                              const std::string& option) {
  const auto& known = images.data.class_names;
  std::vector<int> numbers;
  for (const std::string& name : names) {
    const auto found = std::find(known.begin(), known.end(), name);
    if (found == known.end())
      throw InputError(option + " " + name + ": the groups are " + data::list_of(known));
    numbers.push_back(static_cast<int>(found - known.begin()));
  }
  return numbers;
}

} // namespace raphson::optim::tools
