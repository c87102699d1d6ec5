#include "optim/tools/signals/complete_dictionary_lp_demo.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/data/audio_file.h"
#include "optim/data/npy.h"
#include "optim/data/scratch_folder.h"
#include "optim/engine/orthogonal_matching_pursuit.h"
#include "optim/engine/random.h"
#include "optim/tools/signals/best_terms.h"
#include "optim/tools/signals/lp_demo_parts.h"
#include "optim/tools/signals/lp_transform.h"
#include "optim/tools/signals/lp_unmixing.h"
#include "tool_demo.h"

#include <Eigen/LU>
#include <Eigen/QR>

#include <algorithm>
#include <limits>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;

namespace {

Matrix gaussian(Eigen::Index rows, Eigen::Index columns, std::uint64_t seed) {
  RandomStream random(seed, "lp test");
  Matrix m(rows, columns);
  for (double& entry : m.reshaped()) entry = random.normal();
  return m;
}

Matrix rotation(Eigen::Index n, std::uint64_t seed) {
  return Eigen::HouseholderQR<Matrix>(gaussian(n, n, seed)).householderQ();
}

/// U diag V^T with singular values from 1 to `condition`.
Matrix mix_of_condition(double condition) {
  return rotation(4, 8) * Vector::LinSpaced(4, 1, condition).asDiagonal() * rotation(4, 9);
}

double value_of(const Matrix& y, const Matrix& a, double p) {
  return (a * y).array().abs().pow(p).sum() / static_cast<double>(y.cols());
}

/// The polar factor by Newton's iteration, without singular values.
Matrix polar_by_newton(Matrix x) {
  for (int i = 0; i < 60; ++i) x = (x + x.inverse().transpose()) / 2;
  return x;
}

LpOptions once(double p, int iterations = 300) {
  return {.p = p, .orthogonal = true, .restarts = 1, .maximum_iterations = iterations};
}

} // namespace

TEST_CASE("lp: the gradient is that of differences, for odd, even and fractional p", "[lp]") {
  const Matrix y = gaussian(4, 50, 1), a = rotation(4, 2);
  for (const double p : {2.5, 3.0, 4.0, 5.0, 6.0}) {
    const LpGradient gradient = lp_gradient(columns_of(y), {}, a, p);
    CHECK(gradient.value == Approx(value_of(y, a, p)).epsilon(1e-12));
    for (Eigen::Index i = 0; i < a.size(); ++i) {
      Matrix up = a, down = a;
      up.data()[i] += 1e-6;
      down.data()[i] -= 1e-6;
      CHECK(p * gradient.product.data()[i]
            == Approx((value_of(y, up, p) - value_of(y, down, p)) / 2e-6).epsilon(1e-6).margin(1e-7));
    }
  }
}

TEST_CASE("lp: an iteration is the closed form, without any step size", "[lp]") {
  const KnownDictionary known = known_dictionary(6, 400, 0.3, 0, 3);
  for (const double p : {3.0, 4.0}) {
    // The start and the iteration after it, told from each other by the limit on iterations.
    const Matrix first = learn_lp_dictionary(columns_of(known.y), once(p, 1)).rotation;
    const Matrix second = learn_lp_dictionary(columns_of(known.y), once(p, 2)).rotation;
    const Matrix z = first * known.y;
    const Matrix expected = polar_by_newton(z.array().abs().pow(p - 1).cwiseProduct(z.array().sign()).matrix()
                                            * known.y.transpose());
    // Rows are put in order and atoms turned positive afterwards.
    const Matrix match = expected * second.transpose();
    CHECK((match.cwiseAbs() * match.cwiseAbs().transpose() - Matrix::Identity(6, 6)).norm() < 1e-12);
    CHECK(match.cwiseAbs().rowwise().maxCoeff().isOnes(1e-12));
  }
}

TEST_CASE("lp: with one atom an iteration is the normalised gradient on the sphere", "[lp]") {
  const KnownDictionary known = known_dictionary(8, 600, 0.2, 0, 4);
  LpOptions options = once(3, 1);
  options.atoms = 1;
  const Vector q = learn_lp_dictionary(columns_of(known.y), options).rotation.transpose();
  options.maximum_iterations = 2;
  const Vector next = learn_lp_dictionary(columns_of(known.y), options).rotation.transpose();
  const Vector z = known.y.transpose() * q;
  const Vector g = known.y * z.cwiseAbs().cwiseProduct(z);
  CHECK(std::abs(next.dot(g.normalized())) == Approx(1).epsilon(1e-12));
  options.maximum_iterations = 300;
  const auto learnt = learn_lp_dictionary(columns_of(known.y), options);
  CHECK((known.d.transpose() * learnt.dictionary).cwiseAbs().maxCoeff() > 0.98);
}

TEST_CASE("lp: f never falls, A stays orthogonal, and D X is the data", "[lp]") {
  const KnownDictionary known = known_dictionary(10, 2000, 0.2, 0.1, 5);
  const Matrix mixed = gaussian(10, 10, 6) * known.y;
  for (const Eigen::Index atoms : {10, 4}) {
    const auto learnt = learn_lp_dictionary(columns_of(mixed), {.p = 3, .atoms = atoms});
    for (std::size_t i = 1; i < learnt.objective.size(); ++i)
      CHECK(learnt.objective[i] >= learnt.objective[i - 1] * (1 - 1e-12));
    CHECK(
        (learnt.rotation * learnt.rotation.transpose() - Matrix::Identity(atoms, atoms)).cwiseAbs().maxCoeff()
        < 1e-12);
    CHECK((learnt.analysis * learnt.dictionary - Matrix::Identity(atoms, atoms)).norm() < 1e-10);
    CHECK(learnt.converged);
    CHECK(learnt.values.size() == 3);
    for (Eigen::Index j = 0; j < atoms; ++j)
      CHECK(learnt.dictionary.col(j).maxCoeff() == learnt.dictionary.col(j).cwiseAbs().maxCoeff());
    // Coefficients have unit power, so that the order is that of the norms.
    for (Eigen::Index j = 1; j < atoms; ++j)
      CHECK(learnt.dictionary.col(j - 1).norm() >= learnt.dictionary.col(j).norm());
  }
}

TEST_CASE("lp: sums are the same by blocks and threads; in orthogonal mode nothing is whitened", "[lp]") {
  const Matrix y = gaussian(5, 100000, 7); // many blocks
  const Matrix b = rotation(5, 1);
  const LpGradient one = lp_gradient(columns_of(y), {}, b, 3, 1),
                   two = lp_gradient(columns_of(y), {}, b, 3, 2);
  CHECK(one.value == two.value);
  CHECK(one.product == two.product);
  const Matrix z = b * y;
  CHECK((one.product - (z.cwiseAbs().cwiseProduct(z) * y.transpose()) / 1e5).norm() < 1e-10);

  const Matrix skewed = Vector::LinSpaced(5, 1, 9).asDiagonal() * y.leftCols(500);
  const auto learnt = learn_lp_dictionary(columns_of(skewed), once(3));
  CHECK(learnt.whitening == Matrix::Identity(5, 5));
  CHECK((learnt.dictionary.transpose() * learnt.dictionary - Matrix::Identity(5, 5)).norm() < 1e-12);
  CHECK(learnt.dictionary == learnt.rotation.transpose());
}

TEST_CASE("lp: with centre the mean is found, and the rest is learnt without it", "[lp]") {
  const KnownDictionary known = known_dictionary(6, 2000, 0.2, 0, 5);
  const Vector offset = Vector::LinSpaced(6, -3, 5);
  const Matrix shifted = known.y.colwise() + offset;
  LpOptions options = once(3);
  options.centre = true;
  const auto centred = learn_lp_dictionary(columns_of(shifted), options);
  CHECK((centred.mean - shifted.rowwise().mean()).norm() < 1e-10);
  const auto plain = learn_lp_dictionary(columns_of(Matrix(shifted.colwise() - centred.mean)), once(3));
  CHECK((centred.dictionary - plain.dictionary).norm() < 1e-6);
  CHECK(recovery_error(centred.rotation, known.d) < 0.01);
  CHECK(recovery_error(learn_lp_dictionary(columns_of(shifted), once(3)).rotation, known.d) > 0.02);
}

TEST_CASE("lp: of several starts the best is kept, and an end is one to 1e-8", "[lp]") {
  const Matrix y = gaussian(8, 60, 3); // many maxima
  LpOptions options = once(4);
  options.restarts = 6;
  const auto learnt = learn_lp_dictionary(columns_of(y), options);
  const auto [low, high] = std::minmax_element(learnt.values.begin(), learnt.values.end());
  REQUIRE(*high > 1.0005 * *low);
  CHECK(learnt.objective.back() == *high);
  // Of data to unit RMS, as f is reported.
  const double scale = std::sqrt(static_cast<double>(y.size())) / y.norm();
  CHECK(value_of(scale * y, learnt.rotation, 4) == Approx(*high).epsilon(1e-10));
  // Once more moves it by no more than what it stopped at, and rounding.
  REQUIRE(learnt.converged);
  const Matrix again = polar_by_newton(lp_gradient(columns_of(y), {}, learnt.rotation, 4).product);
  CHECK((again - learnt.rotation).norm() < 1e-7);
}

TEST_CASE("lp: atoms come by the energy of their coefficients times their norm", "[lp]") {
  const Matrix d = rotation(5, 2);
  const KnownDictionary known = known_dictionary(5, 4000, 0.1, 0, 9);
  const Vector loud = (Vector(5) << 1, 5, 2, 4, 3).finished();
  const Matrix y = d * loud.asDiagonal() * (known.d.transpose() * known.y);
  const auto learnt = learn_lp_dictionary(columns_of(y), once(3));
  const Vector energy = (learnt.analysis * y).rowwise().squaredNorm();
  for (Eigen::Index j = 1; j < 5; ++j) CHECK(energy[j - 1] > energy[j]);
  CHECK(std::abs(d.col(1).dot(learnt.dictionary.col(0))) > 0.9); // the loudest first
}

TEST_CASE("lp: a mix of any condition comes apart alike", "[lp]") {
  const Matrix voices = speakers_in_rows(4);
  std::vector<double> sir;
  for (const double condition : {1.0, 50.0}) {
    const Matrix mix = mix_of_condition(condition), y = mix * voices;
    const auto learnt = learn_lp_dictionary(columns_of(y), {.p = 3});
    sir.push_back(interference_ratios_db(learnt.analysis * mix).mean());
  }
  CHECK(sir[0] > 20);
  CHECK(sir[1] == Approx(sir[0]).margin(0.1));
}

TEST_CASE("lp: the error is 0 for a signed permutation alone; the interference ratio by hand", "[lp]") {
  const Matrix d = rotation(4, 1);
  Matrix order = Matrix::Zero(4, 4);
  order(0, 2) = order(2, 3) = order(3, 0) = 1, order(1, 1) = -1;
  CHECK(std::abs(recovery_error(order * d.transpose(), d)) < 1e-12);
  const Matrix off = rotation(4, 2);
  CHECK(recovery_error(off, d) == Approx(1 - (off * d).array().pow(4).sum() / 4));
  CHECK(recovery_error(off, d) > 0.2);
  CHECK(interference_ratios_db((Matrix(1, 3) << 0.1, -2, 0.1).finished())[0]
        == Approx(10 * std::log10(4 / 0.02)));
}

TEST_CASE("lp: the best k coefficients of an orthonormal basis, as pursuit finds them", "[lp]") {
  const Matrix y = gaussian(8, 30, 1), d = rotation(8, 3);
  const auto direct = orthonormal_term_errors(d, y, 5), pursuit = pursuit_term_errors(d, y, 5);
  for (std::size_t k = 0; k < 5; ++k) CHECK(direct[k] == Approx(pursuit[k]));
  // Of any dictionary: one pursuit for all k says what one for each would.
  const Matrix skewed = gaussian(8, 12, 4);
  const DenseDictionary dictionary(skewed);
  const auto together = pursuit_term_errors(skewed, y, 5);
  for (Eigen::Index k = 1; k <= 5; ++k)
    CHECK(
        together[static_cast<std::size_t>(k - 1)]
        == Approx(coding_error(dictionary, y, OrthogonalMatchingPursuit(dictionary).code(y, {.nonzeros = k})))
               .epsilon(1e-7));
  // The principal axes hold as much as any k can: the largest eigenvalues of Y Y^T.
  const Matrix axes = principal_basis(y);
  CHECK((axes.transpose() * axes - Matrix::Identity(8, 8)).norm() < 1e-12);
  const Vector energies = (axes.transpose() * y).rowwise().squaredNorm();
  for (Eigen::Index k = 1; k < 8; ++k) CHECK(energies[k - 1] >= energies[k]);
  CHECK((axes.transpose() * y * y.transpose() * axes - Matrix(energies.asDiagonal())).norm()
        < 1e-10 * y.squaredNorm());
}

TEST_CASE("lp: what cannot be is refused in one line", "[lp]") {
  const auto refused = [](const Matrix& y, const LpOptions& options) {
    return learn_lp_dictionary(columns_of(y), options);
  };
  const Matrix y = gaussian(6, 100, 1);
  CHECK_THROWS_WITH(refused(y, {.p = 2}), Contains("above 2"));
  CHECK_THROWS_WITH(refused(gaussian(6, 5, 1), {}), Contains("5 columns of data for 6 rows"));
  CHECK_THROWS_WITH(refused(y.topRows(1), {}), Contains("one row"));
  CHECK_THROWS_WITH(refused(y, {.atoms = 7}), Contains("--atoms 7"));
  CHECK_THROWS_WITH(refused(Matrix::Zero(3, 9), {}), Contains("zero throughout"));
  Matrix bad = y;
  bad(2, 3) = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH(refused(bad, {}), Contains("not finite"));
  CHECK_THROWS_WITH(refused(y, {.p = 1000}), Contains("--p") && Contains("at most 20"));
  CHECK_THROWS_WITH(refused(1e200 * y, {}), Contains("too large to be squared"));
  Matrix flat = y;
  flat.row(5) = flat.row(0) - 2 * flat.row(1);
  CHECK_THROWS_WITH(refused(flat, {}), Contains("rank 5 of 6") && Contains("--atoms 5"));
  CHECK_FALSE(refused(flat, once(3)).unique); // an orthogonal D has an arbitrary sixth
  CHECK(refused(y, once(3)).unique);
  const auto five = refused(flat, {.atoms = 5}); // five of them can be had
  CHECK((five.analysis * five.dictionary - Matrix::Identity(5, 5)).norm() < 1e-9);
}

TEST_CASE("lp: a recording of two voices is separated into files, the mixing matrix found", "[lp]") {
  const Matrix voices = speakers_in_rows(3).topRows(2) * 0.05;
  const Matrix mix = (Matrix(2, 2) << 1, 0.4, -0.3, 0.8).finished(), y = mix * voices;
  const ScratchFolder folder;
  data::Audio audio{8000, {}}, left{8000, {}}, right{8000, {}};
  for (Eigen::Index c = 0; c < 2; ++c) {
    const Eigen::RowVectorXf row = y.row(c).cast<float>();
    audio.channels.emplace_back(row.begin(), row.end());
  }
  left.channels = {audio.channels[0]};
  right.channels = {audio.channels[1]};
  const auto file = [&](const char* name, const data::Audio& a) {
    data::write_audio(folder / name, a);
    return (folder / name).string();
  };
  const std::string stereo = file("stereo.wav", audio), l = file("l.wav", left), r = file("r.wav", right);
  const Unmixed unmixed = unmix(read_mix({stereo}), {.p = 3});
  CHECK(interference_ratios_db(unmixed.unmixing * mix).minCoeff() > 15);
  CHECK(unmixed.mixing.colwise().maxCoeff().isOnes(1e-12));
  CHECK((unmixed.unmixing * unmixed.mixing - Matrix::Identity(2, 2)).norm() < 1e-10);
  // As loud as in the channel where it is loudest.
  for (std::size_t i = 0; i < 2; ++i) {
    Eigen::Index loud = 0;
    (unmixed.unmixing * mix).row(static_cast<Eigen::Index>(i)).cwiseAbs().maxCoeff(&loud);
    const auto x = Eigen::Map<const Vector>(unmixed.sources[i].data(), std::ssize(unmixed.sources[i]));
    CHECK(x.norm() == Approx(voices.row(loud).norm() * mix.col(loud).cwiseAbs().maxCoeff()).epsilon(0.02));
  }
  CHECK(unmixed.kurtosis.minCoeff() > 1);
  const Unmixed apart = unmix(read_mix({l, r}), {.p = 3});
  CHECK((apart.unmixing - unmixed.unmixing).norm() < 1e-12);
  // A constant in a channel is no part of the sources.
  data::Audio shifted = audio;
  for (float& x : shifted.channels[0]) x += 0.3f;
  for (float& x : shifted.channels[1]) x -= 0.2f;
  const Unmixed without = unmix(read_mix({file("dc.wav", shifted)}), {.p = 3});
  CHECK(interference_ratios_db(without.unmixing * mix).minCoeff() > 15);
  for (const auto& x : without.sources)
    CHECK(std::abs(Eigen::Map<const Vector>(x.data(), std::ssize(x)).mean()) < 1e-6);
  const auto report = unmixing_report(read_mix({l, r}), {.p = 3});
  CHECK(report.files.size() == 2);
  CHECK(report.warnings.empty());

  CHECK_THROWS_WITH(read_mix({l}), Contains("l.wav: one channel"));
  CHECK_THROWS_WITH(read_mix({l, stereo, l}), Contains("l.wav") && Contains("at some level"));
  data::Audio other = left;
  other.channels[0].pop_back();
  CHECK_THROWS_WITH(read_mix({l, file("short.wav", other)}), Contains("short.wav") && Contains("one length"));
  other = left;
  other.sample_rate = 16000;
  CHECK_THROWS_WITH(read_mix({l, file("rate.wav", other)}), Contains("rate.wav: 16000 Hz"));
  other = left;
  std::fill(other.channels[0].begin(), other.channels[0].end(), 0.f);
  CHECK_THROWS_WITH(read_mix({l, file("zero.wav", other)}), Contains("zero.wav: silent"));
  std::fill(other.channels[0].begin(), other.channels[0].end(), 0.3f);
  CHECK_THROWS_WITH(read_mix({l, file("constant.wav", other)}), Contains("constant.wav: constant"));
  other.channels[0].resize(39);
  CHECK_THROWS_WITH(read_mix({file("a.wav", other), file("b.wav", other)}),
                    Contains("39 samples; at least 40"));
}

TEST_CASE("lp: noise is told to be noise", "[lp]") {
  const Matrix noise = 0.1 * gaussian(2, 20000, 3);
  Mix mix{{}, {"a", "b"}, 8000};
  for (Eigen::Index c = 0; c < 2; ++c) {
    const Eigen::RowVectorXf row = noise.row(c).cast<float>();
    mix.channels.emplace_back(row.begin(), row.end());
  }
  const auto report = unmixing_report(mix, {.p = 3});
  CHECK(std::count_if(report.warnings.begin(), report.warnings.end(),
                      [](const std::string& w) { return w.find("no more peaked") != std::string::npos; })
        == 2);
}

TEST_CASE("lp: a steady tone is told to be flat, and that it is what the other leaves", "[lp]") {
  const Matrix voice = speakers_in_rows(1).topRows(1);
  Matrix sources(2, voice.cols());
  sources.row(0) = voice;
  for (Eigen::Index t = 0; t < voice.cols(); ++t) sources(1, t) = std::sin(0.37 * static_cast<double>(t));
  const Matrix y = 0.1 * (Matrix(2, 2) << 1, 0.5, 0.4, 1).finished() * sources;
  Mix mix{{}, {"a", "b"}, 8000};
  for (Eigen::Index c = 0; c < 2; ++c) {
    const Eigen::RowVectorXf row = y.row(c).cast<float>();
    mix.channels.emplace_back(row.begin(), row.end());
  }
  const auto report = unmixing_report(mix, {.p = 3});
  REQUIRE(report.warnings.size() == 1);
  CHECK_THAT(report.warnings[0], Contains("flatter than noise") && Contains("the only one"));
}

TEST_CASE("lp: a transform from an array, and arrays that are none", "[lp]") {
  const ScratchFolder folder;
  const auto path = folder / "y.npy";
  const data::RowMatrix y = known_dictionary(8, 500, 0.2, 0.01, 1).y;
  const auto write = [&](const data::RowMatrix& m) {
    const std::vector<std::size_t> shape{static_cast<std::size_t>(m.rows()),
                                         static_cast<std::size_t>(m.cols())};
    data::write_npy<double>(path, shape, {m.data(), static_cast<std::size_t>(m.size())});
    return std::vector<std::string>{path.string()};
  };
  const auto signals = read_signal_columns(write(y), {});
  CHECK(signals.training.cols() == 400);
  CHECK(signals.held_out.cols() == 100);
  const auto report = transform_report(signals, {.orthogonal = true});
  REQUIRE(report.files.size() == 2);
  const auto d = data::parse_npy(report.files[0].bytes, "dictionary.npy");
  CHECK(d.shape == std::vector<std::size_t>{8, 8});
  // Coefficients are sparse: the mean of 1.6 a signal, against cosines.
  const auto& terms = report.tables[0].table.rows[2];
  CHECK(*terms[1].number < 0.6 * *terms[2].number);

  // Of atoms that are not orthonormal by pursuit, not by the largest coefficients.
  const auto skewed = transform_report(signals, {});
  const auto atoms = data::parse_npy(skewed.files[0].bytes, "dictionary.npy");
  const Matrix learnt = Eigen::Map<const data::RowMatrix>(atoms.values.data(), 8, 8);
  CHECK(*skewed.tables[0].table.rows[2][1].number
        == Approx(pursuit_term_errors(learnt, signals.held_out, 3)[2]).epsilon(1e-3));
  // About their mean signals with one are nearly as good as those without (with the mean left in: .9).
  const data::RowMatrix shifted = y.array() + 5;
  const auto centred =
      transform_report(read_signal_columns(write(shifted), {}), {.orthogonal = true, .centre = true});
  REQUIRE(centred.files.size() == 3);
  CHECK(centred.files[2].name == "mean.npy");
  CHECK(data::parse_npy(centred.files[2].bytes, "mean").values[3] == Approx(5).margin(0.1));
  for (std::size_t column = 1; column < 4; ++column)
    CHECK(*centred.tables[0].table.rows[2][column].number
          == Approx(*report.tables[0].table.rows[2][column].number).epsilon(0.25));

  data::RowMatrix bad = y;
  bad(2, 4) = std::numeric_limits<double>::infinity();
  CHECK_THROWS_WITH(read_signal_columns(write(bad), {}), Contains("row 3, column 5"));
  CHECK_THROWS_WITH(read_signal_columns(write(data::RowMatrix::Zero(3, 9)), {}), Contains("one value"));
  CHECK_THROWS_WITH(read_signal_columns({path.string(), path.string()}, {}), Contains("beside an NPY"));
}

// Writes assets/data/two-voices.flac: raphson_test_optim_tools_signals "[write-voices]".
TEST_CASE("The example's mix", "[.][write-voices]") {
  const Matrix y = 0.05 * (Matrix(2, 2) << 1, 0.6, 0.5, 1).finished() * speakers_in_rows(6).topRows(2);
  data::Audio audio{8000, {}};
  for (Eigen::Index c = 0; c < 2; ++c) {
    const Eigen::RowVectorXf row = y.row(c).cast<float>();
    audio.channels.emplace_back(row.begin(), row.end());
  }
  data::write_audio("two-voices.flac", audio, data::SampleFormat::pcm16);
}

TEST_CASE("The experiment of complete dictionary learning, in short", "[lp]") {
  check_claims(complete_dictionary_lp_demo({.brief = true}));
}
