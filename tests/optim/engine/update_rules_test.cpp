// The update rules by themselves: Adam and AdaMax against the paper's equations written out, and what the
// paper says of their steps; the state's way out and back.
#include "catch.h"

#include "dsp/error.h"
#include "optim/engine/first_order.h"
#include "optim/engine/random.h"

#include <cmath>

using namespace raphson::optim;

namespace {

using Steps = std::vector<Vector>; // the parameters after each step

std::span<double> values(Vector& x) { return {x.data(), static_cast<std::size_t>(x.size())}; }
std::span<const double> values(const Vector& x) { return {x.data(), static_cast<std::size_t>(x.size())}; }

Steps run(UpdateRule<double>& rule, const Vector& start, const Steps& gradients,
          const Schedule& schedule = {}) {
  Steps path;
  Vector x = start;
  std::int64_t t = 0;
  for (const Vector& g : gradients) {
    ++t;
    rule.step(values(g), values(x), schedule ? schedule(t) : 1);
    path.push_back(x);
  }
  return path;
}

Steps run(const RuleSettings& settings, const Vector& start, const Steps& gradients,
          const Schedule& schedule = {}) {
  return run(*make_rule<double>(settings, one_block(start.size())), start, gradients, schedule);
}

/// The parameters' way under one gradient after another, in one coordinate from 0.
std::vector<double> path_of(const RuleSettings& settings, const std::vector<double>& gradients) {
  Steps steps;
  for (const double g : gradients) steps.push_back(Vector{{g}});
  std::vector<double> path;
  for (const Vector& x : run(settings, Vector{{0.0}}, steps)) path.push_back(x[0]);
  return path;
}

Steps random_gradients(Eigen::Index n, int count, std::uint64_t seed = 1) {
  RandomStream random(seed, "gradients");
  Steps gradients;
  for (int t = 0; t < count; ++t) {
    Vector g(n);
    for (Eigen::Index i = 0; i < n; ++i)
      g[i] = random.normal() * std::pow(10.0, static_cast<double>(i % 5) - 2);
    gradients.push_back(g);
  }
  return gradients;
}

double largest_difference(const Steps& a, const Steps& b) {
  double largest = 0;
  for (std::size_t t = 0; t < a.size(); ++t)
    largest = std::max(largest, (a[t] - b[t]).lpNorm<Eigen::Infinity>());
  return largest;
}

Vector start_of(Eigen::Index n) { return Vector::LinSpaced(n, -1, 1); }

} // namespace

// Kingma & Ba, algorithms 1 and 2, coordinate by coordinate as printed; powers by pow().
TEST_CASE("Adam follows the paper's equations") {
  const Eigen::Index n = 700; // more than one of the pieces that the rule works in
  const Steps gradients = random_gradients(n, 100);
  const double alpha = 0.01, beta1 = 0.8, beta2 = 0.99, epsilon = 1e-3, decay = 0.05;
  for (const bool decays : {false, true}) {
    Steps expected;
    std::vector<double> theta(n), m(n), v(n);
    for (Eigen::Index i = 0; i < n; ++i) theta[i] = start_of(n)[i];
    for (int t = 1; t <= 100; ++t) {
      const double a = alpha / std::sqrt(t);
      for (Eigen::Index i = 0; i < n; ++i) {
        const double g = gradients[t - 1][i];
        m[i] = beta1 * m[i] + (1 - beta1) * g;
        v[i] = beta2 * v[i] + (1 - beta2) * g * g;
        const double m_hat = m[i] / (1 - std::pow(beta1, t)), v_hat = v[i] / (1 - std::pow(beta2, t));
        theta[i] -= a * m_hat / (std::sqrt(v_hat) + epsilon);
        if (decays) theta[i] -= a * decay * theta[i];
      }
      expected.push_back(Eigen::Map<Vector>(theta.data(), n));
    }
    const AdamSettings settings{.learning_rate = alpha,
                                .beta1 = beta1,
                                .beta2 = beta2,
                                .epsilon = epsilon,
                                .decoupled_decay = decays ? decay : 0};
    CHECK(largest_difference(run(settings, start_of(n), gradients, inverse_square_root()), expected) < 1e-13);
  }
}

TEST_CASE("AdaMax follows the paper's equations") {
  const Eigen::Index n = 700;
  const Steps gradients = random_gradients(n, 100);
  Steps expected;
  std::vector<double> theta(n), m(n), u(n);
  for (Eigen::Index i = 0; i < n; ++i) theta[i] = start_of(n)[i];
  for (int t = 1; t <= 100; ++t) {
    for (Eigen::Index i = 0; i < n; ++i) {
      const double g = gradients[t - 1][i];
      m[i] = 0.9 * m[i] + 0.1 * g;
      u[i] = std::max(0.95 * u[i], std::abs(g));
      theta[i] -= 0.01 / (1 - std::pow(0.9, t)) * m[i] / u[i];
    }
    expected.push_back(Eigen::Map<Vector>(theta.data(), n));
  }
  CHECK(largest_difference(run(AdaMaxSettings{.learning_rate = 0.01, .beta2 = 0.95}, start_of(n), gradients),
                           expected)
        < 1e-13);
}

TEST_CASE("SGD, Nesterov's momentum, AdaGrad and RMSProp follow their equations") {
  const Eigen::Index n = 9;
  const Steps gradients = random_gradients(n, 100);
  const auto follows = [&](const RuleSettings& settings, const auto& step) {
    Steps expected;
    Vector x = start_of(n), s = Vector::Zero(n);
    for (const Vector& g : gradients) {
      for (Eigen::Index i = 0; i < n; ++i) step(x[i], s[i], g[i]);
      expected.push_back(x);
    }
    INFO(name_of(settings));
    CHECK(largest_difference(run(settings, start_of(n), gradients), expected) < 1e-11);
  };
  follows(SgdSettings{.learning_rate = 0.1}, [](double& x, double&, double g) { x -= 0.1 * g; });
  follows(SgdSettings{.learning_rate = 0.1, .momentum = 0.9, .l2 = 0.01}, [](double& x, double& v, double g) {
    v = 0.9 * v + g + 0.01 * x;
    x -= 0.1 * v;
  });
  // In Nesterov's form the gradient is taken ahead; in the variable y = x - a momentum v it is this one.
  follows(SgdSettings{.learning_rate = 0.1, .momentum = 0.9, .nesterov = true},
          [](double& x, double& v, double g) {
            const double before = v;
            v = 0.9 * v - 0.1 * g;
            x += -0.9 * before + 1.9 * v;
          });
  follows(AdaGradSettings{.learning_rate = 0.1, .epsilon = 0.01}, [](double& x, double& s, double g) {
    s += g * g;
    x -= 0.1 * g / (std::sqrt(s) + 0.01);
  });
  follows(RmsPropSettings{.learning_rate = 0.1, .decay = 0.8, .epsilon = 0.01},
          [](double& x, double& s, double g) {
            s = 0.8 * s + 0.2 * g * g;
            x -= 0.1 * g / (std::sqrt(s) + 0.01);
          });
}

TEST_CASE("Adam and AdaMax do not see the gradient's scale: bit for bit, powers of two") {
  const Eigen::Index n = 12;
  Steps gradients = random_gradients(n, 100), scaled = gradients;
  Vector scale(n);
  for (Eigen::Index i = 0; i < n; ++i) scale[i] = std::ldexp(1.0, static_cast<int>(5 * i) - 20);
  for (Vector& g : scaled) g.array() *= scale.array();
  const RuleSettings adam = AdamSettings{.epsilon = 0}, adamax = AdaMaxSettings{};
  for (const RuleSettings& settings : {adam, adamax}) {
    const Steps plain = run(settings, start_of(n), gradients), other = run(settings, start_of(n), scaled);
    CHECK(largest_difference(plain, other) == 0);
  }
  CHECK(largest_difference(run(AdamSettings{}, start_of(n), gradients),
                           run(AdamSettings{}, start_of(n), scaled))
        > 0); // epsilon does see it
}

TEST_CASE("Under a constant gradient each step is the learning rate, from the first on") {
  for (const double beta1 : {0.0, 0.5, 0.9})
    for (const double beta2 : {0.0, 0.9, 0.999})
      for (const double g : {7.0, -1e-3}) {
        const double sign = g > 0 ? 1 : -1;
        const AdamSettings adam{.learning_rate = 0.25, .beta1 = beta1, .beta2 = beta2, .epsilon = 0};
        const AdaMaxSettings adamax{.learning_rate = 0.25, .beta1 = beta1, .beta2 = beta2};
        for (const RuleSettings& settings : {RuleSettings(adam), RuleSettings(adamax)}) {
          const auto path = path_of(settings, {g, g, g});
          for (int t = 1; t <= 3; ++t) CHECK(path[t - 1] == Approx(-0.25 * t * sign).epsilon(1e-13));
        }
      }
  // Also where beta1 itself decays: the correction is one less the product of all of them.
  const AdamSettings decaying{.learning_rate = 0.25, .epsilon = 0, .beta1_decay = 0.7};
  const auto path = path_of(decaying, {7, 7, 7, 7});
  for (int t = 1; t <= 4; ++t) CHECK(path[t - 1] == Approx(-0.25 * t).epsilon(1e-13));
  CHECK(path_of(AdamSettings{.beta1_decay = 0.7}, {1, -2, 3}) != path_of(AdamSettings{}, {1, -2, 3}));
}

TEST_CASE("Epsilon comes after the root, on the corrected moment") {
  const auto path = path_of(AdamSettings{.learning_rate = 1, .epsilon = 1e-8}, std::vector<double>(50, 1e-8));
  for (int t = 1; t <= 50; ++t) CHECK(path[t - 1] == Approx(-0.5 * t).epsilon(1e-12));
}

// Kingma & Ba, section 2.1: |step| <= alpha (1 - beta1) / sqrt(1 - beta2), where that is above alpha.
TEST_CASE(
    "A gradient after a long silence makes the longest step: 2.51457 alpha in Adam, 0.1 alpha in AdaMax") {
  std::vector<double> gradients(999, 0.0);
  gradients.push_back(1);
  const auto adam = path_of(AdamSettings{.learning_rate = 1, .epsilon = 0}, gradients);
  CHECK(adam[998] == 0); // not 0 / 0
  CHECK(-adam[999] == Approx(2.51457).epsilon(2e-6));
  CHECK(-adam[999] < 0.1 / std::sqrt(0.001));
  const auto adamax = path_of(AdaMaxSettings{.learning_rate = 1}, gradients);
  CHECK(adamax[998] == 0);
  CHECK(-adamax[999] == Approx(0.1).epsilon(1e-12));
}

TEST_CASE("No step of AdaMax is longer than alpha") {
  const Steps path = run(AdaMaxSettings{.learning_rate = 0.5}, start_of(20), random_gradients(20, 300));
  for (std::size_t t = 1; t < path.size(); ++t)
    CHECK((path[t] - path[t - 1]).lpNorm<Eigen::Infinity>() <= 0.5 * (1 + 1e-12));
}

// gradients 1, 0, 0: u = 1, .999, .998001, without a correction, an epsilon, or AMSGrad's maximum. With m =
// 0.1, .09, .081 over 1 - .9^t.
TEST_CASE("AdaMax's maximum decays") {
  AdaMaxRule<double> rule(one_block(1), {.learning_rate = 1});
  Vector x{{0.0}};
  std::vector<double> u;
  for (const double g : {1.0, 0.0, 0.0}) {
    const Vector gradient{{g}};
    rule.step(values(gradient), values(x));
    u.push_back(std::get<std::span<double>>(rule.state().back().values)[0]);
  }
  CHECK(u == std::vector<double>{1, 0.999, 0.999 * 0.999});
  CHECK(x[0] == Approx(-(0.1 / 0.1 + 0.09 / 0.19 / 0.999 + 0.081 / 0.271 / 0.998001)).epsilon(1e-14));
}

TEST_CASE("Decoupled decay multiplies, where L2 would step by alpha") {
  for (const RuleSettings& settings :
       {RuleSettings(AdamSettings{.learning_rate = 0.1, .decoupled_decay = 0.5}),
        RuleSettings(AdaMaxSettings{.learning_rate = 0.1, .decoupled_decay = 0.5})}) {
    const Steps path = run(settings, Vector{{2.0}}, {Vector{{0.0}}, Vector{{0.0}}});
    CHECK(path[0][0] == Approx(2 * 0.95).epsilon(1e-15));
    CHECK(path[1][0] == Approx(2 * 0.95 * 0.95).epsilon(1e-15));
  }
}

TEST_CASE("Without the correction Adam's first steps are what its moments are") {
  const auto path = path_of(AdamSettings{.learning_rate = 1, .epsilon = 0, .bias_correction = false}, {3, 3});
  CHECK(-path[0] == Approx(0.1 / std::sqrt(0.001)));
  CHECK(-(path[1] - path[0]) == Approx(0.19 / std::sqrt(0.001999)));
}

// S. Reddi, S. Kale & S. Kumar, "On the convergence of Adam and beyond", ICLR 2018, theorem 1: the cost is C
// x each third step and -x in the others, (C - 2) x in the sum, so -1 is the best of [-1, 1] and 1 the worst.
TEST_CASE("Adam goes to the worst point of a convex loss, and SGD to the best") {
  const double c = 3, beta2 = 1 / (1 + c * c), alpha = 0.5 * std::sqrt(1 - beta2);
  const auto end_of = [&](const RuleSettings& settings, double start) {
    const auto rule = make_rule<double>(settings, one_block(1));
    Vector x{{start}};
    for (int t = 1; t <= 30000; ++t) {
      const Vector g{{t % 3 == 1 ? c : -1.0}};
      rule->step(values(g), values(x), 1 / std::sqrt(t));
      x[0] = std::clamp(x[0], -1.0, 1.0);
    }
    return x[0];
  };
  const AdamSettings adam{.learning_rate = alpha, .beta1 = 0, .beta2 = beta2, .epsilon = 0};
  for (const double start : {-1.0, 1.0}) {
    CHECK(end_of(adam, start) > 0.99);
    CHECK(end_of(SgdSettings{.learning_rate = alpha}, start) < -0.98);
  }
}

namespace {

const ParameterBlocks layers{
    {"weights", 0, 6, 9}, {"bias", 54, 1, 9}, {"out", 63, 9, 2}, {"out bias", 81, 1, 2}};

std::vector<RuleSettings> all_rules() {
  std::vector<RuleSettings> rules;
  for (const char* name : {"sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamax", "soap",
                           "shampoo", "m-fac", "langevin"})
    rules.push_back(with_learning_rate(rule_named(name), 0.01));
  rules.push_back(SoapSettings{.refresh = 3, .one_sided = true});
  rules.push_back(SoapSettings{.refresh = 3, .factorised = true, .basis = SoapSettings::Basis::eigh});
  rules.push_back(ShampooSettings{.refresh = 4, .scale = ShampooSettings::Scale::trace});
  rules.push_back(MFacSettings{.window = 7, .lambda = 0.01, .l2 = 0.1});
  return rules;
}

} // namespace

TEMPLATE_TEST_CASE("A rule's state goes out and comes back: the run goes on to the bit", "", float, double) {
  const std::size_t n = 83;
  RandomStream random(3, "gradients");
  const auto draw = [&] {
    std::vector<TestType> g(n);
    for (TestType& x : g) x = static_cast<TestType>(random.normal());
    return g;
  };
  for (const RuleSettings& settings : all_rules()) {
    INFO(name_of(settings));
    const auto first = make_rule<TestType>(settings, layers), second = make_rule<TestType>(settings, layers);
    std::vector<TestType> x(n, TestType(1));
    for (int t = 0; t < 25; ++t) first->step(draw(), x);
    const std::string saved = save_state(*first);
    CHECK(saved.size() >= first->state_bytes());
    restore_state<TestType>(*second, saved);
    CHECK(save_state(*second) == saved);
    std::vector<TestType> y = x;
    for (int t = 0; t < 15; ++t) {
      const auto g = draw();
      first->step(g, x);
      second->step(g, y);
    }
    CHECK(x == y);
    CHECK(save_state(*first) == save_state(*second));
    CHECK_THROWS_AS(restore_state<TestType>(*second, saved.substr(1)), raphson::InputError);
  }
  const auto momentum = make_rule<TestType>(rule_named("momentum"), layers);
  const auto adagrad = make_rule<TestType>(rule_named("adagrad"), layers);
  CHECK_THROWS_AS(restore_state<TestType>(*adagrad, save_state(*momentum)), raphson::InputError);
}

TEST_CASE("Rules in float follow those in double") {
  const Eigen::Index n = 83;
  for (const RuleSettings& settings : all_rules()) {
    if (std::holds_alternative<LangevinSettings>(settings))
      continue; // the same noise, but from no gradient's
    // A basis of the null space of the first gradient is rounding's choice.
    if (const auto* soap = std::get_if<SoapSettings>(&settings); soap && !soap->one_sided) continue;
    INFO(name_of(settings));
    const auto in_double = make_rule<double>(settings, layers);
    const auto in_float = make_rule<float>(settings, layers);
    Vector x = Vector::Ones(n);
    Eigen::VectorXf y = Eigen::VectorXf::Ones(n);
    Steps gradients;
    RandomStream random(5, "gradients");
    for (int t = 0; t < 10; ++t) {
      Vector g(n);
      for (double& entry : g) entry = random.normal();
      const Eigen::VectorXf h = g.cast<float>();
      g = h.cast<double>();
      in_double->step(values(g), values(x));
      in_float->step({h.data(), static_cast<std::size_t>(n)}, {y.data(), static_cast<std::size_t>(n)});
    }
    CHECK((x - y.cast<double>()).lpNorm<Eigen::Infinity>() < 2e-4);
  }
}

TEST_CASE("A coordinate that has had no gradient stays, whatever the rule does to the others") {
  for (const RuleSettings& settings :
       {RuleSettings(AdamSettings{.epsilon = 0}), RuleSettings(AdaMaxSettings{}),
        RuleSettings(AdaGradSettings{.epsilon = 0}), RuleSettings(RmsPropSettings{.epsilon = 0})}) {
    const Steps path = run(settings, Vector{{3.0, 4.0}}, Steps(20, Vector{{0.0, 1.0}}));
    CHECK(path.back()[0] == 3);
    CHECK(path.back()[1] < 4);
  }
}

TEST_CASE("Settings out of their range are refused by name") {
  const auto message = [](const RuleSettings& settings) -> std::string {
    try {
      make_rule<double>(settings, one_block(3));
    } catch (const raphson::InputError& error) {
      return error.what();
    }
    return "";
  };
  CHECK(message(AdamSettings{.learning_rate = 0})
        == "adam: learning_rate is 0, it must be above 0 and finite");
  CHECK(message(AdamSettings{.beta1 = 1}) == "adam: beta1 is 1, it must be at least 0 and below 1");
  CHECK(message(AdamSettings{.beta2 = -0.1}).starts_with("adam: beta2 is -0.1"));
  CHECK(message(AdamSettings{.epsilon = -1}).starts_with("adam: epsilon"));
  CHECK(message(AdaMaxSettings{.learning_rate = -1}).starts_with("adamax: learning_rate"));
  CHECK(message(SoapSettings{.refresh = 0}) == "soap: refresh is 0, it must be at least 1");
  CHECK(message(SoapSettings{.beta2 = 1.5}).starts_with("soap: beta2"));
  CHECK(message(MFacSettings{.lambda = 0}).find("damping") != std::string::npos);
  CHECK(message(MFacSettings{.window = 0}).find("0 gradients") != std::string::npos);
  CHECK(message(SgdSettings{.nesterov = true}).starts_with("sgd: nesterov"));
  CHECK(message(AdamSettings{}).empty());
  CHECK_THROWS_AS(rule_named("adma"), raphson::InputError);
  CHECK_THROWS_AS(make_rule<double>(AdamSettings{}, {{"a", 0, 2, 2}, {"b", 5, 1, 1}}), raphson::InputError);
  Vector x = Vector::Zero(2);
  const Vector g = Vector::Zero(3);
  CHECK_THROWS_AS(make_rule<double>(AdamSettings{}, one_block(3))->step(values(g), values(x)),
                  std::invalid_argument);
}

TEST_CASE("Schedules are what they say") {
  CHECK(inverse_square_root()(1) == 1);
  CHECK(inverse_square_root()(4) == 0.5);
  const Schedule warm = cosine(12, 4);
  for (int t = 1; t <= 4; ++t) CHECK(warm(t) == Approx(t / 4.0));
  CHECK(warm(5) == 1);
  CHECK(warm(9) == Approx(0.5)); // half of the way down
  CHECK(warm(12) == Approx(0.5 * (1 + std::cos(7.0 / 8 * 3.14159265358979))));
  CHECK(warm(13) == 0);
  const Schedule epochs = by_epoch(cosine(2), 3);
  CHECK(epochs(1) == 1);
  CHECK(epochs(3) == 1);
  CHECK(epochs(4) == Approx(0.5));
  CHECK_THROWS_AS(cosine(10, 10), raphson::InputError);
  CHECK_THROWS_AS(by_epoch({}, 0), raphson::InputError);
}
