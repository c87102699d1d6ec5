#include "optim/tools/solvers/fast_ntk_model.h"

#include "dsp/error.h"
#include "dsp/model/json_field.h"
#include "optim/data/json_vector.h"
#include "optim/data/row_fingerprint.h"

#include <cmath>
#include <limits>

namespace raphson::optim::tools {
namespace {

using dsp::Field;
using dsp::Json;

constexpr const char* format = "raphson fast-ntk network";
constexpr double huge = data::largest_number;

Json lists(const std::vector<Vector>& vectors) {
  Json list = Json::array();
  for (const Vector& v : vectors) list.push_back(data::numbers(v));
  return list;
}

std::vector<std::string> words(const Field& field) {
  std::vector<std::string> list;
  for (const Field& entry : field.entries()) list.push_back(entry.text());
  return list;
}

std::vector<Vector> statistics(const Field& field, const std::vector<Index>& widths) {
  const auto entries = field.entries();
  if (entries.size() + 2 != widths.size())
    field.fail("has " + std::to_string(entries.size()) + " lists, the network has "
               + std::to_string(widths.size() - 2)
               + " hidden layers; each needs the frozen statistics of the pre-training data");
  std::vector<Vector> list;
  for (std::size_t i = 0; i < entries.size(); ++i) list.push_back(data::vector_of(entries[i], widths[i + 1]));
  return list;
}

Tuned tuned_of(const Field& field, const NormalisedNet& net) {
  Tuned tuned;
  tuned.options.trainable = trainable_named(field.at("train").text());
  const std::string loss = field.at("loss").text();
  if (loss != "squares" && loss != "cross-entropy") field.at("loss").fail("must be squares or cross-entropy");
  tuned.options.loss = loss == "squares" ? TuningLoss::squares : TuningLoss::cross_entropy;
  tuned.options.lambda = field.at("lambda").number(0, huge);
  tuned.options.learning_rate = field.at("learning_rate").number(0, huge);
  tuned.options.steps = static_cast<int>(field.at("steps").number(0, 1e9));
  tuned.rows = static_cast<std::size_t>(field.at("rows").number(0, 1e15));
  tuned.fingerprint = field.at("fingerprint").text();
  tuned.origin =
      data::vector_of(field.at("start"), NormalisedLayout(net.widths, tuned.options.trainable).size());
  return tuned;
}

} // namespace

std::string to_json(const FastNtkModel& model) {
  const NormalisedLayout layout(model.net.widths);
  Json json{
      {"format", format},
      {"version", 1},
      {"widths", model.net.widths},
      {"inputs", model.inputs},
      {"target", model.target},
      {"classes", model.classes},
      {"standardised",
       {{"means", data::numbers(model.scale.mean)}, {"deviations", data::numbers(model.scale.deviation)}}},
      {"frozen_means", lists(model.net.means)},
      {"frozen_variances", lists(model.net.variances)},
      {"parameters", data::numbers(model.net.parameters)}};
  if (model.tuned) {
    const Tuned& t = *model.tuned;
    json["tuned"] = {{"train", name_of(t.options.trainable)},
                     {"loss", t.options.loss == TuningLoss::squares ? "squares" : "cross-entropy"},
                     {"lambda", t.options.lambda},
                     {"learning_rate", t.options.learning_rate},
                     {"steps", t.options.steps},
                     {"rows", t.rows},
                     {"fingerprint", t.fingerprint},
                     {"start", data::numbers(t.origin)}};
  }
  return json.dump() + "\n";
}

FastNtkModel parse_fast_ntk_model(const std::string& text, const std::string& file) {
  const Json json = dsp::parse_json(text, file);
  const Field field(json, file);
  if (field.at("format").text() != format)
    field.at("format").fail("must be \"" + std::string(format) + "\", as pretrain and tune write it");
  field.at("version").number(1, 1);
  FastNtkModel model;
  for (const Field& width : field.at("widths").entries())
    model.net.widths.push_back(static_cast<Index>(width.number(1, 1e9)));
  if (model.net.widths.size() < 2) field.at("widths").fail("must have at least inputs and outputs");
  model.inputs = words(field.at("inputs"));
  model.target = field.at("target").text();
  model.classes = words(field.at("classes"));
  if (std::ssize(model.classes) != model.net.outputs())
    field.at("classes").fail("must be as many as outputs, " + std::to_string(model.net.outputs()));
  const Field scale = field.at("standardised");
  model.scale.mean = data::vector_of(scale.at("means"), model.net.widths.front());
  model.scale.deviation = data::vector_of(scale.at("deviations"), model.net.widths.front());
  model.net.means = statistics(field.at("frozen_means"), model.net.widths);
  model.net.variances = statistics(field.at("frozen_variances"), model.net.widths);
  model.net.parameters =
      data::vector_of(field.at("parameters"), NormalisedLayout(model.net.widths).all().size());
  if (const auto tuned = field.find("tuned")) model.tuned = tuned_of(*tuned, model.net);
  return model;
}

void check_tuning_rows(const FastNtkModel& model, const data::Dataset& rows) {
  if (!model.tuned) throw InputError("the model is a base that was not tuned; give what tune wrote");
  data::check_same_rows(rows, model.tuned->rows, model.tuned->fingerprint, "tuned");
}

} // namespace raphson::optim::tools
