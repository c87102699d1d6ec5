#include "optim/tools/signals/one_bit_report.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/data/audio_file.h"
#include "optim/data/npy.h"
#include "optim/data/scratch_folder.h"
#include "optim/data/split.h"
#include "optim/engine/random.h"
#include "optim/tools/signals/one_bit_loss.h"
#include "optim/tools/signals/one_bit_problems.h"
#include "optim/tools/signals/one_bit_unrolling_demo.h"
#include "tool_demo.h"

#include <cmath>
#include <fstream>
#include <limits>
#include <numeric>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;

namespace {

const UnrollingOptions quick{.layers = 3, .epochs = 2};

std::filesystem::path text(const ScratchFolder& folder, const char* name, const std::string& content) {
  std::ofstream(folder / name, std::ios::binary) << content;
  return folder / name;
}

OneBitModel quick_model(const UnrollingProblem& p) {
  return pack(train_one_bit(train_full_precision(p.a, p.training, quick), p.a, p.training, quick), p.a,
              Prior::sparse);
}

} // namespace

TEST_CASE("One-bit: the packed file solves as the network did in training") {
  const UnrollingProblem p = block_problem(3, 300, 37); // 37: not a whole number of lanes
  const OneBitModel model = quick_model(p);
  const ScratchFolder folder;
  const OneBitModel back = read_one_bit_model(text(folder, "m.onebit", to_bytes(model)));
  CHECK(back.scale == model.scale);
  CHECK(back.bits == model.bits);
  CHECK(back.bits.size() == 3 * 96);
  const RowMatrix x = apply(back, p.held_out.y, 2);
  CHECK((x - solve(model.expanded(), p.a, p.held_out.y)).cwiseAbs().maxCoeff() < 1e-12);

  // The loss that training sees, in single precision.
  const UnrolledLoss<float> loss(p.a, p.held_out, 3, Prior::sparse);
  std::vector<float> parameters, gradient(static_cast<std::size_t>(loss.parameters()));
  for (const RowMatrix& w : model.expanded().w)
    for (Eigen::Index i = 0; i < w.size(); ++i) parameters.push_back(static_cast<float>(w.data()[i]));
  parameters.insert(parameters.end(), model.theta.begin(), model.theta.end());
  std::vector<std::size_t> all(37);
  std::iota(all.begin(), all.end(), 0);
  CHECK(loss.value_and_gradient(parameters.data(), all, gradient.data())
        == Approx((x - p.held_out.x).squaredNorm() / 37).epsilon(1e-6));
}

TEST_CASE("One-bit: a file that is not a model, or a damaged one, is refused") {
  const ScratchFolder folder;
  const std::string bytes = to_bytes(quick_model(block_problem(3, 50, 10)));
  const auto read = [&](const std::string& content) {
    return read_one_bit_model(text(folder, "m.onebit", content));
  };
  CHECK_THROWS_WITH(read("RIFF"), Contains("m.onebit") && Contains("not a one-bit model"));
  for (const std::size_t size : {std::size_t{17}, std::size_t{40}, bytes.size() / 2, bytes.size() - 1})
    CHECK_THROWS_AS(read(bytes.substr(0, size)), InputError);
  CHECK_THROWS_AS(read(bytes + "x"), InputError);
  for (const std::size_t at : {std::size_t{20}, std::size_t{28}, std::size_t{40}, bytes.size() - 20}) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
    CHECK_THROWS_AS(read(damaged), InputError);
  }
  const OneBitModel model = read(bytes);
  CHECK_THROWS_WITH(apply(model, RowMatrix::Zero(2, 47)), Contains("47") && Contains("48"));
  CHECK_THROWS_WITH(one_bit_apply_report(model, RowMatrix::Ones(2, 48), RowMatrix::Ones(3, 64), 1),
                    Contains("--truth"));
}

TEST_CASE("One-bit: bad input of training is refused") {
  RowMatrix a = block_operator(0, false);
  a.col(5).setZero();
  CHECK_THROWS_WITH(check_operator(a, "A.npy"), Contains("A.npy: column 6") && Contains("never observed"));
  a(3, 4) = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH(check_operator(a, "A.npy"), Contains("row 4, column 5"));

  const UnrollingProblem p = block_problem(1, 20, 10);
  const auto refused = [&](const Examples& examples) {
    return one_bit_training_report({.a = p.a, .examples = examples, .options = quick});
  };
  CHECK_THROWS_WITH(refused({p.training.x.leftCols(63), {}}), Contains("63") && Contains("64"));
  CHECK_THROWS_WITH(refused({p.training.x.topRows(9), {}}), Contains("at least 10"));
  CHECK_THROWS_WITH(refused({RowMatrix::Zero(20, 64), {}}), Contains("are zero"));
  CHECK_THROWS_WITH(refused({p.training.x, p.training.y.topRows(19)}), Contains("19 x 48"));
  CHECK_THROWS_WITH(refused({1e200 * p.training.x, {}}), Contains("X: its largest value is"));
  CHECK_THROWS_WITH(refused({p.training.x, 1e20 * p.training.y}), Contains("cannot be what was observed"));
  CHECK(refused({p.training.x.topRows(10), {}}).tables.size() == 2); // ten are enough

  const ScratchFolder folder;
  const std::vector<double> values{1, 2, std::numeric_limits<double>::infinity(), 4};
  const std::size_t shape[] = {2, 2};
  data::write_npy<double>(folder / "x.npy", shape, std::span<const double>(values));
  CHECK_THROWS_WITH(read_rows(folder / "x.npy"), Contains("row 2, column 1"));
}

TEST_CASE("One-bit: unknowns of a recording are the DCT of its loud frames") {
  const ScratchFolder folder;
  std::vector<float> samples(16 * 32, 0.0f);
  RandomStream random(1, "recording");
  for (std::size_t t = 0; t < samples.size(); ++t) // the last four frames are 4 dB below the limit
    samples[t] = t < 32 * 12 ? static_cast<float>(0.2 * random.normal()) : (t % 2 == 0 ? 0.02f : -0.02f);
  data::write_audio(folder / "a.wav", {8000, {samples}});
  const RowMatrix x = audio_unknowns(folder / "a.wav", 32);
  REQUIRE(x.rows() == 12);
  for (Eigen::Index k : {0, 1, 31}) {
    double sum = 0;
    for (int t = 0; t < 32; ++t)
      sum += std::sqrt((k == 0 ? 1.0 : 2.0) / 32) * std::cos(M_PI * static_cast<double>(k) * (t + 0.5) / 32)
             * double{samples[static_cast<std::size_t>(32 + t)]};
    CHECK(x(1, k) == Approx(sum).epsilon(1e-6));
  }
  CHECK_THROWS_WITH(audio_unknowns(folder / "a.wav", 256), Contains("a.wav") && Contains("at least 10"));
}

TEST_CASE("One-bit: the report says so where the classic iteration is better, and where A has no zeros") {
  RandomStream random(5, "full operator");
  RowMatrix a(6, 6), x(60, 6);
  for (Eigen::Index i = 0; i < a.size(); ++i) a.data()[i] = (i % 7 == 0 ? 1 : 0.02) * (1 + random.uniform());
  for (Eigen::Index i = 0; i < x.size(); ++i) x.data()[i] = random.normal();
  const auto report = one_bit_training_report(
      {.a = a, .examples = {x, {}}, .options = {.layers = 8, .prior = Prior::none, .epochs = 2}});
  std::string warnings;
  for (const std::string& warning : report.warnings) warnings += warning;
  CHECK_THAT(warnings, Contains("worse here than the classic iteration"));
  CHECK_THAT(warnings, Contains("A has no zeros"));
  // Where full precision is worse already, training is to blame, not the signs.
  const UnrollingProblem p = block_problem(1, 40, 10);
  const auto failed = one_bit_training_report(
      {.a = p.a, .examples = {p.training.x, {}}, .options = {.layers = 3, .epochs = 2, .rate = 0.5}});
  REQUIRE(failed.warnings.size() == 1);
  CHECK_THAT(failed.warnings[0], Contains("training did not reach the classic iteration"));
  CHECK_FALSE(report_files(report, {}).empty());
}

TEST_CASE("One-bit: the report's errors are those of the file that it writes") {
  const UnrollingProblem p = block_problem(4, 100, 10);
  const OneBitRun run{.a = p.a, .examples = p.training, .options = quick};
  const auto report = one_bit_training_report(run);
  const ScratchFolder folder;
  const OneBitModel model = read_one_bit_model(text(folder, "m.onebit", report.files.front().bytes));
  const data::Split split = data::split_rows(100, 80, 20, run.options.seed);
  const RowMatrix x = p.training.x(split.held_out, Eigen::all), y = p.training.y(split.held_out, Eigen::all);
  const auto& rows = report.tables[0].table.rows;
  CHECK(rows[3][0].text == "one-bit");
  CHECK(*rows[3][1].number == Approx(nmse_db(apply(model, y), x)).epsilon(1e-6));
  CHECK(std::abs(*rows[3][1].number - *rows[1][1].number) > 0.1); // full precision is another
  for (const auto& [name, value] : report.values)
    if (name == "model.onebit (bytes)") CHECK(*value.number == double(report.files.front().bytes.size()));

  const auto nothing = one_bit_apply_report(model, RowMatrix::Zero(2, 48), {}, 1);
  for (const auto& [name, value] : nothing.values) CHECK(name != "|y - A x| / |y|");
}

TEST_CASE("The experiment of one-bit unrolling, in short") {
  check_claims(one_bit_unrolling_demo({.brief = true}));
}
