#include "catch.h"
#include "dsp/error.h"
#include "plugin/plugin_fixture.h"

using Catch::Contains;
using raphson::InputError;
using raphson::test::Plugin;
using raphson::test::text_of;

namespace {
std::vector<std::string> names(Plugin& plugin) {
  std::vector<std::string> list;
  for (const auto& entry : plugin.processor.presets().list()) list.push_back(entry.name);
  return list;
}
} // namespace

TEST_CASE("The factory's presets load, and are the host's programs", "[plugin]") {
  Plugin plugin;
  auto& presets = plugin.processor.presets();
  CHECK(
      names(plugin)
      == std::vector<std::string>{"LA-2A", "Vocal", "Bass", "Drum bus", "Parallel", "Mastering", "Limiter"});
  CHECK(presets.current() == 0);
  CHECK_FALSE(presets.is_modified());
  for (int i = 0; i < 7; ++i) {
    presets.load(static_cast<std::size_t>(i));
    CHECK(presets.current() == i);
    CHECK(plugin.processor.getCurrentProgram() == i);
    CHECK_FALSE(presets.is_modified());
    CHECK(plugin.processor.getProgramName(i).toStdString() == names(plugin)[static_cast<std::size_t>(i)]);
  }
  CHECK(plugin.processor.getNumPrograms() == 7);
  plugin.processor.setCurrentProgram(4);
  CHECK(plugin.value("mix") == 35);
  CHECK(plugin.processor.getCurrentProgram() == 4);
  plugin.processor.setCurrentProgram(99);
  plugin.processor.setCurrentProgram(-1);
  CHECK(plugin.processor.getCurrentProgram() == 4);
  CHECK(plugin.processor.getProgramName(99) == "");
}

TEST_CASE("The program that is set already leaves the sound as it was edited", "[plugin]") {
  Plugin plugin;
  plugin.processor.setCurrentProgram(4);
  plugin.automate("mix", 80);
  plugin.processor.setCurrentProgram(4);
  CHECK(plugin.value("mix") == 80);
  CHECK(plugin.processor.presets().is_modified());
}

TEST_CASE("A program set from another thread comes with the next update", "[plugin]") {
  Plugin plugin;
  std::thread([&] { plugin.processor.setCurrentProgram(4); }).join();
  CHECK(plugin.value("mix") == 100);
  CHECK(plugin.processor.getCurrentProgram() == 4);
  plugin.processor.update();
  CHECK(plugin.value("mix") == 35);
}

TEST_CASE("A user's preset goes to the disk and comes back the same", "[plugin]") {
  Plugin plugin;
  auto& presets = plugin.processor.presets();
  plugin.automate("input_gain_db", -3.7);
  plugin.automate("knob1", 0.123);
  plugin.automate("knob2", 1);
  plugin.automate("ratio", 7.3);
  presets.save("Mine & ours (2)");
  CHECK(names(plugin).back() == "Mine & ours (2)");
  CHECK(presets.current() == 7);
  CHECK_FALSE(presets.is_modified());
  const std::string saved = plugin.state();
  presets.load(0);
  CHECK(plugin.state() != saved);
  presets.load(7);
  CHECK(plugin.state() == saved);
  plugin.automate("mix", 20);
  CHECK(presets.is_modified());

  raphson::plugin::Processor other(plugin.scratch / "presets");
  CHECK(other.presets().list().back().name == "Mine & ours (2)");
  presets.remove("Mine & ours (2)");
  CHECK(names(plugin).size() == 7);
  CHECK(presets.current() == -1);
  CHECK_THROWS_AS(other.presets().load(7), InputError);
}

TEST_CASE("Next and previous go round", "[plugin]") {
  Plugin plugin;
  auto& presets = plugin.processor.presets();
  presets.previous();
  CHECK(presets.current() == 6);
  presets.next();
  CHECK(presets.current() == 0);
  presets.next();
  CHECK(presets.current() == 1);
  plugin.processor.adopt_model({"No preset", raphson::dsp::parse_chain("eq"), {}, {}, {}, {}});
  CHECK(presets.current() == -1);
  presets.previous();
  CHECK(presets.current() == 6);
}

TEST_CASE("Presets never touch bypass and delta", "[plugin]") {
  Plugin plugin;
  plugin.automate("bypass", 1);
  plugin.automate("delta", 1);
  plugin.processor.presets().load(3);
  CHECK(plugin.value("bypass") == 1);
  CHECK(plugin.value("delta") == 1);
}

TEST_CASE("Names that cannot be files, or are the factory's, are refused", "[plugin]") {
  Plugin plugin;
  auto& presets = plugin.processor.presets();
  for (const char* name : {"", "../evil", "a/b", ".hidden", "line\nbreak", "ends. ", "what?", "Vocal"}) {
    INFO(name);
    CHECK_THROWS_AS(presets.save(name), InputError);
  }
  CHECK_THROWS_AS(presets.save(std::string(101, 'x')), InputError);
  CHECK_THROWS_WITH(presets.save("Vocal"), Contains("factory"));
  CHECK_THROWS_AS(presets.remove("Vocal"), InputError);
  CHECK_THROWS_AS(presets.remove("nobody's"), InputError);
  CHECK(names(plugin).size() == 7);
}

TEST_CASE("Files that are no presets are refused by name, and nothing changes", "[plugin]") {
  Plugin plugin;
  std::filesystem::create_directories(plugin.scratch / "presets");
  raphson::test::write(plugin.scratch / "presets/broken.json", "{\"format\": ");
  raphson::test::write(plugin.scratch / "presets/newer.json",
                       R"({"format": "raphson-preset", "version": 2, "name": "x", "model": "la2a"})");
  raphson::test::write(plugin.scratch / "presets/other.json",
                       R"({"format": "raphson-preset", "version": 1, "name": "x", "model": "1176"})");
  raphson::test::write(plugin.scratch / "presets/unrelated.txt", "no preset");
  auto& presets = plugin.processor.presets();
  presets.refresh();
  REQUIRE(names(plugin).size() == 10);
  const std::string before = plugin.state();
  CHECK_THROWS_WITH(presets.load(7), Contains("broken.json"));
  CHECK_THROWS_WITH(presets.load(8), Contains("version: 2 is newer"));
  CHECK_THROWS_WITH(presets.load(9), Contains("model: unknown \"1176\""));
  CHECK(plugin.state() == before);
}

TEST_CASE("A folder that cannot be written is told", "[plugin]") {
  ScratchFolder scratch;
  raphson::test::write(scratch / "file", "");
  raphson::plugin::Processor processor(scratch / "file" / "presets");
  CHECK_THROWS_WITH(processor.presets().save("Mine"), Contains("cannot make the folder"));
}
