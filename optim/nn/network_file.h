// A trained perceptron as a file, *.network.json, with all that predicting from a user's table needs:
//
//   {"format": "raphson network", "version": 1,
//    "network": {"widths": [4, 16, 3], "activation": "tanh"},
//    "task": "classify",                          or "regress", "autoencode"
//    "inputs": ["a", "b", "c", "d"],              names of the columns; [] where they have none
//    "standardised": {"means": [...], "deviations": [...]},      left out where inputs enter as they are
//    "target": "kind", "classes": ["x", "y", "z"],
//    "parameters": {"1.weight": [...], "1.bias": [...], ...}}    W row by row, inputs x outputs
//
// Numbers have the fewest digits that read back as the same.
#pragma once

#include "optim/nn/mlp.h"

#include <filesystem>
#include <string>
#include <vector>

namespace raphson::optim::nn {

enum class Task { classify, regress, autoencode };
const char* name_of(Task task);
Task task_named(const std::string& name); ///< throws InputError that lists the names

struct NetworkFile {
  MlpSpec spec = {};
  Task task = Task::classify;
  std::vector<std::string> inputs = {};
  Vector means = {}, deviations = {}; ///< of the inputs; empty where they enter as they are
  std::string target = {};
  std::vector<std::string> classes = {};
  Vector parameters = {}; ///< in the layout of Mlp(layout, spec)
};

std::string to_json(const NetworkFile& network);

/// Throws InputError, one line with the file's name and the field, for anything that is not as above.
NetworkFile read_network(const std::filesystem::path& path);

} // namespace raphson::optim::nn
