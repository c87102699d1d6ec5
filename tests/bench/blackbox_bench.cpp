// raphson_bench blackbox: compressors that other people wrote, each matched from what it does to a recording.
#include "tests/bench/bench.h"

#include "dsp/error.h"
#include "dsp/io/atomic_file.h"
#include "optim/match/match.h"
#include "tests/blackbox/targets.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sstream>

namespace raphson::bench {
namespace {

using namespace blackbox;
using optim::data::Audio;
using optim::report::Cell, optim::report::Table;

struct Target {
  const Plugin& plugin;
  const Setting& setting;
  const Recording& recording;
  std::string name() const { return plugin.name + "-" + setting.name + "-" + recording.name; }
};

std::vector<Target> targets_named(const std::string& part, const std::vector<Recording>& dry) {
  std::vector<Target> targets;
  for (const Plugin& plugin : plugins())
    for (const Setting& setting : plugin.settings)
      for (const Recording& recording : dry) {
        Target target{plugin, setting, recording};
        if (target.name().find(part) != std::string::npos) targets.push_back(target);
      }
  if (targets.empty()) throw InputError("--only: no target's name holds \"" + part + "\"");
  return targets;
}

std::string controls_text(const Target& target) {
  std::ostringstream text;
  for (const Controls& controls : {target.setting.controls, target.plugin.fixed})
    for (const auto& [name, value] : controls) text << (text.tellp() > 0 ? ", " : "") << name << " " << value;
  return text.str();
}

/// Nothing where the plugin cannot be had, which is said once.
std::optional<Audio> rendered(const Target& target) {
  static std::string said;
  try {
    return render(target.plugin, target.setting, target.recording.audio);
  } catch (const host::NotInstalled& error) {
    if (said != error.what())
      std::fprintf(stderr, "raphson_bench: left out: %s (package %s)\n", error.what(),
                   target.plugin.package.c_str());
    said = error.what();
    return std::nullopt;
  }
}

void write_targets(const std::vector<Target>& targets, const std::vector<Recording>& dry,
                   const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  for (const Recording& recording : dry)
    optim::data::write_audio(folder / (recording.name + "-dry.wav"), recording.audio);
  Table index{{{"plugin"}, {"setting"}, {"recording"}, {"dry"}, {"wet"}, {"controls"}}, {}};
  for (const Target& target : targets) {
    const std::optional<Audio> wet = rendered(target);
    if (!wet) continue;
    optim::data::write_audio(folder / (target.name() + ".wav"), *wet);
    index.rows.push_back({target.plugin.name, target.setting.name, target.recording.name,
                          target.recording.name + "-dry.wav", target.name() + ".wav", controls_text(target)});
  }
  dsp::write_file(folder / "index.csv", to_csv(index));
  std::printf("%zu targets and index.csv in %s\n", index.rows.size(), folder.string().c_str());
}

/// One row, at once, so that a run that is cut short leaves what it has; the ESR of the fit.
double match_and_print(const Target& target, Audio wet, const std::string& model) {
  std::printf("| %s | %s | %s |", target.plugin.name.c_str(), target.setting.name.c_str(),
              target.recording.name.c_str());
  double esr = INFINITY;
  try {
    optim::match::MatchOptions options;
    options.model = model;
    options.held_out = false;
    const auto began = std::chrono::steady_clock::now();
    const auto result = optim::match::match(target.recording.audio, std::move(wet), options);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began;
    esr = result.esr;
    std::printf(" %.2f | %.4f | %.5f | %s | %zu | %.1f |\n", result.alignment.delay_samples,
                result.esr_before, esr, to_string(result.chain).c_str(), result.parameters.size(),
                seconds.count());
  } catch (const InputError& error) {
    std::printf(" - | - | - | %s | - | - |\n", error.what());
  }
  std::fflush(stdout);
  return esr;
}

void match_targets(const std::vector<Target>& targets, const std::string& model) {
  std::printf(
      "| plugin | setting | recording | delay found, samples | ESR of the dry | ESR of the fit | model | "
      "parameters | seconds |\n| --- | --- | --- | ---: | ---: | ---: | --- | ---: | ---: |\n");
  std::vector<double> errors;
  for (const Target& target : targets)
    if (std::optional<Audio> wet = rendered(target))
      errors.push_back(match_and_print(target, std::move(*wet), model));
  if (errors.empty()) return;
  std::ranges::sort(errors);
  const double middle = (errors[(errors.size() - 1) / 2] + errors[errors.size() / 2]) / 2;
  const auto good = std::ranges::count_if(errors, [](double esr) { return esr < 0.002; });
  std::printf("\n%zu targets, model %s: ESR median %.5f, worst %.5f, below 0.002 in %.0f %%\n", errors.size(),
              model.c_str(), middle, errors.back(),
              100 * static_cast<double>(good) / static_cast<double>(errors.size()));
}

} // namespace

int blackbox(const Options& options) {
  const std::vector<Recording> dry = recordings();
  const std::vector<Target> targets = targets_named(options.only, dry);
  if (options.out) write_targets(targets, dry, *options.out);
  if (!options.out || options.model) match_targets(targets, options.model.value_or("compressor"));
  return 0;
}

} // namespace raphson::bench
