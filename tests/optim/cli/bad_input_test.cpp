// Bad input: exit code 2, one line on stderr that says what and where, and no file left behind.
#include "program.h"

#include "../data/scratch_folder.h"
#include "catch.h"
#include "dsp/io/atomic_file.h"
#include "dsp/model/model_file.h"

#include <algorithm>
#include <limits>

namespace {

using namespace raphson;
using dsp::write_file;
using optim::data::Audio;
using optim::data::write_audio;

constexpr double rate = 16000;

bool is_one_line(const std::string& text) {
  return !text.empty() && std::count(text.begin(), text.end(), '\n') == 1 && text.back() == '\n';
}

/// Each of `words` must occur in the line.
void check_refused(const ScratchFolder& folder, const std::vector<std::string>& arguments,
                   const std::vector<std::string>& words, const RunOptions& options = {}) {
  const auto before = listing(folder.path());
  const Finished run = run_program(arguments, options);
  INFO("stderr: " << run.err << "stdout: " << run.out);
  CHECK(run.code == 2);
  CHECK(is_one_line(run.err));
  CHECK(run.err.starts_with("raphson: "));
  CHECK(run.out.empty());
  for (const std::string& word : words) {
    INFO("expected: " << word);
    CHECK(run.err.find(word) != std::string::npos);
  }
  CHECK(listing(folder.path()) == before);
}

/// A good pair, and a way to match with one of them replaced.
struct PairFolder : ScratchFolder {
  PairFolder() {
    dry = stepped_noise(3, rate);
    write_audio(*this / "dry.wav", dry);
    write_audio(*this / "wet.wav", compressed(dry, test_compressor()));
  }
  std::string name(const std::string& file) const { return (*this / file).string(); }
  std::vector<std::string> match(const std::string& dry_name, const std::string& wet_name) const {
    return {"match", name(dry_name), name(wet_name), "--out", name("out/deep")};
  }
  Audio dry;
};

std::string model_text() { return dsp::to_json({"test", test_compressor(), {}, {}, {}, {}}); }

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

} // namespace

TEST_CASE("a match refuses files that cannot be read") {
  const PairFolder folder;
  check_refused(folder, folder.match("dry.wav", "none.wav"), {folder.name("none.wav"), "No such file"});
  check_refused(folder, folder.match("none.wav", "wet.wav"), {folder.name("none.wav")});
  check_refused(folder, {"match", folder.path().string(), folder.name("wet.wav"), "--out", folder.name("o")},
                {folder.path().string(), "folder"});
  write_file(folder / "text.wav", "These are words, no samples.");
  check_refused(folder, folder.match("text.wav", "wet.wav"), {folder.name("text.wav"), "not audio"});
  write_file(folder / "empty.wav", "");
  check_refused(folder, folder.match("dry.wav", "empty.wav"), {folder.name("empty.wav")});
  write_file(folder / "zero.wav", float_wav({}, 1, 16000));
  check_refused(folder, folder.match("dry.wav", "zero.wav"), {folder.name("zero.wav"), "no samples"});
  if (geteuid() != 0) {
    std::filesystem::permissions(folder / "text.wav", std::filesystem::perms::none);
    check_refused(folder, folder.match("text.wav", "wet.wav"), {folder.name("text.wav"), "ermission"});
  }
}

TEST_CASE("a match refuses samples that are not finite") {
  const PairFolder folder;
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    std::vector<float> samples = folder.dry.channels[0];
    samples[1234] = bad;
    write_file(folder / "bad.wav", float_wav(samples, 1, 16000));
    check_refused(folder, folder.match("dry.wav", "bad.wav"), {folder.name("bad.wav"), "1234"});
  }
}

TEST_CASE("a match refuses recordings that say nothing") {
  const PairFolder folder;
  write_audio(folder / "short.wav", stepped_noise(0.5, rate));
  check_refused(folder, folder.match("short.wav", "wet.wav"), {folder.name("short.wav"), "0.50 s", "1.5 s"});
  check_refused(folder, folder.match("dry.wav", "short.wav"), {"wet recording lasts 0.50 s"});
  write_audio(folder / "silent.wav", Audio{rate, {std::vector<float>(48000)}});
  check_refused(folder, folder.match("silent.wav", "wet.wav"), {folder.name("silent.wav"), "dry", "silent"});
  check_refused(folder, folder.match("dry.wav", "silent.wav"), {folder.name("silent.wav"), "wet", "silent"});
  write_audio(folder / "other.wav", stepped_noise(3, rate, 77));
  check_refused(folder, folder.match("dry.wav", "other.wav"),
                {folder.name("other.wav"), "unrelated", "correlation is 0.0"});
  write_audio(folder / "three.wav", stepped_noise(3, rate, 1, 3));
  write_audio(folder / "two.wav", stepped_noise(3, rate, 1, 2));
  check_refused(folder, folder.match("two.wav", "three.wav"), {"2 channels", "3"});
  auto far = folder.match("dry.wav", "wet.wav");
  far.insert(far.end(), {"--delay", "30000"});
  check_refused(folder, far, {"overlap"});
}

TEST_CASE("a match refuses options that make no sense") {
  const PairFolder folder;
  const auto with = [&](const std::vector<std::string>& more) {
    auto arguments = folder.match("dry.wav", "wet.wav");
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  check_refused(folder, with({"--model", "tape"}), {"--model", "'tape'", "compressor+eq"});
  check_refused(folder, with({"--mode", "sideways"}), {"--mode", "sideways", "inverse"});
  check_refused(folder, with({"--starts", "0"}), {"--starts"});
  check_refused(folder, with({"--starts", "many"}), {"--starts", "many"});
  check_refused(folder, with({"--threads", "-1"}), {"--threads"});
  check_refused(folder, with({"--delay", "nan"}), {"--delay", "finite"});
  check_refused(folder, with({"--name", "a/b"}), {"--name", "a/b"});
  check_refused(folder, with({"--colour"}), {"unknown option --colour", "raphson match --help"});
  check_refused(folder, with({"third.wav"}), {"'third.wav'", "too many"});
  check_refused(folder, {"match", folder.name("dry.wav")}, {"WET", "raphson match --help"});
  check_refused(folder, {"mtach"}, {"unknown command 'mtach'", "raphson --help"});
  check_refused(folder, {"--colour"}, {"unknown option --colour"});
  check_refused(folder, {}, {"no command"});
}

TEST_CASE("a match does not start where its results could not be written") {
  const PairFolder folder;
  auto arguments = folder.match("dry.wav", "wet.wav");
  arguments.back() = folder.name("dry.wav/below"); // read-only for root, too
  check_refused(folder, arguments, {folder.name("dry.wav/below"), "Not a directory"});
  arguments.back() = folder.name("dry.wav");
  check_refused(folder, arguments, {folder.name("dry.wav")});
  if (geteuid() != 0) {
    std::filesystem::create_directory(folder / "locked");
    std::filesystem::permissions(folder / "locked", std::filesystem::perms::owner_read);
    arguments.back() = folder.name("locked");
    check_refused(folder, arguments, {folder.name("locked"), "ermission"});
  }
  write_audio(folder / "unit-clone.wav", folder.dry);
  check_refused(folder,
                {"match", folder.name("unit-clone.wav"), folder.name("wet.wav"), "--name", "unit", "--out",
                 folder.path().string()},
                {folder.name("unit-clone.wav"), "overwritten"});
}

TEST_CASE("a disk that is full in the end leaves nothing") {
  const PairFolder folder;
  auto arguments = folder.match("dry.wav", "wet.wav");
  arguments.insert(arguments.end(), {"--no-held-out", "--starts", "1"});
  check_refused(folder, arguments, {"cannot write", "File too large"}, {.largest_file = 20000});

  write_file(folder / "m.raphson.json", model_text());
  std::filesystem::create_symlink("/dev/full", folder / "full.wav");
  check_refused(folder,
                {"render", folder.name("m.raphson.json"), folder.name("dry.wav"), folder.name("full.wav")},
                {folder.name("full.wav"), "No space left"});
  check_refused(folder,
                {"render", folder.name("m.raphson.json"), folder.name("dry.wav"), folder.name("out.wav")},
                {folder.name("out.wav"), "File too large"}, {.largest_file = 20000});
}

TEST_CASE("a model file that is wrong is refused by every command that reads one") {
  const PairFolder folder;
  const std::string good = model_text(), model = folder.name("m.raphson.json");
  const auto refused = [&](const std::string& text, const std::vector<std::string>& words) {
    write_file(model, text);
    auto all = words;
    all.push_back(model);
    check_refused(folder, {"check", model}, all);
    check_refused(folder, {"info", model}, all);
    check_refused(folder, {"render", model, folder.name("dry.wav"), folder.name("out.wav")}, all);
    check_refused(folder,
                  {"knobs", model + "@1", model + "@2", "--knob", "Drive", "--out", folder.name("k.json")},
                  all);
  };
  refused(replaced(good, "\"version\": 1", "\"version\": 2"), {"version", "1"});
  refused(replaced(good, "\"ratio\":4.0,", ""), {"ratio", "missing"});
  refused(replaced(good, "\"ratio\":4.0", "\"ratio\":0.5"), {"ratio", "0.5", "1 to 100"});
  refused(good.substr(0, good.size() / 2), {"cut off"});
  refused("", {});
  refused("[1, 2, 3]", {});
  check_refused(folder, {"check", folder.name("none.json")}, {folder.name("none.json"), "o such file"});
}

TEST_CASE("render refuses what the model does not have") {
  const PairFolder folder;
  const std::string model = RAPHSON_SOURCE_DIR "/assets/models/la2a.raphson.json";
  const auto with = [&](const std::vector<std::string>& more, const std::string& out = "out.wav") {
    std::vector<std::string> arguments{"render", model, folder.name("dry.wav"), folder.name(out)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  check_refused(folder, with({"--knob", "drive=3"}), {"--knob", "'drive'", "peak_reduction"});
  check_refused(folder, with({"--knob", "peak_reduction=101"}), {"peak_reduction", "101", "40 to 100"});
  check_refused(folder, with({"--knob", "peak_reduction=nan"}), {"peak_reduction", "nan"});
  check_refused(folder, with({"--knob", "mode=expand"}), {"mode", "expand", "Compress, Limit"});
  check_refused(folder, with({"--set", "ratio"}), {"--set", "NAME=VALUE"});
  check_refused(folder, with({"--set", "ratio=0"}), {"ratio", "1 to 100"});
  check_refused(folder, with({"--set", "drive=1"}), {"--set", "'drive'", "threshold_db"});
  check_refused(folder, with({}, "out.mp7"), {folder.name("out.mp7")});
  check_refused(folder, with({}, "none/out.wav"), {folder.name("none/out.wav")});
  check_refused(folder, {"render", model, folder.name("none.wav"), folder.name("out.wav")},
                {folder.name("none.wav")});
}

TEST_CASE("measure refuses what does not compare") {
  const PairFolder folder;
  write_audio(folder / "fast.wav", stepped_noise(1, 44100));
  write_audio(folder / "two.wav", stepped_noise(1, rate, 1, 2));
  check_refused(folder, {"measure", folder.name("dry.wav"), folder.name("fast.wav")},
                {"16000 Hz", "44100 Hz"});
  check_refused(folder, {"measure", folder.name("dry.wav"), folder.name("two.wav")},
                {"dry.wav has 1", "two.wav has 2"});
  check_refused(folder, {"measure", folder.name("dry.wav"), folder.name("none.wav")},
                {folder.name("none.wav")});
}

TEST_CASE("knobs refuses positions that make no knob") {
  const PairFolder folder;
  const std::string dry = folder.name("dry.wav"), wet = folder.name("wet.wav"),
                    out = folder.name("k.raphson.json");
  const std::vector<std::string> ending{"--knob", "Drive", "--out", out};
  const auto with = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "knobs");
    arguments.insert(arguments.end(), ending.begin(), ending.end());
    return arguments;
  };
  check_refused(folder, with({}), {"--pair"});
  check_refused(folder, with({"--pair", "1", dry, wet}), {"two positions"});
  check_refused(folder, with({"--pair", "1", dry, wet, "--pair", "1", dry, wet}), {"position 1"});
  check_refused(folder, with({"--pair", "high", dry, wet, "--pair", "1", dry, wet}), {"--pair", "'high'"});
  check_refused(folder, with({"--pair", "1", dry}), {"--pair", "VALUE DRY WET"});
  check_refused(folder, {"knobs", "--pair", "1", dry, wet, "--out", out}, {"--knob is missing"});
  check_refused(folder, {"knobs", "--pair", "1", dry, wet, "--knob", "Drive"}, {"--out is missing"});
  check_refused(folder, with({"model.json"}), {"MODEL@VALUE"});
}

#ifndef RAPHSON_MPI
TEST_CASE("a build without MPI refuses to run as several ranks, once") {
  for (const char* rank : {"0", "1"}) {
    setenv("OMPI_COMM_WORLD_SIZE", "3", 1);
    setenv("OMPI_COMM_WORLD_RANK", rank, 1);
    const Finished run = run_program({"info", "none.raphson.json"});
    unsetenv("OMPI_COMM_WORLD_SIZE");
    unsetenv("OMPI_COMM_WORLD_RANK");
    CHECK(run.code == 2);
    CHECK(run.err
          == (*rank == '1'
                  ? ""
                  : "raphson: mpirun started this program 3 times, but this build knows no ranks: cmake "
                    "-DRAPHSON_MPI=ON makes one that does\n"));
  }
}
#endif
