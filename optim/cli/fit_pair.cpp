#include "optim/cli/fit_pair.h"

#include "dsp/error.h"
#include "optim/cli/command.h"
#include "optim/cli/interrupt.h"
#include "optim/data/resample.h"
#include "optim/report/text.h"

#include <cmath>
#include <cstdlib>
#include <ctime>

namespace raphson::cli {
namespace {

using namespace raphson::optim;
using report::format_significant;

std::string now() {
  std::time_t seconds = std::time(nullptr);
  if (const char* epoch = std::getenv("SOURCE_DATE_EPOCH")) seconds = std::strtoll(epoch, nullptr, 10);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

} // namespace

Recordings read_recordings(const std::filesystem::path& dry, const std::filesystem::path& wet,
                           ProgressBar& bar) {
  bar.show("read", 0);
  Recordings r{dry, wet, data::read_audio(dry), data::read_audio(wet), {}};
  throw_if_interrupted();
  if (r.dry.sample_rate != r.wet.sample_rate) {
    bar.show("resample", 0);
    r.warnings.push_back("the wet recording was resampled from " + format_significant(r.wet.sample_rate, 9)
                         + " Hz to the dry one's " + format_significant(r.dry.sample_rate, 9) + " Hz");
    r.wet = data::resample(r.wet, r.dry.sample_rate);
    throw_if_interrupted();
  }
  return r;
}

match::MatchResult fit(Recordings& recordings, const match::MatchOptions& options, bool keep_partial,
                       ProgressBar& bar) {
  const auto observer = [&](const match::MatchProgress& progress) {
    const bool fitted = std::isfinite(progress.esr);
    bar.show(progress.phase, progress.fraction, fitted ? "ESR " + format_significant(progress.esr, 3) : "");
    if (!interrupted()) return Control::proceed;
    if (!keep_partial) throw Interrupted();
    return Control::cancel;
  };
  try {
    match::MatchResult result = match::match_in_place(recordings.dry, recordings.wet, options, observer);
    if (!keep_partial) throw_if_interrupted();
    result.warnings.insert(result.warnings.begin(), recordings.warnings.begin(), recordings.warnings.end());
    return result;
  } catch (const InputError& error) {
    throw InputError(recordings.dry_path.string() + ", " + recordings.wet_path.string() + ": "
                     + error.what());
  }
}

dsp::Provenance provenance(const Recordings& recordings, const match::MatchResult& result) {
  dsp::Provenance source;
  source.dry = recordings.dry_path.filename().string();
  source.wet = recordings.wet_path.filename().string();
  source.sample_rate = recordings.dry.sample_rate;
  source.esr = result.esr;
  source.delay_samples = result.alignment.delay_samples;
  source.polarity_inverted = result.alignment.inverted;
  source.date = now();
  source.program = program_version;
  return source;
}

std::string unit_name(const std::filesystem::path& dry) {
  std::string name = dry.stem().string();
  for (const char* ending : {"-dry", "_dry", " dry"})
    if (name.size() > 4 && name.ends_with(ending)) return name.substr(0, name.size() - 4);
  return name;
}

} // namespace raphson::cli
