#include "optim/data/labels.h"

#include "dsp/error.h"
#include "optim/data/folder.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

namespace raphson::optim::data {
namespace {

void check_count(const Dataset& dataset, std::size_t labels, const std::string& source) {
  if (labels != dataset.size())
    throw InputError(source + ": " + std::to_string(labels) + " labels for " + std::to_string(dataset.size())
                     + " examples of " + dataset.name);
}

std::optional<double> as_number(const std::string& word) {
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size() || !std::isfinite(value)) return {};
  return value;
}

/// Every name once: by value where all are numbers, otherwise in alphabetical order.
std::vector<std::string> names_in_order(std::span<const std::string> words) {
  std::vector<std::string> names(words.begin(), words.end());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (!std::all_of(names.begin(), names.end(), [](const auto& name) { return as_number(name).has_value(); }))
    return names;
  std::stable_sort(names.begin(), names.end(),
                   [](const auto& a, const auto& b) { return *as_number(a) < *as_number(b); });
  names.erase(std::unique(names.begin(), names.end(),
                          [](const auto& a, const auto& b) { return *as_number(a) == *as_number(b); }),
              names.end());
  return names;
}

} // namespace

void set_labels(Dataset& dataset, std::vector<int> labels, const std::string& source) {
  check_count(dataset, labels.size(), source);
  if (labels.empty()) throw InputError(source + ": no labels");
  constexpr int most = 1 << 20; // a label of two thousand million is no class, but a mistake
  const auto [least, largest] = std::minmax_element(labels.begin(), labels.end());
  if (*least < 0 || *largest > most)
    throw InputError(source + ": label " + std::to_string(*least < 0 ? *least : *largest)
                     + ", classes are whole numbers from 0 on");
  dataset.class_names.clear();
  for (int c = 0; c <= *largest; ++c) dataset.class_names.push_back(std::to_string(c));
  dataset.labels = std::move(labels);
}

void set_labels(Dataset& dataset, std::span<const std::string> words, const std::string& source,
                std::span<const std::string> known) {
  check_count(dataset, words.size(), source);
  std::vector<std::string> names(known.begin(), known.end());
  if (known.empty()) names = names_in_order(words);
  // "1" and "1.0" are one number, and so one class.
  std::map<std::string, int> of_word;
  std::map<double, int> of_number;
  for (std::size_t c = 0; c < names.size(); ++c) {
    of_word.emplace(names[c], static_cast<int>(c));
    if (const auto number = as_number(names[c])) of_number.emplace(*number, static_cast<int>(c));
  }
  dataset.labels.clear();
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto number = as_number(words[i]);
    const auto by_word = of_word.find(words[i]);
    const auto by_number = number ? of_number.find(*number) : of_number.end();
    if (by_word == of_word.end() && by_number == of_number.end())
      throw InputError(source + ": example " + std::to_string(i + 1) + " is of class '" + words[i]
                       + "', known are " + list_of(names));
    dataset.labels.push_back(by_word != of_word.end() ? by_word->second : by_number->second);
  }
  dataset.class_names = std::move(names);
}

} // namespace raphson::optim::data
