#include "optim/match/recordings.h"

#include "dsp/chain/processor.h"
#include "dsp/error.h"
#include "optim/data/resample.h"
#include "optim/engine/parallel.h"
#include "optim/report/text.h"

#include <cstdlib>
#include <ctime>

namespace raphson::optim::match {
namespace {

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

double energy(const std::vector<std::span<const float>>& channels, std::size_t from, std::size_t to) {
  double sum = 0;
  for (const auto& channel : channels)
    for (std::size_t n = from; n < to; ++n) sum += double(channel[n]) * double(channel[n]);
  return sum;
}

} // namespace

Recordings read_recordings(const std::filesystem::path& dry, const std::filesystem::path& wet,
                           const PhaseObserver& observer) {
  const auto tell = [&](const char* phase) {
    if (observer) observer(phase);
  };
  tell("read");
  Recordings r{dry, wet, data::read_audio(dry), data::read_audio(wet), {}};
  if (r.dry.sample_rate != r.wet.sample_rate) {
    tell("resample");
    r.warnings.push_back("the wet recording was resampled from " + format_significant(r.wet.sample_rate, 9)
                         + " Hz to the dry one's " + format_significant(r.dry.sample_rate, 9) + " Hz");
    r.wet = data::resample(r.wet, r.dry.sample_rate);
  }
  return r;
}

MatchResult match_in_place(Recordings& recordings, const MatchOptions& options,
                           const MatchObserver& observer) {
  try {
    MatchResult result = match_in_place(recordings.dry, recordings.wet, options, observer);
    result.warnings.insert(result.warnings.begin(), recordings.warnings.begin(), recordings.warnings.end());
    return result;
  } catch (const InputError& error) {
    throw InputError(recordings.dry_path.string() + ", " + recordings.wet_path.string() + ": "
                     + error.what());
  }
}

dsp::Provenance provenance(const Recordings& recordings, const MatchResult& result,
                           const std::string& program) {
  dsp::Provenance source;
  source.dry = recordings.dry_path.filename().string();
  source.wet = recordings.wet_path.filename().string();
  source.sample_rate = recordings.dry.sample_rate;
  source.esr = result.esr;
  source.delay_samples = result.alignment.delay_samples;
  source.polarity_inverted = result.alignment.inverted;
  source.date = now();
  source.program = program;
  return source;
}

std::string unit_name(const std::filesystem::path& dry) {
  std::string name = dry.stem().string();
  for (const char* ending : {"-dry", "_dry", " dry"})
    if (name.size() > 4 && name.ends_with(ending)) return name.substr(0, name.size() - 4);
  return name;
}

std::vector<std::vector<float>> render(const dsp::ChainSettings& chain, const Pair& pair,
                                       std::size_t threads) {
  std::vector<std::vector<float>> out(pair.dry.size());
  parallel_for(pair.dry.size(), threads, [&](std::size_t c, std::size_t) {
    out[c].resize(pair.frames());
    dsp::ChainProcessor(chain, pair.sample_rate).process(pair.dry[c], std::span<float>(out[c]));
  });
  return out;
}

Part loudest_part(const Pair& pair, double seconds) {
  const auto length = static_cast<std::size_t>(seconds * pair.sample_rate);
  const auto hop = static_cast<std::size_t>(pair.sample_rate);
  if (pair.scored_end - pair.scored_begin <= length) return {pair.scored_begin, pair.scored_end};
  std::size_t best = pair.scored_begin;
  double sum = energy(pair.dry, best, best + length), highest = sum;
  for (std::size_t from = best; from + hop + length <= pair.scored_end; from += hop) {
    sum += energy(pair.dry, from + length, from + length + hop) - energy(pair.dry, from, from + hop);
    if (sum > highest) {
      highest = sum;
      best = from + hop;
    }
  }
  return {best, best + length};
}

} // namespace raphson::optim::match
