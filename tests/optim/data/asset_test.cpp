#include "catch.h"
#include "dsp/error.h"
#include "optim/data/asset.h"
#include "scratch_folder.h"

#include <cstdlib>
#include <fstream>
#include <optional>

using namespace raphson;
using namespace raphson::optim::data;
using Catch::Matchers::Contains;

namespace {

/// RAPHSON_ASSETS for the length of a test.
class AssetsVariable {
public:
  explicit AssetsVariable(const std::string& value) {
    if (const char* const now = std::getenv("RAPHSON_ASSETS")) before_ = now;
    setenv("RAPHSON_ASSETS", value.c_str(), 1);
  }
  ~AssetsVariable() { before_ ? setenv("RAPHSON_ASSETS", before_->c_str(), 1) : unsetenv("RAPHSON_ASSETS"); }
  AssetsVariable(const AssetsVariable&) = delete;
  AssetsVariable& operator=(const AssetsVariable&) = delete;

private:
  std::optional<std::string> before_;
};

} // namespace

TEST_CASE("Assets are found in the tree, files and folders") {
  const AssetsVariable none("");
  CHECK(std::filesystem::file_size(asset("data/mnist/mnist-10k-labels.idx1.gz")) == 5113);
  CHECK(std::filesystem::is_directory(asset("data/fsdd")));
  CHECK(std::filesystem::is_regular_file(asset("models/la2a.raphson.json")));
  CHECK(asset_folders().size() == 2);
  CHECK(asset_folders().front().filename() == "raphson");
}

TEST_CASE("RAPHSON_ASSETS is the one place where it is set") {
  const ScratchFolder folder;
  const AssetsVariable here(folder.path().string());
  std::filesystem::create_directories(folder / "data");
  std::ofstream(folder / "data/mine.csv") << "a\n1\n";
  CHECK(asset("data/mine.csv") == folder / "data/mine.csv");
  CHECK_THROWS_AS(asset("data/fsdd/index.csv"), InputError);
  CHECK_THROWS_WITH(asset("data/fsdd/index.csv"),
                    Contains("cannot find data/fsdd/index.csv in " + folder.path().string())
                        && Contains("RAPHSON_ASSETS"));
}

TEST_CASE("A missing asset is named, with the folders that were looked in") {
  const AssetsVariable none("");
  CHECK_THROWS_WITH(asset("data/nothing.csv"), Contains("cannot find data/nothing.csv in ")
                                                   && Contains("/share/raphson or ") && Contains("/assets"));
}

TEST_CASE("What a program finds beside itself", "[.][installed-asset]") {
  CHECK(asset("data/mine.csv")
        == std::filesystem::canonical("/proc/self/exe").parent_path().parent_path()
               / "share/raphson/data/mine.csv");
}

TEST_CASE("An installed program finds its assets in ../share/raphson, whatever the folder is called") {
  const ScratchFolder prefix;
  std::filesystem::create_directories(prefix / "bin");
  std::filesystem::create_directories(prefix / "share/raphson/data");
  std::filesystem::copy("/proc/self/exe", prefix / "bin/program");
  const std::string run =
      "env -u RAPHSON_ASSETS " + (prefix / "bin/program").string() + " '[installed-asset]' >/dev/null 2>&1";
  CHECK(std::system(run.c_str()) != 0); // not there yet
  std::ofstream(prefix / "share/raphson/data/mine.csv") << "a\n1\n";
  CHECK(std::system(run.c_str()) == 0);
}
