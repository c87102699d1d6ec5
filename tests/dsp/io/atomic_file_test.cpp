#include "catch.h"
#include "dsp/error.h"
#include "dsp/io/atomic_file.h"
#include "optim/data/scratch_folder.h"

#include <fstream>
#include <iterator>

using namespace raphson;
using namespace raphson::dsp;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string refusal(const fs::path& path) {
  try {
    write_file_atomically(path, "text");
  } catch (const InputError& error) {
    return error.what();
  }
  return "none";
}

} // namespace

TEST_CASE("A file is replaced whole, through links, with its permissions", "[io]") {
  const ScratchFolder scratch;
  const std::string text("a\0b\n", 4);
  write_file_atomically(scratch / "a", text);
  CHECK(contents(scratch / "a") == text);
  fs::permissions(scratch / "a", fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("a", scratch / "link");
  write_file_atomically(scratch / "link", "new");
  CHECK(fs::is_symlink(scratch / "link"));
  CHECK(contents(scratch / "a") == "new");
  CHECK(fs::status(scratch / "a").permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  write_file_atomically(scratch / std::string(255, 'n'), "long name");
  CHECK(std::distance(fs::directory_iterator(scratch.path()), {}) == 3);
}

TEST_CASE("What cannot be written is refused, and nothing is left behind", "[io]") {
  const ScratchFolder scratch;
  CHECK_THAT(refusal(scratch.path()), Contains("it is a folder"));
  CHECK_THAT(refusal(scratch.path() / ""), Contains("it is a folder"));
  CHECK_THAT(refusal(scratch / "none/a"), Contains("there is no folder " + (scratch / "none").string()));
  CHECK_THAT(refusal(scratch / std::string(256, 'n')), Contains("File name too long"));
  CHECK(refusal("/dev/null") == "none");
  if (fs::exists("/dev/full")) CHECK_THAT(refusal("/dev/full"), Contains("No space left on device"));
  CHECK(fs::is_empty(scratch.path()));
}
