// raphson capture signal | split: the recording to play through a unit, and what came back cut into pairs.
#include "dsp/error.h"
#include "dsp/io/atomic_file.h"
#include "optim/capture/signal.h"
#include "optim/capture/split.h"
#include "optim/capture/split_report.h"
#include "optim/cli/command.h"
#include "optim/cli/interrupt.h"
#include "optim/cli/output_folder.h"
#include "optim/cli/progress_bar.h"
#include "optim/data/audio_file.h"
#include "optim/report/table.h"
#include "optim/report/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>

namespace raphson::cli {
namespace {

using namespace raphson::optim;
using report::format_clock;
using report::format_fixed;

struct SignalCommand {
  capture::SignalOptions options;
  std::string format = "pcm24", name = "capture";
  std::vector<std::filesystem::path> append;
};

struct SplitCommand {
  std::filesystem::path plan, returned;
  std::vector<int> channels;
  bool partial = false;
  std::string name = "take";
};

void check_plain(const std::string& name) {
  if (name.empty() || name.find('/') != name.npos || name.starts_with("."))
    throw InputError("--name: '" + name + "' must be a plain name without folders; --out says where");
}

/// A result must never replace what it was made from.
void check_not_overwritten(const std::filesystem::path& output,
                           const std::vector<std::filesystem::path>& inputs) {
  for (const auto& input : inputs) {
    std::error_code code;
    if (std::filesystem::equivalent(output, input, code))
      throw InputError(input.string()
                       + " would be overwritten by the result: choose another --name or --out");
  }
}

data::SampleFormat sample_format(const std::string& name) {
  if (name == "pcm16") return data::SampleFormat::pcm16;
  return name == "pcm24" ? data::SampleFormat::pcm24 : data::SampleFormat::float32;
}

/// Of the first take; the others are the same.
report::Table part_table(const capture::Plan& plan) {
  report::Table table{{{"at", report::Align::right},
                       {"part"},
                       {"seconds", report::Align::right},
                       {"level (dBFS)", report::Align::right},
                       {"identifies"}},
                      {}};
  for (const capture::PlanPart& part : plan.parts) {
    if (part.take != 0) break;
    std::string level = part.loudest_dbfs ? format_fixed(*part.loudest_dbfs, 0) : "-";
    if (part.lowest_dbfs) level = format_fixed(*part.lowest_dbfs, 0) + " to " + level;
    table.rows.push_back({format_clock(plan.seconds(part.frame)),
                          part.kind + (part.file.empty() ? "" : " " + part.file),
                          report::Cell::fixed(plan.seconds(part.frames), 1), level, part.identifies});
  }
  return table;
}

void print(const capture::Plan& plan, const std::string& folder, const std::string& plan_name) {
  std::cout << plan.audio << ": " << format_clock(plan.seconds(plan.frames)) << ", " << plan.takes.size()
            << (plan.takes.size() == 1 ? " take" : " takes") << " and " << plan.marks.size() << " marks at "
            << format_fixed(plan.mark_dbfs, 0) << " dBFS\n\n"
            << to_text(part_table(plan)) << '\n';
  if (plan.takes.size() > 1) {
    std::cout << "Turn the knobs between the takes: ";
    for (std::size_t i = 1; i < plan.takes.size(); ++i)
      std::cout << (i > 1 ? ", " : "") << format_clock(plan.seconds(plan.takes[i - 1].end)) << " to "
                << format_clock(plan.seconds(plan.takes[i].begin));
    std::cout << '\n';
  }
  std::cout
      << "Play it through the unit, record what comes back from before its start to after its end, then\n"
      << "  raphson capture split " << plan_name << " RETURNED\nWritten: " << plan.audio << " and "
      << plan_name << " in " << folder << std::endl;
}

void run(const SignalCommand& command, const Common& common) {
  check_plain(command.name);
  const std::string audio_name = command.name + ".wav", plan_name = command.name + ".json";
  check_not_overwritten(common.out / audio_name, command.append);
  const InterruptGuard guard;
  ProgressBar bar(!common.quiet);
  std::vector<capture::Appended> appended;
  for (const auto& path : command.append)
    appended.push_back({path.filename().string(), data::read_audio(path)});
  bar.show("signal", 0);
  capture::Signal signal = capture::make_signal(command.options, appended);
  throw_if_interrupted();

  OutputFolder out(common.out);
  const std::filesystem::path audio_path = out.staging() / audio_name;
  const std::size_t clipped = data::write_audio(audio_path, signal.audio, sample_format(command.format));
  signal.plan.audio = audio_name;
  // Of the file, not of what was written: its format has rounded the samples.
  signal.plan.checksum = capture::checksum(data::read_audio(audio_path).channels);
  const std::string plan = to_json(signal.plan);
  dsp::write_file(out.staging() / plan_name, plan);
  throw_if_interrupted();
  out.commit();
  bar.clear();
  if (clipped > 0)
    warn(common, audio_name + ": " + std::to_string(clipped)
                     + " samples of the appended recordings lie above full scale and were clipped");
  if (common.json)
    std::cout << plan << std::flush;
  else if (!common.quiet)
    print(signal.plan, out.path().string(), plan_name);
}

std::string take_name(const std::string& name, std::size_t take, std::size_t takes, const char* side) {
  std::string number = std::to_string(take + 1);
  number.insert(0, std::to_string(takes).size() - number.size(), '0');
  return name + "-" + number + "-" + side + ".wav";
}

void run(const SplitCommand& command, const Common& common) {
  check_plain(command.name);
  const capture::Plan plan = capture::read_plan(command.plan);
  const std::filesystem::path played_path = command.plan.parent_path() / plan.audio;
  capture::SplitOptions options;
  options.partial = command.partial;
  for (const int channel : command.channels)
    options.channels.push_back(static_cast<std::size_t>(channel - 1));

  const InterruptGuard guard;
  ProgressBar bar(!common.quiet);
  bar.show("read", 0);
  const capture::Splitter splitter(plan, {data::read_audio(played_path), played_path.string()},
                                   {data::read_audio(command.returned), command.returned.string()}, options,
                                   [&](const char* phase, double fraction) {
                                     throw_if_interrupted();
                                     bar.show(phase, 0.7 * fraction);
                                   });
  capture::SplitReport report =
      report_of(splitter, command.plan.filename().string(), command.returned.filename().string());
  OutputFolder out(common.out);
  for (std::size_t i = 0; i < splitter.takes().size(); ++i) {
    throw_if_interrupted();
    bar.show("cut", 0.7 + 0.3 * static_cast<double>(i) / static_cast<double>(splitter.takes().size()));
    const capture::TakePair pair = splitter.cut(splitter.takes()[i]);
    const std::string dry = take_name(command.name, pair.take, plan.takes.size(), "dry"),
                      wet = take_name(command.name, pair.take, plan.takes.size(), "wet");
    for (const std::string& file : {dry, wet})
      check_not_overwritten(common.out / file, {played_path, command.returned});
    data::write_audio(out.staging() / dry, pair.dry, data::SampleFormat::float32);
    data::write_audio(out.staging() / wet, pair.wet, data::SampleFormat::float32);
    report.takes.push_back(report_of(pair, dry, wet));
  }
  write_split_report(out.staging(), report);
  throw_if_interrupted();
  for (const char* file : {"report.json", "report.html"})
    check_not_overwritten(common.out / file, {command.plan});
  out.commit();
  bar.clear();
  for (const std::string& warning : all_warnings(report)) warn(common, warning);
  if (common.json)
    std::cout << to_json(report) << std::flush;
  else if (!common.quiet)
    std::cout << to_text(take_table(report)) << "\nWritten: " << 2 * report.takes.size()
              << " recordings, report.html and report.json in " << out.path().string()
              << "\nNext: raphson match " << (out.path() / report.takes.front().dry_file).string() << " "
              << (out.path() / report.takes.front().wet_file).string() << std::endl;
}

constexpr const char* signal_footer =
    "Each take holds, between marks that split finds again:\n"
    "  noise_floor  silence: noise and hum\n"
    "  sweep        a quiet sweep: frequency response and gain below the threshold\n"
    "  steps        a tone in level steps: threshold, ratio, attack, release\n"
    "  bursts       short to long: attack, and release after each\n"
    "  ramp         a tone slowly up and down: static curve, threshold, ratio, knee\n"
    "  programme    noise as loud and quiet as speech: all of them together\n"
    "  recording    yours, by --append\n"
    "The plan, NAME.json, says where each begins.\n\nExample:\n  raphson capture signal --settings 3 --out "
    "session";

CLI::App* add_signal(CLI::App& app, Common& common, SignalCommand& c) {
  CLI::App* sub = app.add_subcommand("signal", "Write the recording to play through a unit, and its plan")
                      ->group("Commands");
  const auto number = [&](const char* name, double& value, const char* what, const char* unit) {
    sub->add_option(name, value, what)->type_name(unit)->capture_default_str();
  };
  number("--rate", c.options.sample_rate, "Sample rate", "HZ");
  sub->add_option("--format", c.format, "Of samples: pcm16, pcm24 or float32")
      ->check(CLI::IsMember({"pcm16", "pcm24", "float32"}))
      ->type_name("")
      ->capture_default_str();
  sub->add_option("--channels", c.options.channels, "1, or 2 for a stereo unit")
      ->type_name("N")
      ->capture_default_str();
  sub->add_option("--seed", c.options.seed, "Of the noise")->type_name("N")->capture_default_str();
  sub->add_option("--settings", c.options.takes, "Takes in a row, one for each setting of the unit's knobs")
      ->type_name("N")
      ->capture_default_str();
  number("--length", c.options.take_seconds, "Of one take, without --append", "SECONDS");
  number("--pause", c.options.pause_seconds, "Between takes, to turn the knobs", "SECONDS");
  number("--level", c.options.loudest_dbfs, "The loudest peak", "DBFS");
  number("--lowest", c.options.lowest_dbfs, "Where the slow ramp begins and ends", "DBFS");
  number("--sweep-level", c.options.sweep_dbfs, "Of the sweep; below the unit's threshold", "DBFS");
  sub->add_option("--append", c.append,
                  "A recording of your own to play as well, in each take; may be repeated")
      ->allow_extra_args(false)
      ->type_name("FILE");
  sub->add_option("--name", c.name, "Of the two files")->type_name("NAME")->capture_default_str();
  add_out(*sub, common);
  sub->footer(signal_footer);
  return sub;
}

CLI::App* add_split(CLI::App& app, Common& common, SplitCommand& c) {
  CLI::App* sub =
      app.add_subcommand("split", "Cut what came back into pairs of dry and wet, in time")->group("Commands");
  sub->add_option("PLAN", c.plan, "The plan that signal wrote, with its recording beside it")->required();
  sub->add_option("RETURNED", c.returned, "What came back from the unit: WAV, AIFF, FLAC or OGG")->required();
  sub->add_option("--channel", c.channels, "Of RETURNED, from 1, as many as were played; all unless given")
      ->check(between(1, 1024).description(""))
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("N");
  sub->add_flag("--partial", c.partial, "Cut the takes that are whole where others are not");
  sub->add_option("--name", c.name, "Of the pairs: NAME-1-dry.wav")->type_name("NAME")->capture_default_str();
  add_out(*sub, common);
  sub->footer("Example:\n  raphson capture split "
              "session/capture.json returned.wav --out session");
  return sub;
}

Action set_up(CLI::App& app, Common& common) {
  auto signal = std::make_shared<SignalCommand>();
  auto split = std::make_shared<SplitCommand>();
  app.require_subcommand(1);
  const CLI::App* signal_app = add_signal(app, common, *signal);
  add_split(app, common, *split);
  return [signal, split, signal_app, &common] {
    if (signal_app->parsed())
      run(*signal, common);
    else
      run(*split, common);
  };
}

const Registration registration{{"Sound matching", "capture",
                                 "Write a signal to play through a unit; split what returns", set_up,
                                 "signal --settings 3 --out session"}};

} // namespace
} // namespace raphson::cli
