// Runs the program as a user does, and makes small recordings for it.
#pragma once

#include "dsp/chain/processor.h"
#include "optim/data/audio_file.h"

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

struct Finished {
  int code = -1; ///< 128 + the signal where one ended it
  std::string out, err;
};

struct RunOptions {
  std::optional<rlim_t> largest_file{};       ///< in bytes; a write beyond fails as on a full disk
  std::function<void(pid_t)> while_running{}; ///< called once after the start
};

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline Finished run_program(const std::vector<std::string>& arguments, const RunOptions& options = {}) {
  std::FILE *out = std::tmpfile(), *err = std::tmpfile();
  const pid_t child = fork();
  if (child == 0) {
    dup2(fileno(out), STDOUT_FILENO);
    dup2(fileno(err), STDERR_FILENO);
    if (options.largest_file) {
      const rlimit limit{*options.largest_file, *options.largest_file};
      setrlimit(RLIMIT_FSIZE, &limit);
    }
    std::vector<char*> argv{const_cast<char*>(RAPHSON_PROGRAM)};
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    execv(argv[0], argv.data());
    _exit(127);
  }
  if (options.while_running) options.while_running(child);
  int status = 0;
  waitpid(child, &status, 0);
  const auto contents = [](std::FILE* file) {
    std::string text;
    std::rewind(file);
    for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) text += static_cast<char>(c);
    std::fclose(file);
    return text;
  };
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), contents(out), contents(err)};
}

/// Every file and folder below, by its path.
inline std::set<std::string> listing(const std::filesystem::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) names.insert(entry.path());
  return names;
}

/// Noise whose level steps every 150 ms between -40 and -3 dBFS: what a compressor has to answer to.
inline raphson::optim::data::Audio stepped_noise(double seconds, double sample_rate, std::uint32_t seed = 1,
                                                 std::size_t channels = 1) {
  raphson::optim::data::Audio audio{sample_rate, {}};
  std::uint32_t state = seed * 2654435761u + 1;
  const auto uniform = [&state] {
    state = state * 1664525u + 1013904223u;
    return static_cast<double>(state >> 8) / 8388608.0 - 1;
  };
  const auto frames = static_cast<std::size_t>(seconds * sample_rate),
             step = static_cast<std::size_t>(0.15 * sample_rate);
  for (std::size_t c = 0; c < channels; ++c) {
    audio.channels.emplace_back(frames);
    double level = 0.5;
    for (std::size_t n = 0; n < frames; ++n) {
      if (n % step == 0) level = std::pow(10.0, (-21.5 + 18.5 * uniform()) / 20);
      audio.channels[c][n] = static_cast<float>(level * uniform());
    }
  }
  return audio;
}

/// threshold -30 dB, ratio 4, attack 4 ms, release 90 ms, make-up 6 dB, unless told otherwise.
inline raphson::dsp::ChainSettings test_compressor(double threshold_db = -30, double ratio = 4) {
  raphson::dsp::ChainSettings chain = raphson::dsp::parse_chain("compressor");
  chain.set_values(std::vector<double>{threshold_db, ratio, 4, 90, 6, 0, 0, 0});
  return chain;
}

inline raphson::optim::data::Audio compressed(const raphson::optim::data::Audio& dry,
                                              const raphson::dsp::ChainSettings& chain) {
  raphson::optim::data::Audio wet = dry;
  for (auto& channel : wet.channels)
    raphson::dsp::ChainProcessor(chain, dry.sample_rate)
        .process(std::span<const float>(channel), std::span<float>(channel));
  return wet;
}
