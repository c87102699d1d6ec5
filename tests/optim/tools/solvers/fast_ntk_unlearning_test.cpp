#include "optim/tools/solvers/fast_ntk_unlearning.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/data/row_fingerprint.h"
#include "optim/engine/random.h"
#include "optim/tools/solvers/fast_ntk_model.h"
#include "optim/tools/solvers/fast_ntk_report.h"
#include "optim/tools/solvers/fast_ntk_unlearning_demo.h"

#include <Eigen/QR>

#include <numeric>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;

namespace {

using Rows = std::vector<std::size_t>;

// 30 rows of 5 features in 3 classes, a network 5-6-4-3, its norms and head away from where they began.
struct Fixture {
  data::Dataset rows;
  NormalisedNet net;
  Rows all;

  explicit Fixture(int count = 30) : all(static_cast<std::size_t>(count)) {
    std::iota(all.begin(), all.end(), std::size_t{0});
    RandomStream random(1, "fast-ntk test");
    rows.features.resize(count, 5);
    rows.class_names = {"a", "b", "c"};
    for (int e = 0; e < count; ++e) {
      rows.labels.push_back(e % 3);
      for (int k = 0; k < 5; ++k) rows.features(e, k) = random.normal() + (k == e % 3 ? 1.5 : 0);
    }
    net = pretrain(rows, {.hidden = {6, 4}, .steps = 20, .batch_size = 30, .seed = 3});
    for (auto& value : net.parameters) value += 0.1 * random.normal();
  }
  TuningRows data() const { return {rows.features, rows.labels, all}; }
  Vector start(Trainable trainable) const {
    return NormalisedLayout(net.widths, trainable).part(std::as_const(net.parameters));
  }
  LinearModel linear(Trainable trainable) const {
    const Vector w = start(trainable);
    return linear_model(net, w, w, data(), {.trainable = trainable});
  }
};

// Activations below the head, with a column of ones: by hand.
data::RowMatrix features_below_head(const NormalisedNet& net, const data::RowMatrix& rows) {
  data::RowMatrix x = rows;
  Index at = 0, norms = 0;
  for (std::size_t i = 0; i + 2 < net.widths.size(); ++i) norms += net.widths[i] * net.widths[i + 1];
  for (std::size_t i = 0; i + 2 < net.widths.size(); ++i) {
    const Index in = net.widths[i], out = net.widths[i + 1];
    const Eigen::Map<const data::RowMatrix> weight(net.parameters.data() + at, in, out);
    at += in * out;
    data::RowMatrix u = x * weight;
    for (Index e = 0; e < u.rows(); ++e) {
      for (Index k = 0; k < out; ++k) {
        const double s = std::sqrt(net.variances[i][k] + 1e-5);
        u(e, k) = std::max(0.0, net.parameters[norms + k] * (u(e, k) - net.means[i][k]) / s
                                    + net.parameters[norms + out + k]);
      }
    }
    norms += 2 * out;
    x = u;
  }
  data::RowMatrix with_one(x.rows(), x.cols() + 1);
  with_one << x, Vector::Ones(x.rows());
  return with_one;
}

// Ridge regression of one-hot classes on features, deviations from `start` punished: by QR, class by class.
Vector head_by_regression(const data::RowMatrix& phi, const std::vector<int>& labels, const Vector& start,
                          double lambda, int classes) {
  const Index width = phi.cols();
  Matrix stacked(phi.rows() + width, width);
  stacked << phi, std::sqrt(lambda * static_cast<double>(phi.rows())) * Matrix::Identity(width, width);
  Vector head(width * classes);
  for (int c = 0; c < classes; ++c) {
    Vector w_0(width), right = Vector::Zero(stacked.rows());
    for (Index k = 0; k < width; ++k) w_0[k] = start[k * classes + c]; // the bias comes last
    for (Index e = 0; e < phi.rows(); ++e)
      right[e] = (labels[static_cast<std::size_t>(e)] == c) - phi.row(e).dot(w_0);
    const Vector w = w_0 + Eigen::HouseholderQR<Matrix>(stacked).solve(right);
    for (Index k = 0; k < width; ++k) head[k * classes + c] = w[k];
  }
  return head;
}

} // namespace

TEST_CASE("Fast-NTK: a head forgets to the closed-form ridge on the rest, by no optimiser") {
  const Fixture f;
  const Rows forgotten{2, 5, 8, 11, 14, 3};
  // As many steps as would take hours.
  const TuningOptions tuning{.trainable = Trainable::head, .lambda = 1e-2, .steps = 1'000'000'000};
  const Vector w_0 = f.start(Trainable::head);
  const data::RowMatrix phi = features_below_head(f.net, f.rows.features);
  const Vector w_d = head_by_regression(phi, f.rows.labels, w_0, tuning.lambda, 3);
  const auto rest = rows_without(30, forgotten);
  std::vector<int> labels;
  for (const auto row : rest) labels.push_back(f.rows.labels[row]);
  const Vector expected = head_by_regression(phi(std::vector<Index>(rest.begin(), rest.end()), Eigen::all),
                                             labels, w_0, tuning.lambda, 3);
  const auto tuned = with_trained(f.net, Trainable::head, w_d);
  for (const auto point : {LinearisationPoint::start, LinearisationPoint::trained}) {
    const auto result = fast_ntk_forget(tuned, w_0, f.data(), forgotten, tuning, {.point = point});
    CHECK((result.w - expected).cwiseAbs().maxCoeff() < 1e-8);
    CHECK((result.w - w_d).cwiseAbs().maxCoeff() > 1e-2);
  }
}

TEST_CASE("Fast-NTK: nothing forgotten gives the tuned network back, bit for bit") {
  const Fixture f;
  for (const Trainable trainable :
       {Trainable::norm, Trainable::norm_and_head, Trainable::head, Trainable::all}) {
    const Vector w_0 = f.start(trainable);
    const Vector w_d = tune(f.net, w_0, f.data(), {.trainable = trainable, .steps = 5});
    const auto tuned = with_trained(f.net, trainable, w_d);
    for (const auto point : {LinearisationPoint::start, LinearisationPoint::trained})
      for (const bool trapezium : {false, true})
        CHECK(fast_ntk_forget(tuned, w_0, f.data(), {}, {.trainable = trainable},
                              {.point = point, .trapezium = trapezium})
                  .w
              == w_d);
  }
}

TEST_CASE("Fast-NTK: the outputs of a row do not depend on the others") {
  const Fixture f;
  data::RowMatrix wild = f.rows.features;
  wild.bottomRows(20) *= 1000;
  const data::RowMatrix together = outputs_of(f.net, wild), apart = outputs_of(f.net, wild.topRows(1));
  CHECK((together.row(0) - apart.row(0)).cwiseAbs().maxCoeff() < 1e-12);
  const data::RowMatrix by_hand =
      features_below_head(f.net, f.rows.features)
      * Eigen::Map<const data::RowMatrix>(f.start(Trainable::head).eval().data(), 5, 3);
  CHECK((outputs_of(f.net, f.rows.features) - by_hand).cwiseAbs().maxCoeff() < 1e-12);
}

TEST_CASE("Fast-NTK: the frozen statistics are those of the pre-training rows") {
  const Fixture f;
  const auto fresh = pretrain(f.rows, {.hidden = {6, 4}, .steps = 7, .batch_size = 10, .seed = 3});
  const Eigen::Map<const data::RowMatrix> weight(fresh.parameters.data(), 5, 6);
  const data::RowMatrix u = f.rows.features * weight;
  CHECK((fresh.means[0] - u.colwise().mean().transpose()).norm() < 1e-12);
  const Vector variance = (u.rowwise() - u.colwise().mean()).cwiseAbs2().colwise().mean();
  CHECK((fresh.variances[0] - variance).norm() < 1e-12);
  // The second layer's, through the first as it is evaluated: with a head of weight 1 the hidden units come
  // out.
  const NormalisedNet one{{5, 6, 6}, {fresh.means[0]}, {fresh.variances[0]}, Vector::Zero(30 + 12 + 42)};
  NormalisedNet below = one;
  below.parameters.head(30) = fresh.parameters.head(30);
  below.parameters.segment(30, 12) = fresh.parameters.segment(54, 12); // after 30 + 24 weights
  for (Index k = 0; k < 6; ++k) below.parameters[42 + k * 6 + k] = 1;
  const data::RowMatrix v = outputs_of(below, f.rows.features)
                            * Eigen::Map<const data::RowMatrix>(fresh.parameters.data() + 30, 6, 4);
  CHECK((fresh.means[1] - v.colwise().mean().transpose()).norm() < 1e-10);
}

TEST_CASE("Fast-NTK: kernels and the difference of solves agree, and so do both sides") {
  const Fixture f;
  const Rows forgotten{0, 4, 9, 17, 29};
  for (const Trainable trainable : {Trainable::norm, Trainable::norm_and_head, Trainable::all}) {
    const LinearModel model = f.linear(trainable);
    const auto by_parameters = ridge_deviations(model, forgotten, 0.5, 0.5, RidgeSide::parameters),
               by_rows = ridge_deviations(model, forgotten, 0.5, 0.5, RidgeSide::rows);
    const Vector delta = by_parameters.retained - by_parameters.all;
    CHECK((by_rows.retained - by_parameters.retained).cwiseAbs().maxCoeff() < 1e-8);
    CHECK((by_rows.all - by_parameters.all).cwiseAbs().maxCoeff() < 1e-8);
    CHECK((forgetting_by_kernels(model, forgotten, 0.5) - delta).cwiseAbs().maxCoeff() < 1e-8);
    CHECK(delta.norm() > 1e-3);
  }
  CHECK(forgetting_by_kernels(f.linear(Trainable::norm), {}, 0.5).norm() == 0);
}

TEST_CASE("Fast-NTK: the Jacobian is that of central differences for every choice of parameters") {
  const Fixture f;
  constexpr double h = 1e-5;
  for (const Trainable trainable :
       {Trainable::norm, Trainable::norm_and_head, Trainable::head, Trainable::all}) {
    const LinearModel model = f.linear(trainable);
    const Vector w = f.start(trainable);
    REQUIRE(model.jacobian.rows() == 90);
    REQUIRE(model.jacobian.cols() == w.size());
    for (Index k = 0; k < w.size(); ++k) {
      Vector up = w, down = w;
      up[k] += h;
      down[k] -= h;
      const data::RowMatrix slope = (outputs_of(with_trained(f.net, trainable, up), f.rows.features)
                                     - outputs_of(with_trained(f.net, trainable, down), f.rows.features))
                                    / (2 * h);
      CHECK((model.jacobian.col(k) - slope.reshaped<Eigen::RowMajor>()).cwiseAbs().maxCoeff() < 1e-6);
    }
  }
}

TEST_CASE("Fast-NTK: one kernel entry a row, outputs summed, is another network") {
  const Fixture f;
  const Rows forgotten{0, 4, 9};
  const LinearModel model = f.linear(Trainable::norm_and_head);
  LinearModel summed{data::RowMatrix(30, model.jacobian.cols()), Vector(30), 1};
  for (Index e = 0; e < 30; ++e) {
    summed.jacobian.row(e) = model.jacobian.middleRows(3 * e, 3).colwise().sum();
    summed.residual[e] = model.residual.segment(3 * e, 3).sum();
  }
  const auto full = ridge_deviations(model, forgotten, 0.03, 0.027),
             cheap = ridge_deviations(summed, forgotten, 0.03, 0.027);
  const Vector delta = full.retained - full.all, cheap_delta = cheap.retained - cheap.all;
  CHECK((delta - cheap_delta).norm() > 0.5 * delta.norm());
  const Vector w_0 = f.start(Trainable::norm_and_head);
  CHECK((fast_ntk_forget(f.net, w_0, f.data(), forgotten, {}).w - w_0 - delta).norm() < 1e-12);
}

TEST_CASE("Fast-NTK: at the trained point the linear model still starts from w_0") {
  const Fixture f;
  const Vector w_0 = f.start(Trainable::norm_and_head);
  const Vector w_d = tune(f.net, w_0, f.data(), {.steps = 20});
  const LinearModel model =
      linear_model(with_trained(f.net, Trainable::norm_and_head, w_d), w_0, w_d, f.data(), {});
  // y - (f(w_D) + J (w - w_D)) at w = w_D must be y - f(w_D).
  const Vector left = model.residual - model.jacobian * (w_d - w_0);
  const auto y = outputs_of(with_trained(f.net, Trainable::norm_and_head, w_d), f.rows.features);
  for (Index e = 0; e < 30; ++e)
    for (Index c = 0; c < 3; ++c) CHECK(left[3 * e + c] == Approx((e % 3 == c) - y(e, c)).margin(1e-12));
}

TEST_CASE("Fast-NTK: residuals under cross-entropy are y - softmax") {
  const Fixture f;
  const Vector w_0 = f.start(Trainable::head);
  const LinearModel model = linear_model(f.net, w_0, w_0, f.data(),
                                         {.trainable = Trainable::head, .loss = TuningLoss::cross_entropy});
  const auto y = outputs_of(f.net, f.rows.features);
  for (Index e = 0; e < 30; ++e)
    for (Index c = 0; c < 3; ++c)
      CHECK(model.residual[3 * e + c]
            == Approx((e % 3 == c) - std::exp(y(e, c)) / y.row(e).array().exp().sum()).margin(1e-12));
}

TEST_CASE("Fast-NTK: tuning descends the loss with its ridge") {
  const Fixture f;
  const Vector w_0 = f.start(Trainable::head);
  const TuningOptions options{.trainable = Trainable::head, .lambda = 0.1, .steps = 3000};
  const Vector w = tune(f.net, w_0, f.data(), options);
  const Vector best =
      head_by_regression(features_below_head(f.net, f.rows.features), f.rows.labels, w_0, options.lambda, 3);
  CHECK((w - best).cwiseAbs().maxCoeff() < 1e-3); // Adam in single precision
}

TEST_CASE("Fast-NTK: the trapezium's scale") {
  // delta and e at 60 degrees, e twice as long: 1 + 2 * 0.5 * 2.
  CHECK(trapezium_scale(Vector{{1, 0}}, Vector{{1, std::sqrt(3.0)}}) == Approx(3));
  CHECK(trapezium_scale(Vector{{1, 0}}, Vector{{-1, std::sqrt(3.0)}}) == Approx(3));
  CHECK(trapezium_scale(Vector{{0, 0}}, Vector{{1, 1}}) == 1);
}

TEST_CASE("Fast-NTK: bad input is refused on one line") {
  const Fixture f;
  const LinearModel model = f.linear(Trainable::norm_and_head);
  CHECK_THROWS_WITH(NormalisedLayout({5, 3}, Trainable::norm), Contains("--train norm"));
  CHECK_NOTHROW(NormalisedLayout({5, 3}, Trainable::norm_and_head));
  CHECK_THROWS_WITH(trainable_named("body"), Contains("norm+head"));
  CHECK_THROWS_WITH(ridge_deviations(model, Rows{30}, 1, 1), Contains("row 31") && Contains("tuning data"));
  CHECK_THROWS_WITH(ridge_deviations(model, Rows{3, 3}, 1, 1), Contains("twice"));
  CHECK_THROWS_WITH(ridge_deviations(model, f.all, 1, 1), Contains("all rows"));
  CHECK_THROWS_WITH(ridge_deviations(model, Rows{1}, 0, 0), Contains("--lambda"));
  CHECK_THROWS_WITH(outputs_of({f.net.widths, {}, {}, f.net.parameters}, f.rows.features),
                    Contains("frozen"));
  CHECK_THROWS_WITH(outputs_of(f.net, f.rows.features.leftCols(4)), Contains("4 features"));
  CHECK_THROWS_WITH(
      pretrain({.features = f.rows.features, .labels = f.rows.labels, .class_names = {"a"}}, {}),
      Contains("two classes"));
  // 30 rows x 3 outputs x 10^10 parameters: refused before anything of that size is made.
  NormalisedNet huge{{5, 10'000'000, 3}, {Vector(10'000'000)}, {Vector(10'000'000)}, {}};
  CHECK_THROWS_WITH(linear_model(huge, {}, {}, {f.rows.features, f.rows.labels, Rows(1000)}, {}),
                    Contains("bytes") && Contains("--train norm"));
}

TEST_CASE("Fast-NTK: a model's file reads back as it was, and knows its rows") {
  const Fixture f;
  data::Dataset rows = f.rows;
  rows.name = "rows.csv";
  FastNtkModel model{
      .net = f.net, .inputs = {"a", "b", "c", "d", "e"}, .classes = {"x", "y", "z"}, .target = "k"};
  model.scale = data::standardisation_of(rows.features);
  model.tuned = Tuned{
      f.start(Trainable::norm), {.trainable = Trainable::norm, .lambda = 0.01}, 30, fingerprint_of(rows)};
  const std::string text = to_json(model);
  const FastNtkModel back = parse_fast_ntk_model(text, "model.json");
  CHECK(to_json(back) == text);
  CHECK(back.net.parameters == f.net.parameters);
  CHECK(back.tuned->origin == model.tuned->origin);
  CHECK_NOTHROW(check_tuning_rows(back, rows));
  rows.features(3, 2) += 1;
  CHECK_THROWS_WITH(check_tuning_rows(back, rows), Contains("rows.csv") && Contains("tuned on"));
  model.tuned.reset();
  CHECK_THROWS_WITH(check_tuning_rows(model, rows), Contains("base"));
  model.net.means.clear();
  CHECK_THROWS_WITH(parse_fast_ntk_model(to_json(model), "base.json"),
                    Contains("base.json") && Contains("frozen statistics"));
  CHECK_THROWS_WITH(parse_fast_ntk_model("{}", "x.json"), Contains("x.json"));
}

TEST_CASE("Fast-NTK: the report compares with retraining") {
  const Fixture f;
  const TuningOptions tuning{.steps = 60};
  const Vector w_0 = f.start(Trainable::norm_and_head);
  const auto tuned = with_trained(f.net, Trainable::norm_and_head, tune(f.net, w_0, f.data(), tuning));
  NormalisedNet after;
  const data::Dataset none;
  const auto report = report_forgetting({.tuned = tuned,
                                         .origin = w_0,
                                         .data = f.rows,
                                         .held_out = none,
                                         .forgotten = {0, 3, 6},
                                         .tuning = tuning,
                                         .options = {},
                                         .compare = true,
                                         .say = {}},
                                        after);
  CHECK(after.parameters != tuned.parameters);
  CHECK(report.tables.at(0).table.rows.size() == 3);
  CHECK(*report.values.at(5).second.number <= 35); // the rank, of 20 norms and 15 of the head
  CHECK(report.values.at(11).first == "steps to relearn, after forgetting");
}

TEST_CASE("Fast-NTK: the brief experiment's claims hold") {
  const auto report = fast_ntk_unlearning_demo({.brief = true});
  CHECK(report.claims.size() == 13);
  for (const auto& claim : report.claims) {
    INFO(claim.what << ": " << claim.measured << ", limit " << claim.limit);
    CHECK(claim.holds());
  }
}
