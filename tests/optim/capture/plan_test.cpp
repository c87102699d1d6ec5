// A plan reads back as it was written, and what is wrong with one is told by its field.
#include "catch.h"
#include "dsp/error.h"
#include "optim/capture/plan.h"
#include "optim/capture/signal.h"

using namespace raphson::optim::capture;
using raphson::InputError;

namespace {

Plan small_plan() {
  SignalOptions options;
  options.sample_rate = 8000;
  options.take_seconds = 20;
  options.takes = 2;
  options.channels = 2;
  Plan plan = make_signal(options).plan;
  plan.audio = "a.wav";
  plan.checksum = "0123";
  return plan;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

void check_refused(const std::string& text, const std::vector<std::string>& words) {
  try {
    parse_plan(text, "p.json");
    FAIL("accepted");
  } catch (const InputError& error) {
    INFO(error.what());
    CHECK(std::string(error.what()).starts_with("p.json"));
    for (const std::string& word : words) {
      INFO(word);
      CHECK(std::string(error.what()).find(word) != std::string::npos);
    }
  }
}

} // namespace

TEST_CASE("A plan reads back as it was written") {
  const Plan plan = small_plan(), again = parse_plan(to_json(plan), "p.json");
  CHECK(again.audio == plan.audio);
  CHECK(again.checksum == plan.checksum);
  CHECK(again.sample_rate == plan.sample_rate);
  CHECK(again.channels == plan.channels);
  CHECK(again.frames == plan.frames);
  CHECK(again.id == plan.id);
  CHECK(again.mark_dbfs == plan.mark_dbfs);
  REQUIRE(again.takes.size() == 2);
  CHECK(again.takes[1].begin == plan.takes[1].begin);
  CHECK(again.takes[1].end == plan.takes[1].end);
  REQUIRE(again.marks.size() == plan.marks.size());
  for (std::size_t i = 0; i < plan.marks.size(); ++i) {
    CHECK(again.marks[i].number == plan.marks[i].number);
    CHECK(again.marks[i].take == plan.marks[i].take);
    CHECK(again.marks[i].role == plan.marks[i].role);
    CHECK(again.marks[i].frame == plan.marks[i].frame);
    CHECK(again.marks[i].channel == plan.marks[i].channel);
  }
  REQUIRE(again.parts.size() == plan.parts.size());
  CHECK(again.parts[2].kind == plan.parts[2].kind);
  CHECK(again.parts[2].lowest_dbfs == plan.parts[2].lowest_dbfs);
  CHECK(!again.parts[0].loudest_dbfs);
  CHECK(to_json(again).size() == to_json(plan).size());
}

TEST_CASE("A plan that is wrong is refused by its field") {
  const std::string good = to_json(small_plan());
  check_refused("", {"empty"});
  check_refused("{}", {"schema", "missing"});
  check_refused("[1]", {});
  check_refused(good.substr(0, good.size() / 2), {"cut off"});
  check_refused(replaced(good, "capture.plan/1", "capture.plan/2"),
                {"raphson.capture.plan/2", "raphson.capture.plan/1", "version that wrote it"});
  check_refused(replaced(good, "raphson.capture.plan/1", "raphson.measure/1"), {"raphson.measure/1"});
  check_refused(replaced(good, "\"channels\": 2", "\"channels\": 0"), {"channels", "1 to 1024"});
  check_refused(replaced(good, "\"channels\": 2", "\"channels\": 1.5"), {"channels", "whole"});
  check_refused(replaced(good, "\"role\": \"end\"", "\"role\": \"stop\""),
                {"marks[7].role", "\"stop\"", "begin"});
  check_refused(replaced(good, "\"role\": \"end\"", "\"role\": \"between\""), {"take 1", "end"});
  check_refused(replaced(good, "\"number\": 3", "\"number\": 1"), {"marks", "order"});
  check_refused(replaced(good, "\"checksum\"", "\"sum\""), {"checksum", "missing"});
}
