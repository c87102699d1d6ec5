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

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

TEST_CASE("A file appears whole at commit, or not at all") {
  const ScratchFolder scratch;
  {
    AtomicFile file(scratch / "a.txt");
    file.write("half");
    CHECK_FALSE(fs::exists(scratch / "a.txt"));
  }
  CHECK(fs::is_empty(scratch.path()));
  AtomicFile file(scratch / "a.txt");
  file.write("one ");
  file.write("two");
  file.commit();
  CHECK(read_file(scratch / "a.txt") == "one two");
  CHECK(std::distance(fs::directory_iterator(scratch.path()), {}) == 1);
}

TEST_CASE("Overwriting keeps permissions and follows links") {
  const ScratchFolder scratch;
  write_file(scratch / "a.txt", "old");
  fs::permissions(scratch / "a.txt", fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("a.txt", scratch / "link.txt");
  write_file(scratch / "link.txt", "new");
  CHECK(fs::is_symlink(scratch / "link.txt"));
  CHECK(read_file(scratch / "a.txt") == "new");
  CHECK(fs::status(scratch / "a.txt").permissions() == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("A name as long as the file system allows") {
  const ScratchFolder scratch;
  const std::string name(255, 'n');
  const std::string text("a\0b\n", 4);
  write_file(scratch / name, text);
  CHECK(read_file(scratch / name) == text);
}

TEST_CASE("Failures to write are one line") {
  const ScratchFolder scratch;
  write_file(scratch / "file", "x");
  CHECK_THROWS_WITH(write_file(scratch / "file" / "a", "x"), Contains("Not a directory"));
  CHECK_THROWS_WITH(write_file(scratch / "none" / "a", "x"),
                    Contains("there is no folder " + (scratch / "none").string()));
  CHECK_THROWS_WITH(write_file(scratch.path(), "x"), Contains("it is a folder"));
  CHECK_THROWS_WITH(write_file(scratch.path() / "", "x"), Contains("it is a folder"));
  CHECK_THROWS_WITH(write_file(scratch / std::string(256, 'n'), "x"), Contains("File name too long"));
  CHECK(std::distance(fs::directory_iterator(scratch.path()), {}) == 1);
  CHECK_THROWS_WITH(write_file("/dev/full", "x"), "cannot write /dev/full: No space left on device");
  CHECK_THROWS_AS(write_file("/dev/full", "x"), InputError);
  CHECK_NOTHROW(write_file("/dev/null", "x"));
  CHECK(fs::is_character_file("/dev/null"));

  AtomicFile file("/dev/full");
  CHECK_FALSE(file.try_write(std::as_bytes(std::span("x", 1))));
  CHECK_THROWS_AS(file.check(), InputError);
  CHECK_THROWS_AS(file.commit(), InputError);
}
