#include "optim/data/labels.h"

#include "dsp/error.h"

#include <algorithm>
#include <charconv>
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
  if (error != std::errc() || end != word.data() + word.size()) return {};
  return value;
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

void set_labels(Dataset& dataset, std::span<const std::string> words, const std::string& source) {
  check_count(dataset, words.size(), source);
  std::vector<std::string> names(words.begin(), words.end());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (std::all_of(names.begin(), names.end(), [](const auto& name) { return as_number(name).has_value(); }))
    std::stable_sort(names.begin(), names.end(),
                     [](const auto& a, const auto& b) { return *as_number(a) < *as_number(b); });
  std::map<std::string_view, int> number;
  for (std::size_t c = 0; c < names.size(); ++c) number[names[c]] = static_cast<int>(c);
  dataset.labels.clear();
  for (const std::string& word : words) dataset.labels.push_back(number.at(word));
  dataset.class_names = std::move(names);
}

} // namespace raphson::optim::data
