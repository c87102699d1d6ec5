#include "optim/tools/signals/imaging_json.h"

#include "dsp/error.h"
#include "optim/data/read_file.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {

using nlohmann::json;

struct ImagingJson::File {
  std::string name;
  json content;

  const json& field(const char* key) const {
    if (!content.contains(key)) throw InputError(name + ": no field " + key);
    return content.at(key);
  }
};

ImagingJson::ImagingJson(const std::filesystem::path& path)
    : file_(std::make_unique<File>(File{path.string(), {}})) {
  try {
    file_->content = json::parse(data::read_file(path));
  } catch (const json::exception&) {
    refuse("not JSON");
  }
  if (!file_->content.is_object()) refuse("an object with named fields expected");
}
ImagingJson::~ImagingJson() = default;

void ImagingJson::refuse(const std::string& what) const { throw InputError(file_->name + ": " + what); }

bool ImagingJson::is_number(const char* field) const {
  return file_->content.contains(field) && file_->content.at(field).is_number();
}

double ImagingJson::number(const char* field) const {
  const json& value = file_->field(field);
  if (!value.is_number()) refuse(std::string(field) + " must be a number");
  return value.get<double>();
}

namespace {

bool is_list_of_numbers(const json& value) {
  return value.is_array() && !value.empty()
         && std::all_of(value.begin(), value.end(), [](const json& x) { return x.is_number(); });
}

} // namespace

std::vector<double> ImagingJson::numbers(const char* field) const {
  const json& value = file_->field(field);
  if (!is_list_of_numbers(value)) refuse(std::string(field) + " must be a list of numbers");
  return value.get<std::vector<double>>();
}

std::vector<std::vector<double>> ImagingJson::lists(const char* field, std::size_t length) const {
  const json& value = file_->field(field);
  const auto fits = [&](const json& x) { return is_list_of_numbers(x) && x.size() == length; };
  if (!value.is_array() || value.empty() || !std::all_of(value.begin(), value.end(), fits))
    refuse(std::string(field) + " must be a list of lists of " + std::to_string(length) + " numbers");
  return value.get<std::vector<std::vector<double>>>();
}

Wavenumbers ImagingJson::wavenumbers(double speed) const {
  if (!file_->content.contains("frequencies")) {
    const double count = number("count"), start = number("start_hz"), step = number("step_hz");
    if (!(count >= 2 && count <= 1e6 && count == std::floor(count)) || !(start > 0) || !(step > 0))
      refuse("start_hz and step_hz above 0 and a whole count from 2 on expected");
    return Wavenumbers::of_frequencies(start, step, static_cast<std::size_t>(count), speed);
  }
  const std::vector<double> f = numbers("frequencies");
  if (f.size() < 2) refuse("frequencies: two at least are needed");
  const double step = (f.back() - f.front()) / static_cast<double>(f.size() - 1);
  for (std::size_t i = 0; i < f.size(); ++i)
    if (!(step > 0) || !(f.front() > 0)
        || std::abs(f[i] - f.front() - step * static_cast<double>(i)) > 0.01 * step)
      refuse("frequencies must rise uniformly from above 0; number " + std::to_string(i) + " is "
             + std::to_string(f[i]) + " Hz, " + std::to_string(f.front() + step * static_cast<double>(i))
             + " expected");
  return Wavenumbers::of_frequencies(f.front(), step, f.size(), speed);
}

std::string shape_text(const std::vector<std::size_t>& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
  return text + ")";
}

} // namespace raphson::optim::tools
