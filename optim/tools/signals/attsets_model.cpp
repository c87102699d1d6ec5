#include "optim/tools/signals/attsets_model.h"

#include "dsp/error.h"
#include "dsp/model/json_field.h"
#include "optim/data/json_vector.h"
#include "optim/data/read_file.h"
#include "optim/report/text.h"

#include <limits>

namespace raphson::optim::tools {
namespace {

using dsp::Field;
using dsp::Json;

constexpr const char* format = "raphson attsets";
constexpr double huge = data::largest_number;

Json json_of(const ImageSize& image) { return {image.rows, image.columns}; }

ImageSize image_of(const Field& field, Index values) {
  const auto sizes = field.entries();
  if (sizes.size() != 2) field.fail("must be two sizes");
  const Index rows = data::whole(sizes[0], 0, 1 << 24), columns = data::whole(sizes[1], 0, 1 << 24);
  if (rows * columns != 0 && rows * columns != values)
    field.fail("must be the sizes of " + std::to_string(values) + " values");
  return {static_cast<int>(rows), static_cast<int>(columns)};
}

} // namespace

SetModel::Result SetModel::operator()(const ViewSets& sets, Index most) const {
  if (sets.views.cols() != spec.inputs)
    throw InputError(sets.name + ": views of " + std::to_string(sets.views.cols())
                     + " features, the model was trained on " + std::to_string(spec.inputs));
  constexpr double farthest = 1e30; // above it squares in float are infinite
  if (const double largest = sets.views.cwiseAbs().maxCoeff(); largest > farthest * view_scale)
    throw InputError(sets.name + ": values up to " + report::format_significant(largest, 3)
                     + "; the model was trained on views of about "
                     + report::format_significant(view_scale, 3));
  const SetNetwork network(spec);
  const SetPredictor<float> predictor(network, parameters);
  const auto features = predictor.features(sets.views / view_scale);
  Result result{predictor.results(features, sets.bounds, most), {}};
  if (spec.binary)
    result.values = (1 + (-result.values.array()).exp()).inverse();
  else
    result.values = result.values.array() * target_scale + target_mean;
  if (spec.aggregation == Aggregation::attention)
    result.shares = predictor.shares(features, sets.bounds, most);
  return result;
}

std::string to_json(const SetModel& model) {
  const SetNetworkSpec& s = model.spec;
  return Json{{"format", format},
              {"version", 1},
              {"inputs", s.inputs},
              {"outputs", s.outputs},
              {"hidden", s.hidden},
              {"width", s.width},
              {"binary", s.binary},
              {"view_scale", model.view_scale},
              {"target_mean", model.target_mean},
              {"target_scale", model.target_scale},
              {"view_image", json_of(model.view_image)},
              {"target_image", json_of(model.target_image)},
              {"base", data::numbers(model.parameters.base)},
              {"attention", data::numbers(model.parameters.aggregation)}}
             .dump()
         + "\n";
}

SetModel read_set_model(const std::filesystem::path& path) {
  const std::string file = path.string();
  const Json json = dsp::parse_json(data::read_file(path), file);
  const Field root(json, file);
  if (const auto kind = root.find("format"); !kind || kind->text() != format)
    throw InputError(file + ": not a model of attsets, its format is not \"" + format + "\"");
  root.at("version").number(1, 1);
  SetModel m;
  m.spec = {.inputs = data::whole(root.at("inputs"), 1, 1 << 24),
            .outputs = data::whole(root.at("outputs"), 1, 1 << 24),
            .hidden = data::whole(root.at("hidden"), 1, 1 << 24),
            .width = data::whole(root.at("width"), 1, 1 << 24),
            .binary = root.at("binary").flag()};
  m.view_scale = root.at("view_scale").number(std::numeric_limits<double>::min(), huge);
  m.target_mean = root.at("target_mean").number(-huge, huge);
  m.target_scale = root.at("target_scale").number(std::numeric_limits<double>::min(), huge);
  m.view_image = image_of(root.at("view_image"), m.spec.inputs);
  m.target_image = image_of(root.at("target_image"), m.spec.outputs);
  const SetNetwork network(m.spec);
  m.parameters.base = data::vector_of(root.at("base"), network.base().size());
  m.parameters.aggregation = data::vector_of(root.at("attention"), network.aggregation().size());
  return m;
}

} // namespace raphson::optim::tools
