#include "optim/nn/network_file.h"

#include "dsp/error.h"
#include "optim/data/read_file.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cmath>

namespace raphson::optim::nn {
namespace {

using Json = nlohmann::json;

constexpr const char* format = "raphson network";
constexpr int version = 1;
constexpr std::array tasks = {Task::classify, Task::regress, Task::autoencode};

std::vector<double> numbers(const Vector& v) { return {v.data(), v.data() + v.size()}; }

class Fields {
public:
  Fields(const Json& json, std::string where) : json_(json), where_(std::move(where)) {}

  const Json& at(const char* name) const {
    if (!json_.is_object() || !json_.contains(name)) fail(name, "is missing");
    return json_.at(name);
  }
  bool has(const char* name) const { return json_.is_object() && json_.contains(name); }
  Fields inside(const char* name) const { return {at(name), where_ + name + "."}; }
  template <class V> V get(const char* name, const char* what) const {
    try {
      return at(name).get<V>();
    } catch (const Json::exception&) {
      fail(name, std::string("is not ") + what);
    }
  }
  Vector vector(const char* name, Index size) const {
    const auto values = get<std::vector<double>>(name, "a list of numbers");
    if (static_cast<Index>(values.size()) != size)
      fail(name,
           "has " + std::to_string(values.size()) + " numbers, " + std::to_string(size) + " are needed");
    for (const double value : values)
      if (!std::isfinite(value)) fail(name, "holds a number that is not finite");
    return Eigen::Map<const Vector>(values.data(), size);
  }
  [[noreturn]] void fail(const char* name, const std::string& what) const {
    throw InputError(where_ + name + " " + what);
  }

private:
  const Json& json_;
  std::string where_;
};

NetworkFile parse(const Json& json, const std::string& file) {
  const Fields fields(json, file + ": ");
  if (fields.get<std::string>("format", "a word") != format)
    throw InputError(file + ": not a network file, its format is not \"" + format + "\"");
  if (fields.get<int>("version", "a number") != version)
    throw InputError(file + ": a network file of version " + fields.at("version").dump() + ", this reads "
                     + std::to_string(version));
  NetworkFile n;
  const Fields network = fields.inside("network");
  n.spec.widths = network.get<std::vector<Index>>("widths", "a list of numbers");
  n.spec.activation = activation_named(network.get<std::string>("activation", "a word"));
  n.task = task_named(fields.get<std::string>("task", "a word"));
  n.inputs = fields.get<std::vector<std::string>>("inputs", "a list of words");
  n.target = fields.get<std::string>("target", "a word");
  n.classes = fields.get<std::vector<std::string>>("classes", "a list of words");
  Layout layout;
  const Mlp mlp(layout, n.spec);
  if (!n.inputs.empty() && static_cast<Index>(n.inputs.size()) != n.spec.widths.front())
    fields.fail("inputs", "names " + std::to_string(n.inputs.size()) + " columns, the network has "
                              + std::to_string(n.spec.widths.front()) + " inputs");
  if (n.task == Task::classify && static_cast<Index>(n.classes.size()) != n.spec.widths.back())
    fields.fail("classes", "names " + std::to_string(n.classes.size()) + " classes, the network has "
                               + std::to_string(n.spec.widths.back()) + " outputs");
  if (fields.has("standardised")) {
    const Fields standardised = fields.inside("standardised");
    n.means = standardised.vector("means", n.spec.widths.front());
    n.deviations = standardised.vector("deviations", n.spec.widths.front());
  }
  const Fields parameters = fields.inside("parameters");
  n.parameters.resize(layout.size());
  for (const Layout::Entry& entry : layout.entries())
    n.parameters.segment(entry.block.offset, entry.block.shape.size()) =
        parameters.vector(entry.name.c_str(), entry.block.shape.size());
  return n;
}

} // namespace

const char* name_of(Task task) {
  switch (task) {
  case Task::classify:
    return "classify";
  case Task::regress:
    return "regress";
  case Task::autoencode:
    return "autoencode";
  }
  return "";
}

Task task_named(const std::string& name) {
  for (const Task task : tasks)
    if (name == name_of(task)) return task;
  throw InputError("unknown task '" + name + "', it is classify, regress or autoencode");
}

std::string to_json(const NetworkFile& n) {
  Layout layout;
  const Mlp mlp(layout, n.spec);
  if (n.parameters.size() != layout.size())
    throw InputError("a network of " + to_string(n.spec) + " has " + std::to_string(layout.size())
                     + " parameters, here are " + std::to_string(n.parameters.size()));
  Json parameters = Json::object();
  for (const Layout::Entry& entry : layout.entries())
    parameters[entry.name] = numbers(n.parameters.segment(entry.block.offset, entry.block.shape.size()));
  Json json = {{"format", format},
               {"version", version},
               {"network", {{"widths", n.spec.widths}, {"activation", name_of(n.spec.activation)}}},
               {"task", name_of(n.task)},
               {"inputs", n.inputs},
               {"target", n.target},
               {"classes", n.classes},
               {"parameters", std::move(parameters)}};
  if (n.means.size() > 0)
    json["standardised"] = {{"means", numbers(n.means)}, {"deviations", numbers(n.deviations)}};
  return json.dump() + "\n";
}

NetworkFile read_network(const std::filesystem::path& path) {
  const std::string file = path.string();
  Json json;
  try {
    json = Json::parse(data::read_file(path));
  } catch (const Json::exception&) {
    throw InputError(file + ": not a network file, it is not JSON");
  }
  try {
    return parse(json, file);
  } catch (const InputError& error) {
    const std::string text = error.what();
    throw InputError(text.starts_with(file) ? text : file + ": " + text);
  }
}

} // namespace raphson::optim::nn
