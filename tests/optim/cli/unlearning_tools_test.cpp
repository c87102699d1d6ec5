// What the command lines of fast-ntk-unlearning and influence-unlearning take and refuse.
#include "program.h"

#include "../data/scratch_folder.h"
#include "catch.h"
#include "dsp/io/atomic_file.h"
#include "optim/engine/random.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

namespace {

using Catch::Matchers::Contains;
using nlohmann::json;
using raphson::dsp::write_file;
using raphson::optim::RandomStream;

/// table.csv: features a, b, c, the class kind, and the session it was taken in; new.csv: the same rows but
/// the last, of which a cell differs; other.csv: without c.
struct Tables : ScratchFolder {
  Tables() {
    RandomStream random(1, "unlearning tables");
    std::ostringstream table, other;
    table << "a,b,c,kind,session\n";
    other << "a,b,kind,session\n";
    for (int i = 0; i < 60; ++i) {
      const int kind = i % 3;
      const double a = random.normal() + 3 * (kind == 0), b = random.normal() + 3 * (kind == 1),
                   c = random.normal();
      table << a << ',' << b << ',' << c << ',' << "xyz"[kind] << ",s" << i / 10 << '\n';
      other << a << ',' << b << ',' << "xyz"[kind] << ",s" << i / 10 << '\n';
    }
    write_file(*this / "table.csv", table.str());
    write_file(*this / "new.csv", table.str() + "0,0,0,x,s9\n");
    write_file(*this / "other.csv", other.str());
  }
  std::string operator()(const char* name) const { return (*this / name).string(); }
};

Finished run_well(const std::vector<std::string>& arguments) {
  const Finished run = run_program(arguments);
  INFO(run.err);
  REQUIRE(run.code == 0);
  return run;
}

void check_refused(const std::vector<std::string>& arguments, const std::vector<std::string>& words) {
  const Finished run = run_program(arguments);
  INFO("stderr: " << run.err << "stdout: " << run.out);
  CHECK(run.code == 2);
  CHECK(std::count(run.err.begin(), run.err.end(), '\n') == 1);
  CHECK(run.out.empty());
  for (const std::string& word : words) CHECK_THAT(run.err, Contains(word));
}

} // namespace

TEST_CASE("influence-unlearning trains, forgets request by request, and refuses what cannot be") {
  const Tables t;
  const std::string tool = "influence-unlearning", table = t("table.csv"), m = t("m"), f = t("f");
  const std::vector<std::string> columns{"--target", "kind", "--leave-out", "session"};
  const auto with = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), columns.begin(), columns.end());
    return arguments;
  };
  run_well(with({tool, "train", table, "--epochs", "20", "--out", m}));
  const std::string model = m + "/model.network.json", after = f + "/model-after.network.json";
  run_well(
      {tool, "forget", model, table, "--rows", "1-8", "--until", "chance", "--compare-retrain", "--out", f});
  const json before = json::parse(read_text(model)), later = json::parse(read_text(after));
  CHECK(later.at("unlearning").at("forgotten").size() > 3);
  const bool changed = later.at("parameters") != before.at("parameters");
  CHECK(changed);
  // The next request takes that model; rows that are gone are named.
  const Finished next = run_well({tool, "forget", after, table, "--where", "session=s0"});
  CHECK_THAT(next.err, Contains("forgotten before"));
  check_refused({tool, "forget", after, table, "--rows", "1-8"}, {"none of the chosen rows"});
  check_refused({tool, "forget", model, table, "--rows", "3,61"}, {"row 61", "1 to 60"});
  check_refused({tool, "forget", model, table, "--rows", "3,2-4"}, {"row 3", "twice"});
  check_refused({tool, "forget", model, table, "--rows", "7-5"}, {"7-5"});
  check_refused({tool, "forget", model, table, "--rows", "x"}, {"'x'"});
  check_refused({tool, "forget", model, table, "--rows", "1-60"}, {"all rows"});
  check_refused({tool, "forget", model, table, "--where", "kind"}, {"COLUMN=VALUE"});
  check_refused({tool, "forget", model, table, "--where", "kind=w"}, {"no row"});
  check_refused({tool, "forget", model, table, "--class", "w"}, {"'x', 'y' and 'z'"});
  check_refused({tool, "forget", model, table, "--rows", "1", "--until", "soon"}, {"chance or unseen"});
  check_refused({tool, "forget", model, t("new.csv"), "--rows", "1"}, {"new.csv", "trained on"});
  check_refused({tool, "forget", model, t("other.csv"), "--rows", "1"}, {"other.csv", "'c'"});
  CHECK(run_program(with({tool, "train", table, "--alpha", "-1"})).code == 2);
  run_well(with({tool, "train", table, "--epochs", "2", "--held-out", "0", "--out", t("none")}));
  check_refused(
      {tool, "forget", t("none") + "/model.network.json", table, "--rows", "1", "--until", "unseen"},
      {"--held-out"});
}

TEST_CASE("fast-ntk-unlearning pretrains, tunes and forgets, and refuses what cannot be") {
  const Tables t;
  const std::string tool = "fast-ntk-unlearning", table = t("table.csv"), b = t("b"), m = t("m");
  run_well({tool, "pretrain", table, "--target", "kind", "--leave-out", "session", "--steps", "50",
            "--hidden", "8,8", "--out", b});
  const std::string base = b + "/base.json", model = m + "/model.json";
  run_well({tool, "tune", base, table, "--steps", "50", "--out", m}); // the base's target holds
  CHECK(json::parse(read_text(model)).at("target") == "kind");
  const Finished run = run_well({tool, "forget", model, table, "--where", "session=s2", "--compare-retrain",
                                 "--linearise", "trained", "--json"});
  const json report = json::parse(run.out);
  CHECK(report.at("values").at("rows forgotten") == 10);
  CHECK(report.at("values").at("rank of the Jacobian") <= 59); // 32 norms and 27 of the head
  check_refused({tool, "forget", base, table, "--rows", "1"}, {"base"});
  check_refused({tool, "forget", model, t("new.csv"), "--rows", "1"}, {"new.csv", "tuned on"});
  check_refused({tool, "forget", model, table, "--rows", "61"}, {"row 61"});
  check_refused({tool, "forget", model, t("other.csv"), "--rows", "1"}, {"other.csv", "'c'"});
  check_refused({tool, "tune", base, table, "--train", "body"}, {"norm+head"});
  check_refused({tool, "tune", model, table}, {"tuned already"});
}
