// Classes of a Dataset, from numbers or from words.
#pragma once

#include "optim/data/dataset.h"

#include <span>
#include <string>
#include <vector>

namespace raphson::optim::data {

/// Classes that are numbers from 0 on already; class_names become "0" to the largest. Throws InputError,
/// naming `source`, where there are not as many as examples or one is negative.
void set_labels(Dataset& dataset, std::vector<int> labels, const std::string& source);

/// Classes by name, numbered in the order of the names, so that the order of the rows does not matter:
/// alphabetical, or by value where all are numbers ("2" before "10"; "1" and "1.0" are one class). Where
/// `known` classes are given, their order holds. Throws InputError where there are not as many as examples,
/// or one is none of the known ones.
void set_labels(Dataset& dataset, std::span<const std::string> words, const std::string& source,
                std::span<const std::string> known = {});

} // namespace raphson::optim::data
