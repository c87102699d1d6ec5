// What the command lines of soap, m-fac and gradient-regularization take and refuse; models go from one to
// the other.
#include "program.h"

#include "../data/scratch_folder.h"
#include "catch.h"
#include "dsp/io/atomic_file.h"
#include "optim/data/npy.h"
#include "optim/engine/random.h"
#include "optim/engine/types.h"

#include <Eigen/Cholesky>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

namespace {

using Catch::Matchers::Contains;
using nlohmann::json;
using raphson::dsp::write_file;
using raphson::optim::RandomStream;
namespace data = raphson::optim::data;

/// rows.csv: a, b, c; kind of two classes, price a number, same a constant.
struct Rows : ScratchFolder {
  Rows() {
    RandomStream random(1, "rows");
    std::ostringstream rows;
    rows << "a,b,c,kind,price,same\n";
    for (int i = 0; i < 150; ++i) {
      const double a = random.normal(), b = random.normal(), c = random.normal();
      rows << a << ',' << b << ',' << c << ',' << (a + b > 0 ? "up" : "down") << ',' << 50 + 10 * a - 4 * c
           << ",1\n";
    }
    write_file(*this / "rows.csv", rows.str());
    write_file(*this / "narrow.csv", "a,b,kind\n1,2,up\n2,1,down\n0,1,up\n");
  }
  std::string operator()(const char* name) const { return (*this / name).string(); }
};

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

json run_into(std::vector<std::string> arguments, const std::string& folder) {
  arguments.insert(arguments.end(), {"--out", folder});
  const Finished run = run_program(arguments);
  INFO(run.err);
  REQUIRE(run.code == 0);
  return json::parse(text_of(folder + "/report.json"));
}

void check_refused(const std::vector<std::string>& arguments, const std::vector<std::string>& words,
                   int code = 2) {
  const Finished run = run_program(arguments);
  INFO("stderr: " << run.err << "stdout: " << run.out);
  CHECK(run.code == code);
  CHECK(std::count(run.err.begin(), run.err.end(), '\n') == 1);
  CHECK(run.out.empty());
  for (const std::string& word : words) CHECK_THAT(run.err, Contains(word));
}

const std::string kind_alone = "price,same", price_alone = "kind,same";

} // namespace

TEST_CASE("soap trains, regresses and codes a user's rows, and m-fac prunes what it wrote") {
  const Rows rows;
  const std::string csv = rows("rows.csv");
  run_into({"soap", csv, "--target", "kind", "--leave-out", kind_alone, "--hidden", "6", "--batch", "30",
            "--epochs", "15", "--compare", "adam", "--lr", "0.03"},
           rows("trained"));
  const std::string model = rows("trained/model.network.json");
  const json pruned =
      run_into({"m-fac", "prune", model, csv, "--sparsity", ".25,.5", "--grads", "40", "--recompute", "4"},
               rows("pruned"));
  CHECK(pruned.at("tables").at(0).at("rows").size() == 7);
  CHECK(pruned.at("values").at("weights") == 3 * 6 + 6 * 2);
  const json left = json::parse(text_of(rows("pruned/pruned-0.5.network.json")));
  int zeros = 0;
  for (const char* weights : {"1.weight", "2.weight"})
    for (const json& value : left.at("parameters").at(weights)) zeros += value == 0.0;
  CHECK(zeros == 15);

  run_into({"soap", csv, "--task", "autoencode", "--leave-out", "kind,price,same", "--hidden", "4", "--code",
            "2", "--batch", "30", "--steps-total", "20", "--compare", "adam", "--lr", "0.03"},
           rows("coded"));
  CHECK(data::read_npy(rows("coded/codes.npy")).shape == std::vector<std::size_t>{150, 2});
  run_into({"m-fac", "prune", rows("coded/model.network.json"), csv, "--sparsity", ".5", "--grads", "20"},
           rows("pruned-coder"));
  run_into({"m-fac", "train", csv, "--task", "regress", "--target", "price", "--leave-out", price_alone,
            "--hidden", "5", "--epochs", "4", "--batch", "30", "--compare", "momentum", "--lr", "0.03"},
           rows("regressed"));
  run_into({"m-fac", "prune", rows("regressed/model.network.json"), csv, "--sparsity", ".5", "--grads", "20",
            "--block", "8", "--finetune", "10"},
           rows("pruned-regression"));

  check_refused({"m-fac", "prune", model, rows("narrow.csv"), "--sparsity", ".5"}, {"no column 'c'"});
  check_refused({"m-fac", "prune", model, csv, "--sparsity", ".5,.4"}, {"--sparsity", "rising"});
  check_refused({"m-fac", "prune", model, csv, "--damp", "0"}, {"damping"});
  check_refused({"m-fac", "prune", model, csv, "--grads", "4000", "--memory", "0.0001"},
                {"--memory", "would fit"});
  check_refused({"m-fac", "prune", csv, csv}, {"rows.csv"});
}

TEST_CASE("soap refuses what it cannot use") {
  const Rows rows;
  const std::string csv = rows("rows.csv");
  const auto refused = [&](std::vector<std::string> more, const std::vector<std::string>& words) {
    std::vector<std::string> arguments{"soap", csv};
    arguments.insert(arguments.end(), more.begin(), more.end());
    check_refused(arguments, words);
  };
  refused({}, {"--target"});
  refused({"--target", "kind", "--task", "regress"}, {"kind"});
  refused({"--target", "kind", "--leave-out", kind_alone, "--batch", "500"}, {"--batch: 500 of 120"});
  refused({"--target", "kind", "--leave-out", kind_alone, "--batch", "30", "--refresh", "0"}, {"refresh"});
  refused({"--target", "kind", "--leave-out", kind_alone, "--batch", "30", "--beta2", "1"}, {"beta2"});
  refused({"--target", "kind", "--leave-out", kind_alone, "--batch", "30", "--compare", "newton"},
          {"newton"});
}

TEST_CASE("m-fac solve multiplies by the inverse, of all gradients or the last ones") {
  const ScratchFolder folder;
  RandomStream random(2, "gradients");
  std::vector<double> g(10 * 6), x(2 * 6);
  for (double& value : g) value = random.normal();
  for (double& value : x) value = random.normal();
  const auto path = [&](const char* name) { return (folder / name).string(); };
  const auto write = [&](const char* name, std::array<std::size_t, 2> shape,
                         const std::vector<double>& values) {
    write_file(folder / name, data::npy_bytes(shape, std::span<const double>(values)));
  };
  write("g.npy", {10, 6}, g);
  write("x.npy", {2, 6}, x);
  write("wide.npy", {2, 7}, std::vector<double>(14));
  using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const Rows> gradients(g.data(), 10, 6), right(x.data(), 2, 6);
  for (const int window : {0, 4, 16}) {
    std::vector<std::string> arguments{"m-fac", "solve", path("g.npy"), path("x.npy"), "--damp", "0.1"};
    if (window > 0) arguments.insert(arguments.end(), {"--window", std::to_string(window)});
    const std::string out = path(("out" + std::to_string(window)).c_str());
    run_into(arguments, out);
    const Rows used = window == 4 ? Rows(gradients.bottomRows(4)) : Rows(gradients);
    const Eigen::MatrixXd f =
        0.1 * Eigen::MatrixXd::Identity(6, 6) + used.transpose() * used / (window > 0 ? window : 10.0);
    const Eigen::MatrixXd inverse = f.llt().solve(Eigen::MatrixXd::Identity(6, 6));
    const auto solution = data::read_npy(out + "/solution.npy"),
               diagonal = data::read_npy(out + "/diagonal.npy");
    const Eigen::Map<const Rows> solved(solution.values.data(), 2, 6),
        on_diagonal(diagonal.values.data(), 1, 6);
    CHECK((solved - right * inverse).norm() < 1e-10 * solved.norm());
    CHECK((on_diagonal.transpose() - inverse.diagonal()).norm() < 1e-10);
  }
  check_refused({"m-fac", "solve", path("g.npy"), path("wide.npy"), "--damp", "1"}, {"rows of 6"});
  check_refused({"m-fac", "solve", path("g.npy"), path("x.npy"), "--damp", "0"}, {"--damp"});
  check_refused({"m-fac", "solve", path("g.npy"), path("x.npy"), "--damp", "1", "--memory", "1e-7"},
                {"--memory", "would fit"});
}

TEST_CASE("gradient-regularization trains on a user's rows, finds coefficients, and refuses the rest") {
  const Rows rows;
  const std::string csv = rows("rows.csv");
  const std::vector<std::string> classify{"gradient-regularization",
                                          csv,
                                          "--target",
                                          "kind",
                                          "--leave-out",
                                          kind_alone,
                                          "--hidden",
                                          "6",
                                          "--batch",
                                          "30",
                                          "--epochs",
                                          "5"};
  const auto with = [](std::vector<std::string> arguments, const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  const json report = run_into(with(classify, {"--modes", "none,F,DB,flood,sam", "--gamma", ".1", "--epsilon",
                                               ".1", "--level", "100", "--rho", ".1"}),
                               rows("classified"));
  CHECK(report.at("tables").at(0).at("rows").size() == 5);
  CHECK_THAT(report.at("warnings").at(0).get<std::string>(), Contains("ascends"));
  CHECK_THAT(text_of(rows("classified/predictions.csv")), Contains("row,target,prediction"));
  run_into(
      {"m-fac", "prune", rows("classified/model.network.json"), csv, "--sparsity", ".5", "--grads", "20"},
      rows("pruned"));
  run_into({"gradient-regularization", csv, "--target", "price", "--leave-out", price_alone, "--model",
            "diagonal", "--modes", "none,F,B,DB", "--gamma", ".1", "--epsilon", ".1", "--steps", "500"},
           rows("sparse"));
  CHECK_THAT(text_of(rows("sparse/coefficients.csv")), Contains("column,coefficient"));

  check_refused(with(classify, {"--modes", "none,G"}), {"'G'"});
  check_refused(with(classify, {"--gamma", "-1"}), {"--gamma"});
  check_refused(with(classify, {"--epsilon", "0"}), {"--epsilon"});
  check_refused(with(classify, {"--lr", "0"}), {"--lr"});
  check_refused(with(classify, {"--label-noise", "2"}), {"--label-noise"});
  check_refused(with(classify, {"--max-hvp", "10"}), {"--max-hvp"});
  check_refused(with(classify, {"--model", "diagonal", "--modes", "sam"}), {"--model mlp"});
  check_refused(with(classify, {"--modes", "DB", "--gamma", "1e300"}), {"diverged", "DB", "step"}, 1);
  check_refused({"gradient-regularization", csv, "--target", "same", "--leave-out", "kind,price", "--model",
                 "diagonal"},
                {"same in every row"});
}
