// What the command lines of fastglz, margin-sampling and free-lunch-bootstrap take and refuse, and match
// --bootstrap.
#include "program.h"

#include "../data/scratch_folder.h"
#include "catch.h"
#include "dsp/io/atomic_file.h"
#include "optim/engine/random.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using nlohmann::json;
using raphson::dsp::write_file;
using raphson::optim::RandomStream;

const std::string recordings = std::string(RAPHSON_SOURCE_DIR) + "/assets/recordings/";

/// table.csv: features a, b, c; subject (20 of 6 rows), site; targets answer, count, price. pool.csv has
/// features alone; other.csv one column more; decay.csv an exponential in x.
struct Tables : ScratchFolder {
  Tables() {
    RandomStream random(1, "tables");
    std::ostringstream table, pool, other, decay;
    table << "a,b,c,subject,site,answer,count,price\n";
    pool << "c,b,a\n";
    other << "a,b,c,d\n";
    decay << "x,y\n";
    for (int i = 0; i < 120; ++i) {
      const double a = random.normal(), b = random.normal(), c = random.normal();
      table << a << ',' << b << ',' << c << ",s" << i / 6 << ',' << i % 2 << ','
            << (a - b + random.normal() > 0 ? "yes" : "no") << ',' << std::floor(3 * std::abs(a)) << ','
            << 2 * a + c + 0.5 * random.normal() << '\n';
      pool << c << ',' << b << ',' << a << '\n';
      other << a << ',' << b << ',' << c << ",1\n";
      const double x = 5 * random.uniform();
      decay << x << ',' << 3 * std::exp(-0.8 * x) + 0.5 + 0.1 * random.normal() << '\n';
    }
    write_file(*this / "table.csv", table.str());
    write_file(*this / "pool.csv", pool.str());
    write_file(*this / "other.csv", other.str());
    write_file(*this / "decay.csv", decay.str());
  }
  std::string operator()(const char* name) const { return (*this / name).string(); }
};

json run_json(std::vector<std::string> arguments) {
  arguments.push_back("--json");
  const Finished run = run_program(arguments);
  INFO(run.err);
  REQUIRE(run.code == 0);
  return json::parse(run.out);
}

void check_refused(const std::vector<std::string>& arguments, const std::vector<std::string>& words) {
  const Finished run = run_program(arguments);
  INFO("stderr: " << run.err << "stdout: " << run.out);
  CHECK(run.code == 2);
  CHECK(std::count(run.err.begin(), run.err.end(), '\n') == 1);
  CHECK(run.out.empty());
  for (const std::string& word : words) CHECK_THAT(run.err, Contains(word));
}

const std::string others = "subject,site,count,price"; // no features where answer is explained

} // namespace

TEST_CASE("fastglz selects, cross-validates and tests by permutation a user's own table") {
  const Tables tables;
  const std::string table = tables("table.csv");
  const json boot = run_json({"fastglz", "boot", table, "--target", "answer", "--leave-out", others,
                              "--resamples", "40", "--groups", "subject", "--compare"});
  CHECK(boot.at("values").at("columns") == 3);
  CHECK(boot.at("tables").at(0).at("rows").at(0).at(1) == 1.0); // a column that matters, always selected
  const json cv = run_json({"fastglz", "cv", table, "--target", "price", "--family", "gaussian",
                            "--leave-out", "subject,site,count,answer", "--l1", ".02,.1,.5"});
  CHECK(cv.at("values").at("problems") == 15);
  const json perm = run_json({"fastglz", "perm", table, "--target", "answer", "--leave-out", others,
                              "--perms", "19", "--exchange", "site"});
  CHECK(perm.at("values").at("p") == 0.05);
  run_json({"fastglz", "cv", table, "--target", "count", "--family", "poisson", "--leave-out",
            "subject,site,answer,price"});
}

TEST_CASE("fastglz refuses what it cannot use") {
  const Tables tables;
  const std::string table = tables("table.csv");
  const auto refused = [&](std::vector<std::string> more, const std::vector<std::string>& words) {
    std::vector<std::string> arguments{"fastglz", more[0], table, "--leave-out", others};
    arguments.insert(arguments.end(), more.begin() + 1, more.end());
    check_refused(arguments, words);
  };
  refused({"boot", "--target", "nothing"}, {"no column 'nothing'"});
  refused({"boot", "--target", "answer", "--l1", "-1"}, {"--l1"});
  refused({"boot", "--target", "answer", "--l1", ".1,.2"}, {"boot takes one"});
  refused({"cv", "--target", "answer", "--folds", "500"}, {"--folds: 500"});
  refused({"boot", "--target", "answer", "--groups", "nowhere"}, {"nowhere"});
  refused({"boot", "--target", "answer", "--classes", "yes,perhaps"}, {"no class 'perhaps'", "no, yes"});
  refused({"boot", "--target", "answer", "--shape", "2,2"}, {"--shape: 2 x 2"});
  refused({"boot", "--target", "answer", "--rows", "200"}, {"--rows", "120"});
  check_refused({"fastglz", "boot", table, "--target", "count", "--leave-out", "subject,site,answer,price"},
                {"classes (0, 1, 2", "--classes"});
  check_refused({"fastglz", "boot", table, "--target", "price", "--family", "poisson", "--leave-out",
                 "subject,site,answer,count"},
                {"poisson takes counts"});
}

TEST_CASE("margin-sampling replays a table and picks rows of a pool") {
  const Tables tables;
  const std::string table = tables("table.csv");
  const json replay = run_json({"margin-sampling", "simulate", table, "--target", "answer", "--leave-out",
                                others, "--budgets", "20,40", "--repeats", "3", "--strategies", "pl,margin"});
  CHECK(replay.at("tables").at(0).at("rows").size() == 4);
  CHECK(replay.at("values").at("pool rows") == 90);
  for (const char* strategy : {"auto", "margin", "pl", "mixed"}) {
    const json chosen = run_json({"margin-sampling", "select", table, tables("pool.csv"), "--target",
                                  "answer", "--leave-out", others, "--count", "7", "--strategy", strategy});
    CHECK(chosen.at("tables").at(0).at("rows").size() == 7);
  }
  const json model = run_json({"margin-sampling", "model", "--d", "100", "--budgets", "20,40", "--seed-size",
                               "20", "--repeats", "2", "--pool", "200"});
  CHECK(model.at("tables").at(0).at("rows").size() == 10);
}

TEST_CASE("margin-sampling refuses what it cannot use") {
  const Tables tables;
  const std::string table = tables("table.csv");
  const auto refused = [&](std::vector<std::string> more, const std::vector<std::string>& words) {
    more.insert(more.begin(), {"margin-sampling", "simulate", table, "--leave-out", others});
    check_refused(more, words);
  };
  refused({"--target", "answer", "--budgets", "50,20"}, {"--budgets: 20"});
  refused({"--target", "answer", "--budgets", "5"}, {"below the 10 rows"});
  refused({"--target", "answer", "--budgets", "100"}, {"above the 90 rows of the pool"});
  refused({"--target", "answer", "--budgets", "20", "--mix", "2"}, {"--mix"});
  refused({"--target", "answer", "--strategies", "best"}, {"'best' is no strategy"});
  check_refused(
      {"margin-sampling", "select", table, tables("other.csv"), "--target", "answer", "--leave-out", others},
      {"other.csv: column 'd'"});
  check_refused({"margin-sampling", "select", tables("other.csv"), tables("pool.csv"), "--target", "d"},
                {"other.csv", "fewer than two classes"});
}

TEST_CASE("free-lunch-bootstrap explains a column by the others, or by a formula") {
  const Tables tables;
  const json line = run_json({"free-lunch-bootstrap", tables("table.csv"), "--target", "price", "--leave-out",
                              "subject,site,answer,count", "--check", "--draws", "2000"});
  const json& row = line.at("tables").at(0).at("rows").at(1); // of a, whose slope is 2
  CHECK(row.at(0) == "a");
  CHECK(row.at(1).get<double>() == Approx(2).margin(0.2));
  CHECK(row.at(2).get<double>() == Approx(row.at(6).get<double>()).epsilon(0.15)); // the sandwich
  const json clustered =
      run_json({"free-lunch-bootstrap", tables("table.csv"), "--target", "answer", "--model", "logit",
                "--cluster", "subject", "--leave-out", "site,price,count", "--draws", "500"});
  CHECK(clustered.at("tables").at(0).at("rows").size() == 4);
  const json decay = run_json({"free-lunch-bootstrap", tables("decay.csv"), "--target", "y", "--model", "nls",
                               "--expr", "a*exp(-b*x)+c", "--start", "a=2,b=1", "--draws", "500"});
  CHECK(decay.at("tables").at(0).at("rows").at(1).at(1).get<double>() == Approx(0.8).margin(0.1));
}

TEST_CASE("free-lunch-bootstrap refuses what it cannot use") {
  const Tables tables;
  const std::string decay = tables("decay.csv");
  const auto refused = [&](std::vector<std::string> more, const std::vector<std::string>& words) {
    more.insert(more.begin(), {"free-lunch-bootstrap", decay, "--target", "y"});
    check_refused(more, words);
  };
  refused({"--gamma", "2"}, {"--gamma"});
  refused({"--batch", "3"}, {"--batch: 3"});
  refused({"--draws", "10"}, {"--draws: 10"});
  refused({"--block", "20"}, {"--block: 6 blocks"});
  refused({"--model", "nls"}, {"--expr"});
  refused({"--expr", "a*x"}, {"--model nls alone"});
  refused({"--model", "nls", "--expr", "a*exp(-b*x"}, {"position 11", "')' is missing"});
  refused({"--model", "nls", "--expr", "(a+b)*x"}, {"do not determine"});
  refused({"--model", "nls", "--expr", "a*x", "--start", "q=1"}, {"--start: 'q=1'"});
  check_refused({"free-lunch-bootstrap"}, {"DATA", "--match"});
  check_refused({"free-lunch-bootstrap", decay}, {"--target"});
  check_refused(
      {"free-lunch-bootstrap", decay, "--match", recordings + "la2a-dry.flac", recordings + "la2a-wet.flac"},
      {"--match", "DATA"});
}

TEST_CASE("match --bootstrap adds errors and intervals to the report") {
  const ScratchFolder folder;
  const json report =
      run_json({"match", recordings + "la2a-dry.flac", recordings + "la2a-wet.flac", "--no-held-out",
                "--bootstrap", "--bootstrap-draws", "300", "--out", folder.path().string()});
  CHECK(report.at("bootstrap").at("draws") == 300);
  CHECK(report.at("bootstrap").at("stretches") == 32);
  for (const auto& [name, parameter] : report.at("parameters").items()) {
    INFO(name);
    const json& b = parameter.at("bootstrap");
    CHECK(b.at("low") < parameter.at("value"));
    CHECK(b.at("high") > parameter.at("value"));
    CHECK(b.at("standard_error").get<double>()
          == Approx(parameter.at("standard_error").get<double>()).epsilon(0.6));
  }
  CHECK_THAT(read_text(folder.path() / "report.html"), Contains("95% interval"));
  check_refused({"match", recordings + "la2a-dry.flac", recordings + "la2a-wet.flac", "--bootstrap",
                 "--model", "compressor+eq"},
                {"--bootstrap"});
}

TEST_CASE("match --attribution says which stretches shaped the fit") {
  const ScratchFolder folder;
  const std::vector<std::string> match{"match", recordings + "la2a-dry.flac", recordings + "la2a-wet.flac"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), match.begin(), match.end());
    return more;
  };
  const json report = run_json(with({"--no-held-out", "--attribution", "--out", (folder / "out").string()}));
  const json& stretches = report.at("attribution");
  REQUIRE(stretches.size() == 32);
  for (const json& s : stretches) CHECK(s.at("shift").size() == 5);
  CHECK(stretches[30].at("pull") > stretches[20].at("pull")); // its loudest moment
  CHECK_THAT(read_text(folder / "out/attribution.csv"),
             StartsWith("begin_s,end_s,loss_share,pull,shift_threshold_db,"));
  CHECK_THAT(read_text(folder / "out/report.html"), Contains("What shaped the fit"));
  check_refused(with({"--attribution", "--gru", "4"}), {"--attribution"});
}

TEST_CASE("match --solver takes a rule of the engine, for the paper's compressor") {
  const std::vector<std::string> match{"match", recordings + "la2a-dry.flac", recordings + "la2a-wet.flac"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), match.begin(), match.end());
    return more;
  };
  check_refused(with({"--solver", "adan"}), {"--solver", "'adan'", "adam", "newton"});
  check_refused(with({"--solver", "adam", "--model", "compressor+eq"}), {"--solver", "--model compressor"});
  check_refused(with({"--solver", "adam", "--learning-rate", "0"}), {"--learning-rate", "above 0"});
}

TEST_CASE("match --coreset fits the stretches that stand for a recording") {
  const ScratchFolder folder;
  const std::vector<std::string> match{
      "match", recordings + "digits-dry.flac", recordings + "digits-dry.flac", "--no-held-out",
      "--out", (folder / "out").string()};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), match.begin(), match.end());
    return more;
  };
  const json coreset = run_json(with({"--coreset", "4"})).at("coreset");
  CHECK(coreset.at("chosen") == 4);
  CHECK(coreset.at("stretches") > 4);
  check_refused(with({"--coreset", "1000"}), {"--coreset", "stretches"});
  check_refused(with({"--coreset", "-1"}), {"--coreset"});
  check_refused(with({"--coreset", "4", "--bootstrap"}), {"--coreset", "--bootstrap"});
}
