// raphson match under mpirun: the result of one process, and an end in good order whatever befalls a rank.
#include "../cli/program.h"

#include "../data/scratch_folder.h"
#include "catch.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace {

using namespace raphson;
using nlohmann::json;
using optim::data::Audio;
using optim::data::write_audio;
namespace fs = std::filesystem;

/// As root, on fewer cores than ranks, in a container: what Open MPI 4 and 5 want to be told for that.
void allow_everything() {
  for (const char* variable :
       {"OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "OMPI_MCA_rmaps_base_oversubscribe"})
    setenv(variable, "1", 1);
  setenv("PRTE_MCA_rmaps_default_mapping_policy", ":oversubscribe", 1);
  setenv("OMPI_MCA_btl_vader_single_copy_mechanism", "none", 1);
  setenv("SOURCE_DATE_EPOCH", "1000000000", 1);
}

/// mpirun with one or more groups of ranks, each a count and what it runs.
using Group = std::pair<int, std::vector<std::string>>;
Finished mpirun(const std::vector<Group>& groups, const RunOptions& options = {}) {
  std::vector<std::string> words{RAPHSON_MPIRUN};
  for (const auto& [count, command] : groups) {
    if (words.size() > 1) words.push_back(":");
    words.insert(words.end(), {"-n", std::to_string(count)});
    words.insert(words.end(), command.begin(), command.end());
  }
  return run_command(words, options);
}

struct Session {
  ScratchFolder folder;
  explicit Session(double seconds) {
    allow_everything();
    const Audio dry = stepped_noise(seconds, 16000);
    Audio wet = compressed(dry, test_compressor());
    std::uint32_t noise = 1; // at -60 dB, so that the fit has an end that is not 0
    for (float& x : wet.channels[0])
      x += 1e-3f * (static_cast<float>((noise = noise * 1664525u + 1013904223u) >> 8) / 8388608.0f - 1);
    write_audio(folder / "unit-dry.wav", dry);
    write_audio(folder / "wet.wav", wet);
  }
  std::vector<std::string> match(const std::string& out, const std::vector<std::string>& more = {},
                                 const std::string& program = RAPHSON_PROGRAM) const {
    std::vector<std::string> words{program,
                                   "match",
                                   (folder / "unit-dry.wav").string(),
                                   (folder / "wet.wav").string(),
                                   "--out",
                                   (folder / out).string(),
                                   "--threads",
                                   "1",
                                   "--starts",
                                   "1"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

/// A report without what the clock says.
json timeless(const std::string& text) {
  json report = json::parse(text);
  report.erase("seconds");
  return report;
}

/// The process of a rank whose command line has this word; 0 where there is none.
pid_t process_of(int rank, const std::string& word) {
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string command = read_text(entry.path() / "cmdline") + '\0';
    if (!command.starts_with(RAPHSON_PROGRAM) || command.find(word + '\0') == command.npos) continue;
    const std::string variables = '\0' + read_text(entry.path() / "environ");
    for (const char* name : {"OMPI_COMM_WORLD_RANK=", "PMI_RANK="})
      if (variables.find('\0' + (name + std::to_string(rank)) + '\0') != variables.npos)
        return std::stoi(entry.path().filename());
  }
  return 0;
}

/// Sends the signal to a rank as soon as the match can be resumed, and tells when.
std::chrono::steady_clock::time_point sent;
RunOptions signal_when_resumable(const fs::path& out, int rank, int signal) {
  return {.while_running = [=](pid_t) {
    for (int i = 0; i < 100000 && !fs::exists(out / "match-state.json"); ++i) usleep(200);
    const pid_t process = process_of(rank, out.string());
    sent = std::chrono::steady_clock::now();
    if (process > 0) kill(process, signal);
  }};
}

double seconds_since_sent() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - sent).count();
}

} // namespace

TEST_CASE("three ranks find what one process finds, to the bit, and write it once") {
  const bool equaliser = GENERATE(false, true);
  const std::string model = equaliser ? "compressor+eq" : "compressor";
  const Session session(equaliser ? 6 : 30); // the compressor's chunks fill several vector registers
  const std::vector<std::string> options{"--json", "--model", model, "--no-held-out"};
  const Finished one = run_command(session.match("one", options));
  REQUIRE(one.code == 0);
  const Finished three = mpirun({{3, session.match("three", options)}});
  INFO(three.err);
  REQUIRE(three.code == 0);
  CHECK(timeless(one.out) == timeless(three.out));
  CHECK(read_text(session.folder / "one/unit.raphson.json")
        == read_text(session.folder / "three/unit.raphson.json"));
  CHECK(read_text(session.folder / "one/unit-clone.wav")
        == read_text(session.folder / "three/unit-clone.wav"));
  CHECK(listing(session.folder / "one").size() == listing(session.folder / "three").size());
}

TEST_CASE("a rank that is killed ends the run with a line, and the match can be resumed") {
  const Session session(150);
  setenv("RAPHSON_ISA", "baseline", 1); // slow enough to be killed on the way
  const Finished whole = run_command(session.match("whole", {"--json", "--no-held-out"}));
  REQUIRE(whole.code == 0);
  const int victim = GENERATE(0, 1);
  const fs::path out = session.folder / "out";
  const Finished killed = mpirun({{3, session.match("out")}}, signal_when_resumable(out, victim, SIGKILL));
  INFO(killed.err);
  CHECK(killed.code != 0);
  CHECK(seconds_since_sent() < 10);
  CHECK(killed.out.empty());
  CHECK(killed.err.find("raphson: rank " + std::to_string(victim) + " of 3 died (process ")
        != std::string::npos);
  CHECK(killed.err.find("the same command with --resume goes on from " + (out / "match-state.json").string())
        != std::string::npos);
  CHECK_FALSE(fs::exists(out / "unit.raphson.json"));

  const std::vector<std::string> again = session.match("out", {"--json", "--no-held-out", "--resume"});
  const Finished resumed = victim == 0 ? run_command(again) : mpirun({{2, again}});
  INFO(resumed.err);
  REQUIRE(resumed.code == 0);
  CHECK_FALSE(fs::exists(out / "match-state.json"));
  const json a = json::parse(whole.out), b = json::parse(resumed.out);
  for (const auto& [name, parameter] : a["parameters"].items())
    CHECK(double(b["parameters"][name]["value"]) == Approx(double(parameter["value"])).epsilon(1e-5));
  CHECK(double(b["esr"]) == Approx(double(a["esr"])).epsilon(1e-6));
  unsetenv("RAPHSON_ISA");
}

TEST_CASE("a signal to one rank interrupts all, or ends them with the best so far") {
  const Session session(150);
  setenv("RAPHSON_ISA", "baseline", 1);
  const fs::path out = session.folder / "out";
  const Finished stopped = mpirun({{2, session.match("out")}}, signal_when_resumable(out, 1, SIGINT));
  INFO(stopped.err);
  CHECK(stopped.code == 130);
  CHECK(seconds_since_sent() < 10);
  CHECK(stopped.err.find("raphson: interrupted; the same command with --resume goes on from ")
        != std::string::npos);

  const Finished kept = mpirun({{2, session.match("kept", {"--keep-partial", "--json"})}},
                               signal_when_resumable(session.folder / "kept", 1, SIGINT));
  INFO(kept.err);
  CHECK(kept.code == 0);
  CHECK(json::parse(kept.out)["stop_reason"] == "cancelled");

  // What is not its own it leaves alone.
  write_audio(session.folder / "wet.wav", stepped_noise(150, 16000));
  const Finished other = run_command(session.match("out", {"--resume"}));
  CHECK(other.code == 2);
  CHECK(other.err.find("match-state.json: it belongs to another wet recording") != std::string::npos);
  unsetenv("RAPHSON_ISA");
}

TEST_CASE("ranks that are not alike are refused by name") {
  const Session session(3);
  const auto refused = [&](const std::vector<Group>& groups, const std::string& words) {
    const Finished run = mpirun(groups);
    INFO(run.err);
    CHECK(run.code == 2);
    CHECK(run.err.find(words) != std::string::npos);
    CHECK(run.out.empty());
    CHECK_FALSE(fs::exists(session.folder / "out"));
  };
  const Group rank0{1, session.match("out")};

  // A program that differs by a byte.
  const std::string other = (session.folder / "raphson").string();
  fs::copy_file(RAPHSON_PROGRAM, other);
  std::ofstream(other, std::ios::app) << '\n';
  refused({rank0, {1, session.match("out", {}, other)}},
          "raphson: rank 1 of 2 is another build than rank 0: raphson ");

  std::vector<std::string> lesser = session.match("out");
  lesser.insert(lesser.begin(), {"/usr/bin/env", "RAPHSON_ISA=baseline"});
#if defined(__x86_64__)
  refused({rank0, {1, lesser}}, "rank 1 of 2 uses baseline and rank 0 ");
#endif

  std::vector<std::string> missing = session.match("out");
  missing[2] = (session.folder / "nowhere.wav").string();
  refused({{2, session.match("out")}, {1, missing}}, "raphson: rank 2 of 3: cannot read " + missing[2]);

  write_audio(session.folder / "other.wav", compressed(stepped_noise(3, 16000), test_compressor(-20)));
  std::vector<std::string> another = session.match("out");
  another[3] = (session.folder / "other.wav").string();
  refused({rank0, {1, another}}, "raphson: rank 1 of 2 has another wet recording than rank 0: 16000 Hz");
  refused({rank0, {1, session.match("out", {"--no-held-out"})}}, "rank 1 of 2 has other options than rank 0");

  refused({{2, {RAPHSON_PROGRAM, "info", "none.raphson.json"}}}, "info runs as one process");
  refused({{2, {RAPHSON_PROGRAM, "match"}}}, "raphson: DRY is required: match DRY WET");
}
