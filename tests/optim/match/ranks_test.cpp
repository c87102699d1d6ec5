// A match on several ranks is the match of one, to the bit; failures and wishes of one rank reach all. The
// ranks here are threads of this process; tests/optim/ranks has the program under mpirun.
#include "../cli/stepped_noise.h"
#include "catch.h"
#include "dsp/error.h"
#include "optim/engine/ranks.h"
#include "optim/match/match.h"

#include <algorithm>
#include <atomic>
#include <barrier>
#include <cmath>
#include <memory>
#include <thread>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::match;

namespace {

/// What the threads share: each leaves its message, and all add up all of them in another order.
struct Meeting {
  explicit Meeting(int ranks) : barrier(ranks), messages(ranks), texts(ranks), failed(ranks), wishes(ranks) {}
  std::barrier<> barrier;
  std::vector<std::vector<double>> messages;
  std::vector<std::string> texts;
  std::vector<char> failed, wishes;
};

class ThreadRanks : public Ranks {
public:
  ThreadRanks(Meeting& meeting, int rank) : meeting_(meeting), rank_(rank) {}
  int size() const override { return static_cast<int>(meeting_.texts.size()); }
  int rank() const override { return rank_; }
  void sum(std::span<double> values, std::uint64_t) override {
    meeting_.messages[rank_].assign(values.begin(), values.end());
    meet();
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = 0;
      for (int r = size() - 1; r >= 0; --r) values[i] += meeting_.messages[r].at(i);
    }
    meeting_.barrier.arrive_and_wait();
    ++sums;
  }
  std::vector<std::string> exchange(const std::string& mine) override {
    meeting_.texts[rank_] = mine;
    meet();
    const auto all = meeting_.texts;
    meeting_.barrier.arrive_and_wait();
    return all;
  }
  void fail(std::exception_ptr error) override { failure_ = error; }
  bool agree_to_cancel(bool wish) override {
    wish_ = wish_ || wish;
    return cancelled_;
  }
  int sums = 0;

private:
  void meet() {
    meeting_.failed[rank_] = failure_ != nullptr;
    meeting_.wishes[rank_] = wish_;
    meeting_.barrier.arrive_and_wait();
    const auto first = std::find(meeting_.failed.begin(), meeting_.failed.end(), 1);
    const bool any = first != meeting_.failed.end();
    const auto failed = static_cast<int>(first - meeting_.failed.begin());
    cancelled_ = std::count(meeting_.wishes.begin(), meeting_.wishes.end(), 1) > 0;
    if (!any) return;
    meeting_.barrier.arrive_and_wait();
    if (failure_) std::rethrow_exception(failure_);
    throw PeerFailed(failed);
  }

  Meeting& meeting_;
  int rank_;
  std::exception_ptr failure_;
  bool wish_ = false, cancelled_ = false;
};

struct OnRanks {
  std::vector<MatchResult> results;
  std::vector<std::string> errors;
  std::vector<int> sums;
};

/// The match on `count` ranks, rank r with observers[r] where there is one.
OnRanks match_on(int count, const data::Audio& dry, const data::Audio& wet, const MatchOptions& options,
                 const std::vector<MatchObserver>& observers = {}) {
  Meeting meeting(count);
  OnRanks all{std::vector<MatchResult>(count), std::vector<std::string>(count), std::vector<int>(count)};
  std::vector<std::thread> threads;
  for (int r = 0; r < count; ++r)
    threads.emplace_back([&, r] {
      ThreadRanks ranks(meeting, r);
      MatchOptions own = options;
      own.ranks = &ranks;
      own.threads = 1;
      try {
        const auto i = static_cast<std::size_t>(r);
        all.results[r] = match::match(dry, wet, own, i < observers.size() ? observers[i] : MatchObserver());
      } catch (const std::exception& error) {
        all.errors[r] = error.what();
      }
      all.sums[r] = ranks.sums;
    });
  for (std::thread& thread : threads) thread.join();
  return all;
}

data::Audio through(const data::Audio& dry, const char* model, const std::vector<double>& values) {
  dsp::ChainSettings chain = dsp::parse_chain(model);
  chain.set_values(values);
  return compressed(dry, chain);
}

void check_same(const MatchResult& a, const MatchResult& b) {
  CHECK(a.chain.values() == b.chain.values());
  CHECK(a.alignment.delay_samples == b.alignment.delay_samples);
  CHECK(a.esr == b.esr);
  CHECK(a.esr_before == b.esr_before);
  CHECK(a.deepest_gain_reduction_db == b.deepest_gain_reduction_db);
  CHECK(a.evaluations == b.evaluations);
  CHECK(a.stop_reason == b.stop_reason);
  REQUIRE(a.held_out.has_value());
  CHECK(a.held_out->other_half_esr == b.held_out->other_half_esr);
  CHECK(a.held_out->second_other_half_esr == b.held_out->second_other_half_esr);
  REQUIRE(a.parameters.size() == b.parameters.size());
  for (std::size_t i = 0; i < a.parameters.size(); ++i)
    CHECK(a.parameters[i].standard_error == b.parameters[i].standard_error);
  REQUIRE(a.trace.size() == b.trace.size());
  for (std::size_t i = 0; i < a.trace.size(); ++i) CHECK(a.trace[i].esr == b.trace[i].esr);
}

/// Short chunks, so that a short recording has many of them.
MatchOptions many_chunks(const char* model = "compressor") {
  MatchOptions options;
  options.model = model;
  options.chunks = {1, 0.2};
  return options;
}

} // namespace

TEST_CASE("terms add up to the same bits on any number of ranks", "[ranks]") {
  struct Term {
    double a, b;
  };
  const auto evaluate = [](std::size_t i, Term& term) {
    term.a += std::sin(static_cast<double>(i));
    term.b += 1 / (1 + static_cast<double>(i));
  };
  const std::size_t count = GENERATE(0, 1, 7, 256, 1000);
  const Term alone = sum_terms<Term>(one_rank(), count, 2, 0, evaluate);
  double plain = 0;
  for (std::size_t i = 0; i < count; ++i) plain += 1 / (1 + static_cast<double>(i));
  CHECK(alone.b == Approx(plain).epsilon(1e-14));
  for (const int size : {2, 3, 8}) {
    Meeting meeting(size);
    std::vector<Term> sums(static_cast<std::size_t>(size));
    std::vector<std::thread> threads;
    for (int r = 0; r < size; ++r)
      threads.emplace_back([&, r] {
        ThreadRanks ranks(meeting, r);
        sums[static_cast<std::size_t>(r)] = sum_terms<Term>(ranks, count, 1, 0, evaluate);
      });
    for (std::thread& thread : threads) thread.join();
    for (const Term& s : sums) {
      CHECK(s.a == alone.a);
      CHECK(s.b == alone.b);
    }
  }
}

TEST_CASE("a match on several ranks is the match of one, to the bit", "[ranks]") {
  const bool equaliser = GENERATE(false, true);
  const char* model = equaliser ? "compressor+eq" : "compressor";
  std::vector<double> values{-30, 4, 4, 90, 6, 0, 0, 0};
  const data::Audio dry = stepped_noise(equaliser ? 8 : 40, 16000);
  const data::Audio wet = through(dry, "compressor", values);
  const MatchOptions options = many_chunks(model);
  const MatchResult alone = match::match(dry, wet, options);
  CHECK(alone.chain.values()[1] == Approx(4).epsilon(1e-2));
  for (const int size : {2, 3}) {
    const OnRanks all = match_on(size, dry, wet, options);
    for (int r = 0; r < size; ++r) {
      INFO(size << " ranks, rank " << r << ": " << all.errors[r]);
      REQUIRE(all.errors[r].empty());
      check_same(all.results[r], alone);
      CHECK(all.sums[r] == all.sums[0]);
    }
  }
}

TEST_CASE("what one rank wishes or suffers reaches all", "[ranks]") {
  const data::Audio dry = stepped_noise(10, 16000);
  const data::Audio wet = through(dry, "compressor", {-30, 4, 4, 90, 6, 0, 0, 0});
  // In the grid's stage, in the starts' side by side, in the fit.
  const char* phase = GENERATE("align", "start", "fit");
  const MatchObserver cancels = [&](const MatchProgress& p) {
    return std::string(p.phase) == phase ? Control::cancel : Control::proceed;
  };
  const OnRanks cancelled = match_on(3, dry, wet, many_chunks(), {{}, cancels});
  for (int r = 0; r < 3; ++r) {
    INFO(phase << ", rank " << r);
    CHECK(cancelled.errors[r].empty());
    CHECK(cancelled.results[r].stop_reason == StopReason::cancelled);
    CHECK(cancelled.results[r].chain.values() == cancelled.results[0].chain.values());
  }
  const MatchObserver throws = [&](const MatchProgress& p) {
    if (std::string(p.phase) == phase) throw InputError("no more room");
    return Control::proceed;
  };
  const OnRanks failed = match_on(3, dry, wet, many_chunks(), {{}, {}, throws});
  CHECK(failed.errors == std::vector<std::string>{"rank 2 failed", "rank 2 failed", "no more room"});
}

TEST_CASE("a match goes on from a state that it was told to keep", "[ranks]") {
  const data::Audio dry = stepped_noise(10, 16000);
  data::Audio wet = through(dry, "compressor", {-30, 4, 4, 90, 6, 0, 0, 0});
  for (float& x : wet.channels[0]) x = -x;
  std::optional<MatchState> kept;
  MatchOptions options = many_chunks();
  options.keep = [&](const MatchState& state) { kept = state; };
  const MatchResult whole = match::match(dry, wet, options);
  REQUIRE(kept.has_value());
  CHECK(kept->alignment.inverted);

  std::vector<double> off = kept->chain.values();
  off[0] += 1; // as if it had been ended before
  kept->chain.set_values(off);
  options.resume = kept;
  const OnRanks resumed = match_on(2, dry, wet, options);
  REQUIRE(resumed.errors[0].empty());
  CHECK(resumed.results[0].alignment.inverted);
  for (std::size_t i = 0; i < 5; ++i)
    CHECK(resumed.results[0].chain.values()[i] == Approx(whole.chain.values()[i]).epsilon(1e-5));
}
