// Reading JSON so that every refusal says which file, which field and what would be right. For the .cpp files
// of the library: this header alone brings in the JSON library.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace raphson::dsp {

using Json = nlohmann::json;

/// Throws InputError where the text is empty, no JSON or cut off (with the byte), holds a number too large
/// for a double, or names a field of an object twice.
Json parse_json(std::string_view text, const std::string& file);

/// In quotation marks, on one line whatever it holds.
std::string in_quotes(const std::string& text);
std::string short_number(double value);

/// A value in a file and the way to it. The JSON and the file's name must outlive it.
class Field {
public:
  Field(const Json& json, const std::string& file) : json_(&json), file_(&file) {}

  /// Throws InputError("FILE: chain[0].type: WHAT").
  [[noreturn]] void fail(const std::string& what) const;

  /// Of an object: a field, the field if it is there, and no others than these ("unknown KIND ...").
  Field at(const std::string& key) const;
  std::optional<Field> find(const std::string& key) const;
  void only(const std::vector<std::string>& keys, const char* kind = "field") const;

  std::vector<Field> entries() const; ///< of a list
  std::string text() const;
  bool flag() const;
  double number(double minimum, double maximum, const std::string& unit = "") const;

private:
  Field(const Json& json, const std::string& file, std::string where)
      : json_(&json), file_(&file), where_(std::move(where)) {}
  [[noreturn]] void fail_type(const char* wanted) const;

  const Json* json_;
  const std::string* file_;
  std::string where_;
};

} // namespace raphson::dsp
