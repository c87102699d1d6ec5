#include "plugin/learn/learn_job.h"

#include "dsp/error.h"
#include "optim/engine/parallel.h"
#include "optim/match/recordings.h"

#include <algorithm>
#include <cmath>

namespace raphson::plugin {
namespace {

namespace match = optim::match;
using Buffers = std::vector<std::vector<float>>;

constexpr double excerpt_seconds = 20;

struct Cancelled {};

/// Of each channel, a vector or a span.
template <class Channels> Buffers cut(const Channels& channels, match::Part part) {
  Buffers out;
  for (const auto& channel : channels)
    out.emplace_back(channel.begin() + static_cast<std::ptrdiff_t>(part.begin),
                     channel.begin() + static_cast<std::ptrdiff_t>(part.end));
  return out;
}

Excerpt excerpt_of(const match::Pair& pair, const Buffers& clone) {
  const match::Part part = match::loudest_part(pair, excerpt_seconds);
  Excerpt excerpt{pair.sample_rate, cut(pair.dry, part), cut(pair.wet, part), cut(clone, part), {}};
  excerpt.difference = excerpt.clone;
  for (std::size_t c = 0; c < excerpt.wet.size(); ++c)
    std::transform(excerpt.clone[c].begin(), excerpt.clone[c].end(), excerpt.wet[c].begin(),
                   excerpt.difference[c].begin(), std::minus<float>());
  return excerpt;
}

} // namespace

LearnJob::~LearnJob() {
  cancel();
  wait();
}

void LearnJob::start(const std::filesystem::path& dry, const std::filesystem::path& wet,
                     match::MatchOptions options) {
  cancel();
  wait();
  if (options.threads == 0) options.threads = std::max<std::size_t>(1, optim::default_threads() - 1);
  cancel_ = false;
  {
    const std::lock_guard lock(mutex_);
    progress_ = {};
    progress_.esr = std::numeric_limits<double>::infinity();
    error_.clear();
    result_.reset();
  }
  state_ = State::running;
  thread_ = std::thread([=, this] { run(dry, wet, options); });
}

void LearnJob::cancel() { cancel_ = true; }

void LearnJob::wait() {
  if (thread_.joinable()) thread_.join();
}

LearnJob::Progress LearnJob::progress() const {
  const std::lock_guard lock(mutex_);
  return progress_;
}

std::string LearnJob::error() const {
  const std::lock_guard lock(mutex_);
  return error_;
}

std::shared_ptr<const LearnResult> LearnJob::result() const {
  const std::lock_guard lock(mutex_);
  return result_;
}

void LearnJob::run(const std::filesystem::path& dry, const std::filesystem::path& wet,
                   match::MatchOptions options) {
  try {
    auto result = std::make_shared<const LearnResult>(learn(dry, wet, options));
    {
      const std::lock_guard lock(mutex_);
      result_ = std::move(result);
    }
    show("done", 1);
    state_ = State::done;
  } catch (const Cancelled&) {
    state_ = State::cancelled;
  } catch (const std::exception& error) {
    {
      const std::lock_guard lock(mutex_);
      error_ = dynamic_cast<const std::bad_alloc*>(&error) ? "not enough memory for these recordings"
                                                           : error.what();
    }
    state_ = State::failed;
  }
}

LearnResult LearnJob::learn(const std::filesystem::path& dry, const std::filesystem::path& wet,
                            const match::MatchOptions& options) {
  match::Recordings recordings =
      match::read_recordings(dry, wet, [this](const char* phase) { show(phase, 0); });
  const auto observer = [this](const match::MatchProgress& now) {
    show(now.phase, now.fraction);
    const std::lock_guard lock(mutex_);
    progress_.iteration = now.iteration;
    progress_.esr = now.esr;
    if (std::isfinite(now.esr)) progress_.esr_trace.push_back(now.esr);
    return optim::Control::proceed;
  };
  match::MatchResult result = match::match_in_place(recordings, options, observer);
  show("listen", 1);
  const match::Pair pair =
      match::pair_of(recordings.dry, recordings.wet, result.scored_begin, result.scored_end);
  const Buffers clone = match::render(result.chain, pair, options.threads);
  dsp::Model model{match::unit_name(dry),
                   result.chain,
                   {},
                   {},
                   {},
                   match::provenance(recordings, result, "raphson " RAPHSON_VERSION)};
  std::vector<std::string> warnings = result.warnings;
  return {std::move(model), std::move(result), std::move(warnings), excerpt_of(pair, clone)};
}

/// Throws Cancelled where that was asked for.
void LearnJob::show(const std::string& phase, double fraction) {
  if (cancel_) throw Cancelled();
  const std::lock_guard lock(mutex_);
  progress_.phase = phase;
  progress_.fraction = fraction;
}

} // namespace raphson::plugin
