#include "catch.h"
#include "dsp/error.h"
#include "optim/cli/dataset_options.h"
#include "optim/data/asset.h"

#include <vector>

using namespace raphson;
using namespace raphson::cli;
using Catch::Matchers::Contains;
using optim::data::asset;
using optim::data::Dataset;

namespace {

Dataset read(std::vector<std::string> arguments) {
  CLI::App app("a tool");
  const auto data = add_dataset_options(app);
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend()); // as CLI11 wants them
  app.parse(reversed);
  return data->read();
}

const std::string table = asset("models/la2a-published-parameters.csv").string();

} // namespace

TEST_CASE("A tool's data options reach the reader") {
  const Dataset classes = read({table, "--target", "mode"});
  CHECK(classes.size() == 26);
  CHECK(classes.class_names == std::vector<std::string>{"compress", "limit"});
  const Dataset numbers = read({table, "--target", "ratio", "--leave-out", "mode,peak_reduction"});
  CHECK(numbers.target.size() == 26);
  CHECK(numbers.features.cols() == 5);
  const Dataset images = read({asset("data/mnist/mnist-10k-images.idx3.gz").string(), "--labels",
                               asset("data/mnist/mnist-10k-labels.idx1.gz").string(), "--pool", "7"});
  CHECK(images.image_rows == 7);
  CHECK(images.classes() == 10);
  const std::string sound = asset("recordings/la2a-dry.flac").string();
  CHECK(read({sound, "--sounds", "simple"}).features.cols() == 5);
  CHECK(read({sound}).features.cols() == 26);
  CHECK(read({sound, "--frames", "512"}).features.cols() == 257);
}

TEST_CASE("A tool's data options that cannot be are refused") {
  CHECK_THROWS_AS(read({table, "--target", "colour"}), InputError);
  CHECK_THROWS_WITH(read({table, "--sounds", "colour"}), Contains("no features of sounds 'colour'"));
  CHECK_THROWS_WITH(read({table, "--leave-out", "mode", "--pool", "7"}), Contains("no images"));
  CHECK_THROWS_AS(read({}), CLI::RequiredError);
  CHECK_THROWS_AS(read({table, "--frames", "8"}), CLI::ValidationError);
  CHECK_THROWS_AS(read({table, "--frames", "512", "--sounds", "mfcc"}), CLI::ExcludesError);
}
