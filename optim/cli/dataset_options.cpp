#include "optim/cli/dataset_options.h"

#include "dsp/error.h"
#include "optim/cli/number_checks.h"
#include "optim/data/csv.h"
#include "optim/data/folder.h"
#include "optim/data/image_transforms.h"

#include <algorithm>

namespace raphson::cli {

optim::data::Dataset DatasetArguments::read() const {
  optim::data::DatasetOptions chosen = options;
  chosen.sounds.features = optim::data::sound_features_of(sounds);
  if (frame_length > 0) {
    chosen.sounds.features = optim::data::Sounds::Features::frames;
    chosen.sounds.frame_length = frame_length;
  }
  const optim::data::Dataset dataset = optim::data::read_dataset(path, chosen);
  return pool == 0 ? dataset : optim::data::pool(dataset, pool, pool);
}

optim::data::Dataset DatasetArguments::read(const ModelColumns& model) const {
  DatasetArguments as_model = *this;
  auto& o = as_model.options;
  if (o.target.empty() && o.labels.empty()) o.target = model.target;
  if (!model.classes.empty()) o.classes = model.classes;
  if (optim::data::lower_case_extension(path) == ".csv") {
    const auto table = optim::data::read_csv(path);
    const auto has = [&](const std::string& column) { return table.has_column(column); };
    if (std::any_of(model.inputs.begin(), model.inputs.end(), has)) o.features = model.inputs;
  }
  optim::data::Dataset rows = as_model.read();
  if (rows.features.cols() != model.features)
    throw InputError(rows.name + ": " + std::to_string(rows.features.cols())
                     + " features a row, the model takes " + std::to_string(model.features));
  return rows;
}

std::shared_ptr<DatasetArguments> add_dataset_options(CLI::App& app) {
  auto data = std::make_shared<DatasetArguments>();
  app.add_option("DATA", data->path,
                 "CSV, NPY, IDX, a folder of PNG images or of recordings (sub-folders are classes), an index "
                 "of clips")
      ->required();
  app.add_option("--target", data->options.target, "Column of the table that is to be predicted")
      ->type_name("COLUMN");
  app.add_option("--labels", data->options.labels, "NPY, IDX or CSV with the target, where DATA has none")
      ->type_name("FILE");
  app.add_option("--leave-out", data->options.leave_out, "Columns of the table that are no features")
      ->delimiter(',')
      ->type_name("COLUMNS");
  auto* const sounds =
      app.add_option("--sounds", data->sounds, "Features of sounds: mfcc, simple, log-mel, log-spectrum")
          ->type_name("KIND")
          ->capture_default_str();
  app.add_option("--frames", data->frame_length,
                 "Sounds as the log spectra of frames of N samples, a row each")
      ->type_name("N")
      ->check(between(std::size_t{16}, std::size_t{1} << 20))
      ->excludes(sounds);
  app.add_option("--pool", data->pool, "Images averaged down to N x N pixels")
      ->type_name("N")
      ->check(between(1, 1 << 14));
  return data;
}

} // namespace raphson::cli
