#include "optim/tools/solvers/influence_model.h"

#include "dsp/error.h"
#include "dsp/model/json_field.h"
#include "optim/data/read_file.h"

#include <limits>

namespace raphson::optim::tools {
namespace {

using dsp::Field;
using dsp::Json;

constexpr double huge = std::numeric_limits<double>::max();

nn::RowNumbers row_numbers(const Field& field, std::size_t rows) {
  nn::RowNumbers numbers;
  for (const Field& entry : field.entries()) {
    numbers.push_back(static_cast<std::size_t>(entry.number(0, static_cast<double>(rows) - 1)));
    if (numbers.size() > 1 && numbers.back() <= numbers[numbers.size() - 2])
      entry.fail("row numbers must rise");
  }
  return numbers;
}

int whole(const Field& field, double low) { return static_cast<int>(field.number(low, 1e9)); }

} // namespace

std::string to_json(const InfluenceModel& model) {
  Json json = Json::parse(nn::to_json(model.network));
  const RestrictedTraining& t = model.training;
  json["unlearning"] = {{"alpha", t.alpha},           {"learning_rate", t.learning_rate},
                        {"batch_size", t.batch_size}, {"epochs", t.epochs},
                        {"patience", t.patience},     {"seed", t.seed},
                        {"rows", model.rows},         {"fingerprint", model.fingerprint},
                        {"held_out", model.held_out}, {"forgotten", model.forgotten}};
  return json.dump() + "\n";
}

InfluenceModel read_influence_model(const std::filesystem::path& path) {
  InfluenceModel model{.network = nn::read_network(path)};
  const std::string file = path.string();
  const Json json = dsp::parse_json(data::read_file(path), file);
  const Field top(json, file);
  const auto field = top.find("unlearning");
  if (!field)
    throw InputError(file
                     + ": the network does not say how it was trained; give one that "
                       "influence-unlearning train wrote");
  if (model.network.task != nn::Task::classify) throw InputError(file + ": the network is no classifier");
  RestrictedTraining& t = model.training;
  t.alpha = field->at("alpha").number(0, huge);
  t.learning_rate = field->at("learning_rate").number(0, huge);
  t.batch_size = static_cast<std::size_t>(whole(field->at("batch_size"), 1));
  t.epochs = whole(field->at("epochs"), 1);
  t.patience = whole(field->at("patience"), 1);
  t.seed = static_cast<std::uint64_t>(field->at("seed").number(0, 9e15));
  model.rows = static_cast<std::size_t>(field->at("rows").number(1, 1e15));
  model.fingerprint = field->at("fingerprint").text();
  model.held_out = row_numbers(field->at("held_out"), model.rows);
  model.forgotten = row_numbers(field->at("forgotten"), model.rows);
  return model;
}

} // namespace raphson::optim::tools
