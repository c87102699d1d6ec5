#include "optim/tools/signals/fast_transform_dictionaries_demo.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/data/audio_file.h"
#include "optim/data/clips.h"
#include "optim/data/npy.h"
#include "optim/data/png_image.h"
#include "optim/data/scratch_folder.h"
#include "optim/engine/cosine_dictionary.h"
#include "optim/engine/random.h"
#include "optim/engine/svd.h"
#include "optim/engine/symmetric_eigen.h"
#include "optim/tools/signals/fast_demo_parts.h"
#include "optim/tools/signals/fast_denoise.h"
#include "optim/tools/signals/fast_report.h"
#include "tool_demo.h"

#include <cmath>
#include <fstream>
#include <limits>
#include <tuple>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;
using Kind = FactorSet::Kind;

namespace {

Matrix gaussian(Eigen::Index rows, Eigen::Index columns, std::uint64_t seed) {
  RandomStream random(seed, "fast transform test");
  Matrix m(rows, columns);
  for (double& entry : m.reshaped()) entry = random.normal();
  return m;
}

double relative_error(const Matrix& a, const FastTransform& fast) {
  return (a - fast.dense()).norm() / a.norm();
}

HierarchyResult by_halving(const Matrix& a) {
  return hierarchical_factors(a, plan_by_halving(a.rows(), a.cols()),
                              {.split_sweeps = 30, .refine_sweeps = 30});
}

/// The objective by its definition.
double objective(const Matrix& a, const PalmState& state) {
  return (a - state.lambda * state.product()).squaredNorm();
}

std::vector<Matrix> random_factors() {
  std::vector<Matrix> factors;
  for (const auto& [rows, columns] : {std::pair<int, int>{6, 6}, {6, 5}, {5, 9}})
    factors.push_back(FactorSet{Kind::total, 14}.project(
        gaussian(rows, columns, static_cast<std::uint64_t>(rows * columns))));
  return factors;
}

} // namespace

TEST_CASE("factor sets: the largest are kept, ties by index, at unit norm", "[fast]") {
  const Matrix m = (Matrix(3, 3) << 3, -1, 2, 0, -5, 1, 2, 2, 0).finished();
  const auto kept = [&](Kind kind, Eigen::Index count) {
    const Matrix p = FactorSet{kind, count}.project(m);
    CHECK(p.norm() == Approx(1));
    return Matrix((p.array() != 0).cast<double>());
  };
  CHECK(kept(Kind::total, 3)
        == (Matrix(3, 3) << 1, 0, 1, 0, 1, 0, 0, 0, 0).finished()); // the first of three 2s
  CHECK(kept(Kind::column, 1) == (Matrix(3, 3) << 1, 0, 1, 0, 1, 0, 0, 0, 0).finished());
  CHECK(kept(Kind::row_column, 1) == (Matrix(3, 3) << 1, 0, 1, 0, 1, 0, 1, 0, 0).finished());
  CHECK(FactorSet{Kind::total, 5}.project(Matrix::Zero(2, 2)) == Matrix::Zero(2, 2));
  // Equal but for rounding.
  const Matrix near = (Matrix(1, 3) << 1, 1 + 1e-12, 1 - 1e-12).finished();
  CHECK(FactorSet{Kind::total, 1}.project(near) == Matrix(Matrix::Identity(1, 3)));
  const Matrix direction = FactorSet{Kind::total, 9}.project(m);
  CHECK((direction - m / m.norm()).norm() < 1e-14);
}

TEST_CASE("PALM: a sweep of one entry is its formula; the objective never rises, codes held or not",
          "[fast]") {
  const Matrix a = gaussian(6, 9, 3);
  PalmState state{random_factors(), 0.7};
  const std::vector<FactorSet> sets(3, {Kind::total, 14});

  // Without a sparsity limit and in steps of c no smaller than the true norms, a factor's step is that of its
  // formula: checked on the first factor, by differences for the gradient.
  PalmState first = state;
  palm_sweeps(PalmTarget(a), {{Kind::total, 36}, {Kind::total, 30}, {Kind::total, 45}}, first, 1);
  const Matrix right = state.factors[1] * state.factors[2];
  Matrix slope(6, 6);
  for (Eigen::Index i = 0; i < slope.size(); ++i) {
    PalmState up = state, down = state;
    up.factors[0].data()[i] += 1e-6;
    down.factors[0].data()[i] -= 1e-6;
    slope.data()[i] = (objective(a, up) - objective(a, down)) / 2e-6 / 2; // of half the square
  }
  // The norm as it is estimated, 1 % above; that the estimate is one, by the singular values.
  const Matrix gram = right * right.transpose();
  const double squared = 1.01 * 1.01
                         * dominant_eigenvalue([&](const Vector& x) -> Vector { return gram * x; }, 6,
                                               {.maximum_iterations = 500, .tolerance = 1e-6});
  CHECK(squared == Approx(1.01 * 1.01 * std::pow(thin_svd(right).values[0], 2)).epsilon(1e-4));
  const double c = 1.001 * state.lambda * state.lambda * squared; // nothing is on the left
  const Matrix expected = (state.factors[0] - slope / c).normalized();
  CHECK((first.factors[0] - expected).norm() < 1e-7); // the slope is one of differences

  auto falling = palm_sweeps(PalmTarget(a), sets, state, 60);
  CHECK(falling.back() == Approx(objective(a, state)).epsilon(1e-10));
  for (std::size_t i = 1; i < falling.size(); ++i)
    CHECK(falling[i] <= falling[i - 1] + 1e-12 * a.squaredNorm());
  CHECK(falling.back() < 0.8 * falling[1]);
  for (const Matrix& factor : state.factors) CHECK((factor.array() != 0).count() <= 14);
  CHECK(state.lambda
        == Approx(a.cwiseProduct(state.product()).sum() / state.product().squaredNorm()).epsilon(1e-12));

  const Matrix y = gaussian(6, 200, 4);
  const SparseMatrix codes = FactorSet{Kind::column, 2}.project(gaussian(9, 200, 5)).sparseView(0, 0);
  const PalmTarget held(y, codes);
  PalmState other{random_factors(), 1};
  falling = palm_sweeps(held, sets, other, 60);
  for (std::size_t i = 1; i < falling.size(); ++i)
    CHECK(falling[i] <= falling[i - 1] + 1e-9 * y.squaredNorm());
  CHECK(falling.back() == Approx((y - other.lambda * other.product() * codes).squaredNorm()).epsilon(1e-9));
  CHECK(held.relative_error(other.product(), other.lambda)
        == Approx((y - other.lambda * other.product() * codes).norm() / y.norm()));
}

TEST_CASE("A step bounded by spectral norms gets far in fifty sweeps", "[fast]") {
  // A product of known sparse factors, from a start beside them: steps by Frobenius norms (a larger c) would
  // be several times shorter and end far off.
  const Matrix a = cosine_dictionary(32, 32);
  const auto result =
      hierarchical_factors(a, plan_by_totals(32, 32, {.factors = 3, .residual = 1, .decay = 0.6}), {});
  CHECK(relative_error(a, result.transform) < 0.3);
}

TEST_CASE("Hadamard's transform is found, not looked up: it follows the matrix", "[fast]") {
  const Matrix h = hadamard_matrix(16);
  const HierarchyResult found = by_halving(h);
  CHECK(relative_error(h, found.transform) < 1e-10);
  CHECK(found.transform.nonzeros() == 2 * 16 * 4);
  CHECK(found.transform.factors() == 4);
  // What changes no tie is followed exactly: signs, and the scale of some columns.
  for (const auto& [row, column, scale] : {std::tuple{5, -1, -1.0}, {-1, 3, -1.0}, {-1, 7, 2.0}}) {
    Matrix changed = h;
    if (row >= 0) changed.row(row) *= scale;
    if (column >= 0) changed.col(column) *= scale;
    const HierarchyResult followed = by_halving(changed);
    CHECK(relative_error(changed, followed.transform) < 1e-10);
    CHECK((followed.transform.dense() - h).norm() > 0.9);
  }
  // A row twice as large breaks the ties, by which the blocks are found: it is followed to 0.45 only, but
  // followed.
  Matrix doubled = h;
  doubled.row(5) *= 2;
  const HierarchyResult near = by_halving(doubled);
  CHECK(relative_error(doubled, near.transform) < 0.5);
  CHECK((near.transform.dense().row(5) - doubled.row(5)).norm()
        < (near.transform.dense().row(5) - h.row(5)).norm());
  // And closely where a budget allows some error.
  Matrix cosines = cosine_dictionary(32, 32);
  cosines.row(5) *= 2;
  const FactorPlan plan = plan_by_totals(32, 32, {.factors = 3, .residual = 1, .decay = 0.6});
  const FastTransform fast = hierarchical_factors(cosines, plan, {}).transform;
  CHECK(relative_error(cosines, fast) < 0.3);
  CHECK((fast.dense().row(5) - cosines.row(5)).norm()
        < 0.5 * (fast.dense().row(5) - cosines.row(5) / 2).norm());
}

TEST_CASE("Factors keep their budgets, and refining on the matrix itself lowers the error", "[fast]") {
  const Matrix a = gaussian(24, 48, 6);
  const FactorPlan plan = plan_by_totals(24, 48, {});
  for (const SplitStart start : {SplitStart::residual_zero, SplitStart::sparse_zero}) {
    const HierarchyResult result = hierarchical_factors(a, plan, {.start = start});
    const FastTransform& fast = result.transform;
    REQUIRE(fast.factors() == 4);
    CHECK((fast.factor(3).array() != 0).colwise().count().maxCoeff() <= 4);
    CHECK((fast.factor(2).array() != 0).count() <= 4 * 24);
    CHECK((fast.factor(1).array() != 0).count() <= 4 * 24);
    CHECK((fast.factor(0).array() != 0).count() == 86); // 0.15 m^2
    CHECK(result.levels.size() == 3);
    for (const FactorLevel& level : result.levels) CHECK(level.refined < level.split);
    CHECK(result.levels.back().refined == Approx(relative_error(a, fast)));
    CHECK(relative_error(a, fast) < 1);
    CHECK(result.largest_rise < 1e-9);
    CHECK(fast.complexity_gain() == Approx(24 * 48.0 / static_cast<double>(fast.nonzeros())));
  }
  CHECK((hierarchical_factors(a, plan, {.start = SplitStart::residual_zero}).transform.dense()
         - hierarchical_factors(a, plan, {.start = SplitStart::sparse_zero}).transform.dense())
            .norm()
        > 0.01 * a.norm());
  // Another matrix, other factors.
  const Matrix other = gaussian(24, 48, 7);
  CHECK((hierarchical_factors(a, plan, {}).transform.factor(3)
         - hierarchical_factors(other, plan, {}).transform.factor(3))
            .norm()
        > 0.5);
}

TEST_CASE("The scale is fitted: a thousand times the matrix is as near", "[fast]") {
  const Matrix a = cosine_dictionary(32, 32);
  const FactorPlan plan = plan_by_totals(32, 32, {.factors = 3, .residual = 1, .decay = 0.6});
  const double error = relative_error(a, hierarchical_factors(a, plan, {}).transform);
  const double large = relative_error(1000 * a, hierarchical_factors(1000 * a, plan, {}).transform);
  CHECK(error < 0.3);
  CHECK(large < 0.35);
}

TEST_CASE("A fast transform is its matrix, forwards and transposed, and counts its multiplications",
          "[fast]") {
  const FastTransform fast(random_factors());
  const Matrix d = fast.dense();
  CHECK((d - random_factors()[0] * random_factors()[1] * random_factors()[2]).norm() < 1e-14);
  CHECK(fast.nonzeros() == 3 * 14);
  for (const Eigen::Index width : {1, 7}) {
    const Matrix x = gaussian(9, width, 1), y = gaussian(6, width, 2);
    CHECK((fast.multiply(x) - d * x).norm() < 1e-13);
    CHECK((fast.multiply_transposed(y) - d.transpose() * y).norm() < 1e-13);
  }
  CHECK(fast.multiplications() == 2 * (1 + 7) * 42);
  CHECK_THROWS_WITH(FastTransform({gaussian(3, 4, 1), gaussian(3, 4, 1)}), Contains("3 rows"));
}

TEST_CASE("Matching pursuit through the factors pays for their entries, never for the matrix", "[fast]") {
  const FastTransform fast(random_factors());
  const Matrix y = gaussian(6, 100, 3);
  const SparseMatrix codes = OrthogonalMatchingPursuit(fast).code(y, {.nonzeros = 3});
  // Norms of 9 atoms, their Gram columns (twice) and the correlations of 100 signals.
  CHECK(fast.multiplications() == (9 + 2 * 9 + 100) * 42);
  const DenseDictionary dense(fast.dense());
  const SparseMatrix expected = OrthogonalMatchingPursuit(dense).code(y, {.nonzeros = 3});
  CHECK((Matrix(codes) - Matrix(expected)).norm() < 1e-8 * Matrix(expected).norm());
}

TEST_CASE("factors.json comes back; what is none is refused", "[fast]") {
  const FastTransform fast(random_factors());
  CHECK(parse_fast_transform(to_json(fast), "f.json").dense() == fast.dense());
  const auto refused = [](const char* text) { return parse_fast_transform(text, "f.json"); };
  CHECK_THROWS_WITH(refused("{"), Contains("f.json"));
  CHECK_THROWS_WITH(refused("[]"), Contains("f.json") && Contains("object"));
  CHECK_THROWS_WITH(refused(R"({"format": "other"})"), Contains("raphson-fast-transform"));
  const std::string head = R"({"format": "raphson-fast-transform", "version": 1, "factors": [)";
  CHECK_THROWS_WITH(refused((head + R"({"rows": 2, "columns": 0, "entries": []}]})").c_str()),
                    Contains("columns"));
  CHECK_THROWS_WITH(refused((head + R"({"rows": 2, "columns": 2, "entries": [[2, 0, 1]]}]})").c_str()),
                    Contains("factors[0].entries[0]"));
  CHECK_THROWS_WITH(
      refused((head + R"({"rows": 2, "columns": 2, "entries": [[0, 0, 1], [0, 0, 2]]}]})").c_str()),
      Contains("comes twice"));
  CHECK_THROWS_WITH(refused((head + R"({"rows": 2, "columns": 2, "entries": [[0, 1]]}]})").c_str()),
                    Contains("[row, column, value]"));
}

TEST_CASE("A fast dictionary is learnt within its budget, codes anew, and is better than a cut one",
          "[fast]") {
  const SignalColumns signals = digit_patches(400, 200, 1);
  const FastDictionary learnt = learn_fast_dictionary(
      signals.training, {.atoms = 80, .k_svd_iterations = 5, .split_sweeps = 20, .refine_sweeps = 15});
  const FastTransform& fast = learnt.fast.transform;
  CHECK(fast.rows() == 64);
  CHECK(fast.atoms() == 80);
  CHECK(fast.nonzeros() <= 4 * 80 + 2 * 4 * 64 + 614);
  for (const FactorLevel& level : learnt.fast.levels) CHECK(level.refined < level.split);
  const double error = held_out_error(fast, signals.held_out, 5);
  CHECK(error < 0.55);
  CHECK(error < held_out_error(DenseDictionary(truncated_to(learnt.dense.dictionary, fast.nonzeros())),
                               signals.held_out, 5));
}

TEST_CASE("A fast dictionary is refined on the data, with the codes of the level before", "[fast]") {
  const SignalColumns signals = digit_patches(300, 10, 1);
  const Matrix& y = signals.training;
  const FastDictionary learnt = learn_fast_dictionary(y, {.atoms = 70,
                                                          .nonzeros = 4,
                                                          .plan = {.factors = 3},
                                                          .k_svd_iterations = 3,
                                                          .split_sweeps = 5,
                                                          .refine_sweeps = 5});
  const auto& levels = learnt.fast.levels;
  REQUIRE(levels.size() == 2);
  const auto error = [&](const FastTransform& product, const SparseMatrix& codes) {
    return (y - product.dense() * codes).norm() / y.norm();
  };
  // Signals are coded at unit magnitude, so are the codes.
  const double unit = y.cwiseAbs().maxCoeff();
  CHECK(levels[0].refined == Approx(error(levels[0].product, unit * learnt.dense.codes)).epsilon(1e-9));
  const SparseMatrix anew = OrthogonalMatchingPursuit(levels[0].product).code(y, {.nonzeros = 4});
  CHECK(levels[1].refined == Approx(error(levels[1].product, anew)).epsilon(1e-9));
}

TEST_CASE("Neither a matrix nor signals are too large or too small to be squared", "[fast]") {
  const Matrix a = gaussian(12, 12, 8);
  const FactorPlan plan = plan_by_totals(12, 12, {.factors = 3, .residual = 1});
  const auto product = [&](double scale) {
    const auto report = factorisation_report(scale * a, plan, SplitStart::residual_zero);
    return Matrix(parse_fast_transform(report.files[0].bytes, "factors.json").dense() / scale);
  };
  const Matrix expected = product(1);
  const double huge = std::ldexp(1, 600); // a power of 2 rounds nothing
  CHECK(product(huge) == expected);
  CHECK(product(1 / huge) == expected);
  const Matrix y = gaussian(8, 60, 1);
  const auto fast = [&](double scale) {
    const FastDictionary learnt = learn_fast_dictionary(scale * y, {.atoms = 16, .nonzeros = 2});
    return std::pair(learnt.fast.transform.dense(), held_out_error(learnt.fast.transform, scale * y, 2));
  };
  const auto [dictionary, error] = fast(1);
  const auto [same, other] = fast(huge);
  CHECK(same == dictionary);
  CHECK(other == error);
}

TEST_CASE("Baselines store as many numbers", "[fast]") {
  const Matrix a = gaussian(10, 14, 2);
  const Matrix cut = thresholded_to(a, 50), low = truncated_to(a, 50);
  CHECK((cut.array() != 0).count() == 50);
  CHECK((cut - a).norm() < (gaussian(10, 14, 3) - a).norm());
  CHECK(((cut.array() == 0) || (cut.array() == a.array())).all());
  const Vector values = thin_svd(low).values;
  CHECK(values[1] > 1);
  CHECK(values[2] < 1e-12);
}

TEST_CASE("Denoising leaves less noise, of a sound and of an image", "[fast]") {
  RandomStream random(1, "noise");
  const DenseDictionary cosines(cosine_dictionary(64, 128));
  const auto clip =
      data::spoken_digits({.speakers = {"jackson"}, .digits = {3}, .last_take = 0}).front().samples;
  const data::RowMatrix clean =
      Eigen::Map<const Eigen::RowVectorXf>(clip.data(), std::ssize(clip)).cast<double>();
  data::RowMatrix noisy = clean;
  const double sigma = 0.3 * clean.norm() / std::sqrt(static_cast<double>(clean.size()));
  for (double& x : noisy.reshaped()) x += sigma * random.normal();
  const auto frames = data::frames_every(noisy.cols(), 64, 16);
  const auto denoised = denoise(noisy, frames, cosines, {.sigma = sigma});
  CHECK((denoised - clean).norm() < 0.7 * (noisy - clean).norm());
  // Less than the noise in every frame: nothing is left of it.
  CHECK(denoise(1e-3 * noisy, frames, cosines, {.sigma = 10}).norm() == 0);
  CHECK_THROWS_WITH(denoise(noisy, frames, cosines, {.sigma = 0}), Contains("--denoise"));

  data::RowMatrix image = data::RowMatrix::Constant(20, 20, 0.3);
  image.rightCols(9).setConstant(0.8);
  data::RowMatrix spoilt = image;
  for (double& x : spoilt.reshaped()) x += 0.1 * random.normal();
  const auto patches = data::patches_every(20, 20, 8, 2);
  const auto restored = denoise(spoilt, patches, DenseDictionary(cosine_dictionary(8, 8, 11, 11)),
                                {.sigma = 0.1, .centre = true, .threads = 2});
  CHECK((restored - image).norm() < 0.6 * (spoilt - image).norm());
}

TEST_CASE("A matrix file is factorised, wrong ones are refused by place", "[fast]") {
  const ScratchFolder folder;
  const auto path = folder / "a.npy";
  const auto write = [&](const data::RowMatrix& m) {
    const std::vector<std::size_t> shape{static_cast<std::size_t>(m.rows()),
                                         static_cast<std::size_t>(m.cols())};
    data::write_npy<double>(path, shape, {m.data(), static_cast<std::size_t>(m.size())});
    return path.string();
  };
  const Matrix a = read_matrix(write(hadamard_matrix(8)));
  const auto report = factorisation_report(a, plan_by_halving(8, 8), SplitStart::residual_zero);
  REQUIRE(report.files.size() == 4);
  CHECK((parse_fast_transform(report.files[0].bytes, "factors.json").dense() - a).norm() < 1e-10);
  CHECK(data::parse_npy(report.files[1].bytes, "factor").shape == std::vector<std::size_t>{8, 8});
  data::RowMatrix bad = a;
  bad(1, 2) = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH(read_matrix(write(bad)), Contains("row 2, column 3"));
  CHECK_THROWS_WITH(read_matrix(write(data::RowMatrix::Zero(3, 3))), Contains("zero throughout"));
  CHECK_THROWS_WITH(plan_by_halving(12, 12), Contains("power of 2") && Contains("12 x 12"));
  CHECK_THROWS_WITH(plan_by_totals(64, 64, {.residual = 0.001}),
                    Contains("at least 64") && Contains("--residual 0.063 or more"));
  CHECK_NOTHROW(plan_by_totals(64, 64, {.residual = 0.063}));
  CHECK_THROWS_WITH(plan_by_totals(64, 16, {.column_sparsity = 3}), Contains("at least 4"));
  CHECK_THROWS_WITH(plan_by_totals(64, 64, {.factors = 1}), Contains("at least 2"));
}

TEST_CASE("Too few signals, too many nonzeros and constant data are refused", "[fast]") {
  CHECK_THROWS_WITH(learn_fast_dictionary(gaussian(8, 20, 1), {.atoms = 30}),
                    Contains("20 signals") && Contains("30"));
  CHECK_THROWS_WITH(learn_fast_dictionary(gaussian(8, 40, 1), {.atoms = 30, .nonzeros = 8}),
                    Contains("1 to 7"));
  CHECK_THROWS_WITH(learn_fast_dictionary(gaussian(8, 40, 1), {.atoms = 4, .nonzeros = 5}),
                    Contains("--nonzeros 5: 1 to 4"));
  CHECK_THROWS_WITH(learn_fast_dictionary(gaussian(1, 400, 1), {}), Contains("one row"));
  const ScratchFolder folder;
  data::write_png(folder / "grey.png", data::grey_image(data::RowMatrix::Constant(16, 16, 0.5)));
  CHECK_THROWS_WITH(read_signal_columns({(folder / "grey.png").string()}, {}), Contains("one grey"));
}

TEST_CASE("Denoised files come back in their kind", "[fast]") {
  const ScratchFolder folder;
  data::RowMatrix image = data::RowMatrix::Constant(16, 16, 0.3);
  image.topRows(6).setConstant(0.8);
  const auto path = (folder / "a.png").string();
  data::write_png(path, data::grey_image(image));
  report::ToolReport report;
  add_denoised(report, {{path}, 0.05, 8}, DenseDictionary(cosine_dictionary(8, 8, 8, 8)), 1, {});
  REQUIRE(report.files.size() == 1);
  CHECK(report.files[0].name == "denoised-1.png");
  const auto levels = data::grey_levels(data::parse_png(report.files[0].bytes, "a"), "a");
  CHECK((levels - image).cwiseAbs().maxCoeff() < 0.1);
  // Every channel by itself; one of noise alone is gone.
  data::Audio two{8000, {std::vector<float>(500), std::vector<float>(500)}};
  for (std::size_t t = 0; t < 500; ++t) {
    two.channels[0][t] = static_cast<float>(std::cos(M_PI * 5.0 / 32 * (static_cast<double>(t) + 0.5)));
    two.channels[1][t] = t % 2 ? 0.01f : -0.01f;
  }
  const auto sound = (folder / "two.wav").string();
  data::write_audio(sound, two);
  add_denoised(report, {{sound}, 0.05, 32}, DenseDictionary(cosine_dictionary(32, 64)), 1, {});
  REQUIRE(report.files.size() == 2);
  std::ofstream(folder / "back.wav", std::ios::binary) << report.files[1].bytes;
  const data::Audio back = data::read_audio(folder / "back.wav");
  REQUIRE(back.channels.size() == 2);
  CHECK(back.channels[0][250] == Approx(two.channels[0][250]).margin(0.1));
  CHECK(back.channels[1] == std::vector<float>(500));
  CHECK(report.warnings.empty());
  add_denoised(report, {{sound}, 5, 32}, DenseDictionary(cosine_dictionary(32, 64)), 1, {});
  CHECK_THAT(report.warnings.at(0), Contains("nothing is left") && Contains("--denoise 5"));
}

TEST_CASE("The experiment of fast transform dictionaries, in short", "[fast]") {
  check_claims(fast_transform_dictionaries_demo({.brief = true}));
}
