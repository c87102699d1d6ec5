#include "optim/tools/solvers/completion_model.h"

#include "dsp/error.h"
#include "dsp/model/json_field.h"
#include "optim/autodiff/operations/reduction.h"
#include "optim/autodiff/operations/softmax.h"
#include "optim/data/read_file.h"
#include "optim/engine/batches.h"
#include "optim/engine/fingerprint.h"

#include <cmath>
#include <limits>

namespace raphson::optim::tools {

using Eigen::Index;

namespace {

using dsp::Field;
using dsp::Json;

constexpr const char* format = "raphson completion model";

std::vector<Index> widths_between(Index first, const std::vector<Index>& hidden, Index last) {
  std::vector<Index> widths{first};
  widths.insert(widths.end(), hidden.begin(), hidden.end());
  widths.push_back(last);
  return widths;
}

Json json_of(const Part& part) {
  return {{"widths", part.widths()},
          {"parameters", std::vector<float>(part.parameters.begin(), part.parameters.end())}};
}

std::vector<Index> widths_of(const Field& field) {
  std::vector<Index> widths;
  for (const Field& width : field.entries()) widths.push_back(static_cast<Index>(width.number(1, 1e7)));
  if (widths.size() < 2) field.fail("must have at least inputs and outputs");
  return widths;
}

void read_part(const Field& field, Part& part) {
  if (widths_of(field.at("widths")) != part.widths())
    field.at("widths").fail("does not suit the other fields");
  const auto entries = field.at("parameters").entries();
  if (std::ssize(entries) != part.layout->size())
    field.at("parameters")
        .fail("has " + std::to_string(entries.size()) + " numbers, " + std::to_string(part.layout->size())
              + " are needed");
  constexpr double huge = std::numeric_limits<float>::max();
  part.parameters.resize(part.layout->size());
  for (std::size_t i = 0; i < entries.size(); ++i)
    part.parameters[static_cast<Index>(i)] = static_cast<float>(entries[i].number(-huge, huge));
}

} // namespace

CompletionModel::CompletionModel(const HiddenRegion& hidden_region, const std::vector<Index>& hidden,
                                 Index embedding)
    : region(hidden_region),
      encoder(widths_between(Index(region.image_rows()) * region.image_columns(), hidden, embedding),
              "encoder"),
      decoder(widths_between(embedding, {hidden.rbegin(), hidden.rend()},
                             Index(region.image_rows()) * region.image_columns()),
              "decoder") {}

std::string CompletionModel::decoder_fingerprint() const {
  return Fingerprint()
      .add(std::span<const float>(decoder.parameters.data(),
                                  static_cast<std::size_t>(decoder.parameters.size())))
      .hex();
}

data::RowMatrix CompletionModel::completions(const data::RowMatrix& masked) const {
  return (1 + (-decoder(embeddings(masked)).array()).exp()).inverse().cast<double>();
}

void check_pixels(const data::RowMatrix& images, const std::string& name) {
  if (images.size() == 0 || (images.minCoeff() >= 0 && images.maxCoeff() <= 1)) return;
  throw InputError(name + ": pixels from " + dsp::short_number(images.minCoeff()) + " to "
                   + dsp::short_number(images.maxCoeff())
                   + "; they must lie in [0, 1], and --scale divides them (255 for bytes)");
}

CompletionModel train_completion(const data::RowMatrix& images, const HiddenRegion& region,
                                 const CompletionTraining& o) {
  check_pixels(images, "images");
  CompletionModel model(region, o.hidden, o.embedding);
  if (images.rows() < 1) throw InputError("image-to-image-unlearning: no images to train on");
  if (images.cols() != model.encoder.widths().front())
    throw InputError("image-to-image-unlearning: images have " + std::to_string(images.cols())
                     + " pixels, the model takes " + std::to_string(model.encoder.widths().front()));
  const FloatRows all = images.cast<float>();
  model.encoder.initialise(o.seed);
  model.decoder.initialise(o.seed);
  PartsTrainer trainer({&model.encoder, &model.decoder}, o.learning_rate);
  RandomStream places(o.seed, "completion places");
  Batches batches(static_cast<std::size_t>(images.rows()), o.batch_size, o.seed, "completion training");
  for (int epoch = 1; epoch <= o.epochs; ++epoch) {
    double sum = 0;
    for (std::size_t b = 0; b < batches.batches_per_epoch(); ++b) {
      const FloatRows truth = rows_of(all, batches.next());
      FloatRows masked = truth;
      for (Index i = 0; i < masked.rows(); ++i) region.hide(masked.row(i), region.place(places));
      sum += trainer.step([&](Tape<float>& tape, const PartsWeights& w) {
        const Var<float> logits = model.decoder(w[1], model.encoder(w[0], on_tape(tape, masked)));
        return mean(binary_cross_entropy(logits, on_tape(tape, truth)));
      });
    }
    if (o.observer) o.observer(epoch, sum / static_cast<double>(batches.batches_per_epoch()));
  }
  return model;
}

std::string to_json(const CompletionModel& model) {
  return Json{{"format", format},
              {"version", 1},
              {"image", {model.region.image_rows(), model.region.image_columns()}},
              {"mask", model.region.text()},
              {"encoder", json_of(model.encoder)},
              {"decoder", json_of(model.decoder)},
              {"decoder_fingerprint", model.decoder_fingerprint()},
              {"scale", model.scale},
              {"sounds", model.sounds}}
             .dump()
         + "\n";
}

CompletionModel read_completion_model(const std::filesystem::path& path) {
  const std::string file = path.string();
  const Json json = dsp::parse_json(data::read_file(path), file);
  const Field field(json, file);
  if (field.at("format").text() != format)
    field.at("format").fail("must be \"" + std::string(format) + "\", as train writes it");
  field.at("version").number(1, 1);
  const auto size = field.at("image").entries();
  if (size.size() != 2) field.at("image").fail("must be [rows, columns]");
  const HiddenRegion region(field.at("mask").text(), static_cast<int>(size[0].number(1, 1e5)),
                            static_cast<int>(size[1].number(1, 1e5)));
  const auto widths = widths_of(field.at("encoder").at("widths"));
  CompletionModel model(region, {widths.begin() + 1, widths.end() - 1}, widths.back());
  read_part(field.at("encoder"), model.encoder);
  read_part(field.at("decoder"), model.decoder);
  if (field.at("decoder_fingerprint").text() != model.decoder_fingerprint())
    field.at("decoder_fingerprint")
        .fail("is not that of the decoder, which no tool changes: the file is damaged");
  model.scale = field.at("scale").number(1e-300, 1e300);
  model.sounds = field.at("sounds").flag();
  return model;
}

} // namespace raphson::optim::tools
