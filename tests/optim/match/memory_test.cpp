// A match takes the same memory beyond the recordings however long they are. Counts what operator new hands
// out.
#include "catch.h"
#include "dsp/chain/processor.h"
#include "optim/data/fractional_delay.h"
#include "optim/match/compressor_fit.h"
#include "optim/match/match.h"
#include "tests/optim/match/reference.h"

#include <atomic>
#include <cstdlib>
#include <malloc.h>
#include <new>
#include <string_view>

namespace {

std::atomic<std::size_t> held{0}, most{0};

void* counted(void* block) {
  if (block == nullptr) throw std::bad_alloc();
  const std::size_t now = held += malloc_usable_size(block);
  for (std::size_t before = most; before < now && !most.compare_exchange_weak(before, now);) {
  }
  return block;
}

void release(void* block) noexcept {
  if (block == nullptr) return;
  held -= malloc_usable_size(block);
  std::free(block);
}

} // namespace

void* operator new(std::size_t bytes) { return counted(std::malloc(bytes ? bytes : 1)); }
// Its own too, since under the address sanitizer it does not call the one above.
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  void* block = std::malloc(bytes ? bytes : 1);
  return block == nullptr ? nullptr : counted(block);
}
void operator delete(void* block) noexcept { release(block); }
void operator delete(void* block, std::size_t) noexcept { release(block); }

using namespace raphson;
using namespace raphson::optim;

namespace {

struct Recordings {
  data::Audio dry, wet;
};

/// What a compressor makes of bursts of noise, upside down and late by a fraction of a sample.
Recordings recordings(double seconds) {
  constexpr double sample_rate = 8000;
  Recordings r{{sample_rate, {}}, {sample_rate, {}}};
  r.dry.channels.push_back(match::programme(static_cast<std::size_t>(seconds * sample_rate), 3).dry);
  std::vector<float> wet(r.dry.frames());
  dsp::ChainProcessor(match::compressor_chain({-30, 4, 5, 100, -3}), sample_rate)
      .process(std::span<const float>(r.dry.channels[0]), std::span(wet));
  for (float& sample : wet) sample = -sample;
  r.wet.channels.push_back(data::fractional_delay(wet, 12.3));
  return r;
}

/// The most that a match holds at once beyond the recordings: until the search for starts begins, and from
/// then on.
struct Peaks {
  double alignment, fit;
};

Peaks peaks(double seconds) {
  Recordings r = recordings(seconds);
  match::MatchOptions options;
  options.threads = 2;
  options.held_out = false;
  const std::size_t before = held;
  most = before;
  double alignment = 0; // its Fourier transforms would hide what comes later
  const auto observer = [&](const match::MatchProgress& progress) {
    if (alignment == 0 && std::string_view(progress.phase) != "align") {
      alignment = static_cast<double>(most - before);
      most = held.load();
    }
    return Control::proceed;
  };
  const match::MatchResult result = match::match(r.dry, std::move(r.wet), options, observer);
  CHECK(result.esr < 0.01); // white noise reaches to Nyquist, where a fractional delay rolls off
  CHECK(result.alignment.inverted);
  CHECK(result.alignment.delay_samples == Approx(12.3).margin(0.01));
  return {alignment, static_cast<double>(most - before)};
}

} // namespace

TEST_CASE("Memory beyond the recordings does not grow with them", "[memory]") {
  // Both are long enough for all the chunks that a search looks at. A copy of one recording more would
  // be 3.84 MB.
  const Peaks shorter = peaks(120), longer = peaks(240);
  INFO("alignment " << shorter.alignment << " and " << longer.alignment << ", fit " << shorter.fit << " and "
                    << longer.fit << " bytes");
  REQUIRE(shorter.alignment > 0);
  CHECK(longer.alignment - shorter.alignment < 0.4e6);
  CHECK(longer.fit - shorter.fit < 0.4e6);
}
