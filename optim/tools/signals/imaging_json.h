// What GEOMETRY.json and ARRAY.json of the imaging tools have in common. Everything throws InputError, one
// line naming the file and the field.
#pragma once

#include "optim/engine/wave_field.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace raphson::optim::tools {

class ImagingJson {
public:
  explicit ImagingJson(const std::filesystem::path& path);
  ~ImagingJson();

  [[noreturn]] void refuse(const std::string& what) const;
  bool is_number(const char* field) const;
  double number(const char* field) const;
  std::vector<double> numbers(const char* field) const;
  /// [[x, y], ...].
  std::vector<std::vector<double>> lists(const char* field, std::size_t length) const;
  /// "frequencies": [Hz, ...], uniform, or "start_hz", "step_hz" and "count".
  Wavenumbers wavenumbers(double speed) const;

private:
  struct File;
  std::unique_ptr<File> file_;
};

/// "(4, 2, 8)".
std::string shape_text(const std::vector<std::size_t>& shape);

} // namespace raphson::optim::tools
