#include "dsp/error.h"
#include "optim/tools/signals/fast_transform.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;
using nlohmann::json;

constexpr const char* format = "raphson-fast-transform";

Matrix factor_of(const json& file, const std::string& place) {
  const auto refuse = [&](const std::string& what) { throw InputError(place + ": " + what); };
  const auto size = [&](const char* field) {
    const json value = file.is_object() ? file.value(field, json()) : json();
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() < 1 || value.get<std::uint64_t>() > 1 << 16)
      refuse(std::string(field) + " is to be a whole number from 1 to 65536");
    return value.get<Index>();
  };
  Matrix m = Matrix::Zero(size("rows"), size("columns"));
  if (!file.contains("entries") || !file["entries"].is_array()) refuse("no list of entries");
  for (const json& entry : file["entries"]) {
    if (!entry.is_array() || entry.size() != 3 || !entry[0].is_number_unsigned()
        || !entry[1].is_number_unsigned() || !entry[2].is_number())
      refuse("an entry is to be [row, column, value]");
    const auto row = entry[0].get<Index>(), column = entry[1].get<Index>();
    if (row >= m.rows() || column >= m.cols())
      refuse("an entry at " + std::to_string(row) + ", " + std::to_string(column) + " of "
             + std::to_string(m.rows()) + " x " + std::to_string(m.cols()));
    m(row, column) = entry[2].get<double>();
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
  json file;
  try {
    file = json::parse(bytes);
  } catch (const json::exception&) {
    throw InputError(name + ": not JSON");
  }
  if (!file.is_object() || file.value("format", json()) != format || file.value("version", json()) != 1
      || !file.contains("factors") || !file["factors"].is_array() || file["factors"].empty())
    throw InputError(name + ": not a fast transform: \"format\": \"" + format
                     + "\", \"version\": 1 and \"factors\" expected");
  std::vector<Matrix> factors;
  for (const json& factor : file["factors"])
    factors.push_back(factor_of(factor, name + ", factor " + std::to_string(factors.size() + 1)));
  return FastTransform(factors);
}

} // namespace raphson::optim::tools
