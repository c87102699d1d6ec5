// raphson check MODEL...: silence where the files are good, one line where one is not.
#include "dsp/model/model_file.h"
#include "optim/cli/command.h"

#include <nlohmann/json.hpp>

#include <iostream>

namespace raphson::cli {
namespace {

Action set_up(CLI::App& app, Common& common) {
  auto models = std::make_shared<std::vector<std::filesystem::path>>();
  app.add_option("MODEL", *models, "Model files, *.raphson.json")->required();
  return [models, &common] {
    for (const auto& path : *models) dsp::read_model(path);
    if (common.json) std::cout << nlohmann::json{{"valid", true}}.dump(2) << std::endl;
  };
}

const Registration registration{{"Models", "check", "Say what is wrong with a model file, if anything",
                                 set_up, "assets/models/la2a.raphson.json"}};

} // namespace
} // namespace raphson::cli
