#include "dsp/error.h"
#include "optim/data/json_vector.h"
#include "optim/tools/signals/fast_transform.h"

#include <nlohmann/json.hpp>

namespace raphson::optim::tools {
namespace {

using dsp::Field;
using Eigen::Index;
using nlohmann::json;

constexpr const char* format = "raphson-fast-transform";

Matrix factor_of(const Field& field) {
  constexpr int most = 1 << 16;
  Matrix m = Matrix::Zero(data::whole(field.at("rows"), 1, most), data::whole(field.at("columns"), 1, most));
  for (const Field& entry : field.at("entries").entries()) {
    const std::vector<Field> parts = entry.entries();
    if (parts.size() != 3) entry.fail("must be [row, column, value]");
    double& value = m(data::whole(parts[0], 0, static_cast<int>(m.rows()) - 1),
                      data::whole(parts[1], 0, static_cast<int>(m.cols()) - 1));
    if (value != 0) entry.fail("comes twice");
    value = parts[2].number(-data::largest_number, data::largest_number);
  }
  return m;
}

} // namespace

std::string to_json(const FastTransform& transform) {
  nlohmann::ordered_json text{{"format", format}, {"version", 1}, {"factors", json::array()}};
  for (std::size_t j = 0; j < transform.factors(); ++j) {
    const Matrix factor = transform.factor(j);
    nlohmann::ordered_json part{
        {"rows", factor.rows()}, {"columns", factor.cols()}, {"entries", json::array()}};
    for (Index r = 0; r < factor.rows(); ++r)
      for (Index c = 0; c < factor.cols(); ++c)
        if (factor(r, c) != 0) part["entries"].push_back({r, c, factor(r, c)});
    text["factors"].push_back(std::move(part));
  }
  return text.dump() + "\n";
}

FastTransform parse_fast_transform(std::string_view bytes, const std::string& name) {
  const dsp::Json json = dsp::parse_json(bytes, name);
  const Field root(json, name);
  if (const auto kind = root.find("format"); !kind || kind->text() != format)
    throw InputError(name + ": not a fast transform, its format is not \"" + format + "\"");
  root.at("version").number(1, 1);
  std::vector<Matrix> factors;
  for (const Field& factor : root.at("factors").entries()) factors.push_back(factor_of(factor));
  if (factors.empty()) root.at("factors").fail("must not be empty");
  return FastTransform(factors);
}

} // namespace raphson::optim::tools
