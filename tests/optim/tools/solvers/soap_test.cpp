// What the soap tool adds to the rule, whose equations, statements and traps tests/optim/engine/soap_test.cpp
// holds: the experiment, the study of several solvers, a user's rows.
#include "optim/tools/solvers/soap.h"

#include "dsp/error.h"
#include "optim/engine/random.h"
#include "optim/tools/solvers/soap_demo.h"
#include "optim/tools/solvers/soap_report.h"
#include "optim/tools/solvers/user_network.h"
#include "tool_demo.h"

#include "../../data/scratch_folder.h"
#include "dsp/io/atomic_file.h"

#include <cmath>
#include <limits>
#include <sstream>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;

namespace {

/// Inputs in [0, 1] of rank 2 with a column that never changes.
data::Dataset small_images() {
  RandomStream random(1, "soap test");
  data::Dataset rows{.features = data::RowMatrix(120, 9)};
  for (Eigen::Index i = 0; i < 120; ++i) {
    const double a = random.uniform(), b = random.uniform();
    for (Eigen::Index j = 0; j < 9; ++j)
      rows.features(i, j) = j == 4 ? 0.5 : (j % 2 == 0 ? a : b) * (0.4 + 0.06 * static_cast<double>(j));
  }
  rows.name = "small images";
  return rows;
}

GridRun run_with(std::vector<double> losses, double step = 0.1) {
  GridRun run{.step = step, .training_loss = losses, .validation_loss = losses};
  for (std::size_t k = 0; k < losses.size(); ++k) {
    run.at.push_back(10 * (static_cast<double>(k) + 1));
    run.seconds.push_back(0.5 * (static_cast<double>(k) + 1));
  }
  return run;
}

struct Csv : ScratchFolder {
  explicit Csv(const std::string& text) { dsp::write_file(*this / "rows.csv", text); }
  UserNetworkOptions options() const { return {.table = {.file = *this / "rows.csv"}}; }
};

std::string three_columns(int rows) {
  RandomStream random(2, "soap test");
  std::ostringstream text;
  text << "a,b,kind,price\n";
  for (int i = 0; i < rows; ++i)
    text << random.normal() << ",3," << (i % 2 ? "x" : "y") << ',' << 100 + 7 * random.normal() << '\n';
  return text.str();
}

} // namespace

TEST_CASE("soap: the paper's statements, at other seeds than the experiment's") {
  for (const std::uint64_t seed : {5, 6}) {
    CHECK(shampoo_is_adafactor_error(seed) < 1e-12);
    CHECK(polar_step_error(seed) < 1e-5);
    const RotationErrors errors = rotation_errors(seed);
    CHECK(errors.soap < 1e-6);
    CHECK(errors.soap_each_step < 1e-6);
    CHECK(errors.adam > 1e-2);
    CHECK(delayed_adam_error(seed) == 0);
  }
}

TEST_CASE("soap: the goal is the lowest final loss of the reference, reached at the first look below it") {
  const OptimiserStudy study{{{"adam", AdamSettings{}, {0.01, 0.03}}, {"soap", SoapSettings{}, {0.01}}},
                             {{run_with({5, 4, 3}), run_with({6, 2.5, 2.8}, 0.3)}, {run_with({4, 2.7, 2})}}};
  CHECK(lowest_final_loss(study, "adam") == 2.8);
  CHECK(lowest_final_loss(study, "none of that name") == std::numeric_limits<double>::infinity());
  CHECK(first_below(study.runs[1][0], 2.8) == 20);
  CHECK(std::isnan(first_below(study.runs[1][0], 1)));
  report::ToolReport report;
  add_soap_study(study, "soap", "adam", "steps", report);
  const report::Table& table = report.tables.at(0).table;
  CHECK(table.rows.at(1).at(4).text == "20");   // soap's steps to adam's loss
  CHECK(table.rows.at(1).at(5).text == "1.00"); // seconds
  CHECK(table.rows.at(0).at(4).text == "20");   // adam at its best step has been lower before its end
  CHECK(report.figures.size() == 2);
}

// Constant columns leave a row of G at 0: an eigenvalue of 0, no NaN. The spectra are of every layer.
TEST_CASE("soap: a constant column is no harm; spectra, shares and state are reported") {
  const data::Dataset rows = small_images();
  const TableNetwork network(rows, {.model = TableModel::autoencoder, .hidden = {6}, .code = 2});
  const OptimiserStudy study = run_study<double>(
      network, rows, nullptr,
      {{"soap", SoapSettings{.decoupled_decay = 0, .refresh = 5}, {0.01, 0.03}, cosine(60, 6)}},
      {.batch_size = 30, .steps = 60, .look_every = 10});
  for (const GridRun& run : study.runs[0]) {
    CHECK(run.finite);
    CHECK(run.final_training_loss() < run.training_loss.front());
    REQUIRE(run.spectra.size() == 8); // rows and columns of four matrices
    CHECK(run.spectra[0].first == "1.weight rows");
    CHECK(run.spectra[0].second.size() == 9);
    CHECK(run.spectra[0].second[8] < 1e-12 * run.spectra[0].second[0] + 1e-15);
    CHECK(run.soap.failures == 0);
    CHECK(run.soap.eigensolver_calls == 8);   // in the first call alone
    CHECK(run.soap.qr_calls == 8 * (59 / 5)); // 59 steps move
  }
}

TEST_CASE("soap: a loss that is not finite ends a run, names the layer, and leaves the others") {
  data::Dataset rows = small_images();
  const TableNetwork network(rows, {.model = TableModel::autoencoder, .hidden = {6}, .code = 2});
  const OptimiserStudy study =
      run_study<float>(network, rows, nullptr, {{"soap", SoapSettings{}, {0.01, 1e38}}},
                       {.batch_size = 30, .steps = 20, .look_every = 1});
  CHECK(study.runs[0][0].finite);
  CHECK_FALSE(study.runs[0][1].finite);
  CHECK(std::isinf(study.runs[0][1].final_training_loss()));
  CHECK_THAT(study.runs[0][1].broke, Contains("weight") || Contains("bias") || Contains("value"));
  CHECK(study.best_step(0) == 0);
}

TEST_CASE("soap: settings and studies out of range are refused") {
  const data::Dataset rows = small_images();
  const TableNetwork network(rows, {.model = TableModel::autoencoder, .hidden = {6}, .code = 2});
  const auto study = [&](const SoapSettings& soap, StudyOptions options = {.batch_size = 30, .steps = 5}) {
    run_study<float>(network, rows, nullptr, {{"soap", soap, {0.01}}}, options);
  };
  CHECK_THROWS_WITH(study({.refresh = 0}), Contains("refresh"));
  CHECK_THROWS_WITH(study({.beta1 = 1}), Contains("beta1"));
  CHECK_THROWS_WITH(study({.beta2 = -0.1}), Contains("beta2"));
  CHECK_THROWS_WITH(study({}, {.batch_size = 121}), Contains("121 of the 120"));
  CHECK_THROWS_AS(run_study<float>(network, rows, nullptr, {{"soap", SoapSettings{}, {-1}}}, {}), InputError);
}

TEST_CASE("soap: a user's task and target must agree; inputs and target are scaled and scaled back") {
  const Csv csv(three_columns(80));
  UserNetworkOptions o = csv.options();
  CHECK_THROWS_WITH(UserNetwork(o, 1), Contains("--target"));
  o.table.target = "kind";
  o.task = "regress";
  CHECK_THROWS_AS(UserNetwork(o, 1), InputError);
  o.task = "cluster";
  CHECK_THROWS_AS(UserNetwork(o, 1), InputError);
  o.task = "classify";
  o.held_out = 1;
  CHECK_THROWS_WITH(UserNetwork(o, 1), Contains("--valid"));
  o.held_out = 0.25;
  o.table.leave_out = {"price"};
  CHECK(UserNetwork(o, 1).network->mlp().spec().widths.back() == 2);

  o.task = "regress";
  o.table.target = "price";
  o.table.leave_out = {"kind"};
  o.hidden = {4};
  const UserNetwork user(o, 1);
  CHECK(user.held_out.size() == 20);
  CHECK(std::abs(user.training.target.mean()) < 1e-12);
  const Vector start = user.network->start(1);
  const nn::NetworkFile file = user.file(start);
  const data::RowMatrix scaled = user.network->outputs(start, user.all.features),
                        own = user.network->outputs(file.parameters, user.all.features);
  CHECK((own.array() - (scaled.array() * user.target_deviation + user.target_mean)).abs().maxCoeff() < 1e-10);
  CHECK(user.target_mean == Approx(100).margin(4));
}

TEST_CASE("soap's experiment, in short") { check_claims(soap_demo({.brief = true})); }
