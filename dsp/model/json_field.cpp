#include "dsp/model/json_field.h"

#include "dsp/error.h"

#include <algorithm>
#include <cstdio>
#include <set>

namespace raphson::dsp {

std::string in_quotes(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

Json parse_json(std::string_view text, const std::string& file) {
  if (text.empty()) throw InputError(file + ": it is empty; a model file (JSON) is expected");
  std::vector<std::set<std::string>> names; // of the open objects
  std::string last = "the start";           // where the reader stands, for messages
  const auto listen = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) names.emplace_back();
    if (event == Json::parse_event_t::object_end) names.pop_back();
    if (event != Json::parse_event_t::key) return true;
    const auto& key = parsed.get_ref<const std::string&>();
    if (!names.back().insert(key).second)
      throw InputError(file + ": the field " + in_quotes(key) + " stands there twice");
    last = "the field " + in_quotes(key);
    return true;
  };
  try {
    return Json::parse(text.begin(), text.end(), listen);
  } catch (const Json::parse_error& error) {
    if (error.byte > text.size())
      throw InputError(file + ": cut off at byte " + std::to_string(text.size()) + ", after " + last);
    throw InputError(file + ": not JSON at byte " + std::to_string(error.byte) + ", after " + last);
  } catch (const Json::out_of_range&) {
    throw InputError(file + ": a number too large, after " + last + "; it must be finite");
  }
}

void Field::fail(const std::string& what) const {
  throw InputError(*file_ + ": " + (where_.empty() ? "" : where_ + ": ") + what);
}

void Field::fail_type(const char* wanted) const {
  const char* found = "null, as NaN and infinity are written,";
  if (json_->is_string()) found = "a text";
  if (json_->is_number()) found = "a number";
  if (json_->is_boolean()) found = "true or false";
  if (json_->is_array()) found = "a list";
  if (json_->is_object()) found = "an object";
  fail(std::string("it is ") + found + " and must be " + wanted);
}

std::optional<Field> Field::find(const std::string& key) const {
  if (!json_->is_object()) fail_type("an object");
  const auto found = json_->find(key);
  if (found == json_->end()) return {};
  return Field(*found, *file_, where_.empty() ? key : where_ + "." + key);
}

Field Field::at(const std::string& key) const {
  if (const auto field = find(key)) return *field;
  throw InputError(*file_ + ": " + (where_.empty() ? key : where_ + "." + key) + ": missing");
}

void Field::only(const std::vector<std::string>& keys, const char* kind) const {
  if (!json_->is_object()) fail_type("an object");
  for (const auto& entry : json_->items()) {
    if (std::find(keys.begin(), keys.end(), entry.key()) != keys.end()) continue;
    std::string known;
    for (const std::string& key : keys) known += (known.empty() ? "" : ", ") + key;
    fail(std::string("unknown ") + kind + " " + in_quotes(entry.key()) + "; known are " + known);
  }
}

std::vector<Field> Field::entries() const {
  if (!json_->is_array()) fail_type("a list");
  std::vector<Field> fields;
  for (std::size_t i = 0; i < json_->size(); ++i)
    fields.push_back(Field((*json_)[i], *file_, where_ + "[" + std::to_string(i) + "]"));
  return fields;
}

std::string Field::text() const {
  if (!json_->is_string()) fail_type("a text");
  return json_->get<std::string>();
}

bool Field::flag() const {
  if (!json_->is_boolean()) fail_type("true or false");
  return json_->get<bool>();
}

double Field::number(double minimum, double maximum, const std::string& unit) const {
  if (!json_->is_number()) fail_type("a number");
  const double value = json_->get<double>();
  if (!(value >= minimum && value <= maximum))
    fail(short_number(value) + " is outside " + short_number(minimum) + " to " + short_number(maximum)
         + (unit.empty() || unit == ":1" ? unit : " " + unit));
  return value;
}

} // namespace raphson::dsp
