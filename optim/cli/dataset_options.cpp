#include "optim/cli/dataset_options.h"

#include "optim/data/image_transforms.h"

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
      ->check(CLI::Range(std::size_t{16}, std::size_t{1} << 20))
      ->excludes(sounds);
  app.add_option("--pool", data->pool, "Images averaged down to N x N pixels")
      ->type_name("N")
      ->check(CLI::Range(1, 1 << 14));
  return data;
}

} // namespace raphson::cli
