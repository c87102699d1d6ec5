#include "optim/engine/random.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace raphson::optim {

std::uint64_t split_mix(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

std::uint64_t Xoshiro256::operator()() {
  auto& s = state_;
  const std::uint64_t result = std::rotl(s[0] + s[3], 23) + s[0];
  const std::uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = std::rotl(s[3], 45);
  return result;
}

namespace {

std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

// The seed goes through a step of its own first, so that seed and name do not cancel.
std::array<std::uint64_t, 4> initial_state(std::uint64_t seed, std::string_view name) {
  std::uint64_t mixed = split_mix(seed) ^ fnv1a(name);
  return {split_mix(mixed), split_mix(mixed), split_mix(mixed), split_mix(mixed)};
}

// Every product that meets a sum goes through std::fma, which is rounded once everywhere: compilers may
// otherwise contract a * b + c on some machines and not on others.
template <std::size_t N> double polynomial(const double (&coefficients)[N], double x) {
  double sum = coefficients[N - 1];
  for (std::size_t i = N - 1; i-- > 0;) sum = std::fma(sum, x, coefficients[i]);
  return sum;
}

// Natural logarithm: x = m 2^k with m in [1/sqrt 2, sqrt 2), log m = 2 artanh((m - 1) / (m + 1)) by its
// series, whose first neglected term is below 1e-18.
double exact_log(double x) {
  static constexpr double artanh[] = {1.0,      1.0 / 3,  1.0 / 5,  1.0 / 7,  1.0 / 9, 1.0 / 11,
                                      1.0 / 13, 1.0 / 15, 1.0 / 17, 1.0 / 19, 1.0 / 21};
  int exponent = 0;
  double m = std::frexp(x, &exponent);
  if (m < 0.70710678118654752) {
    m *= 2;
    --exponent;
  }
  const double s = (m - 1) / (m + 1);
  const double log_m = 2 * s * polynomial(artanh, s * s);
  return std::fma(exponent, 0.69314718055994530942, log_m);
}

constexpr double central_top[] = {3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
                                  1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
                                  3.3430575583588128105e4, 2.5090809287301226727e3};
constexpr double central_bottom[] = {1.0,
                                     4.2313330701600911252e1,
                                     6.8718700749205790830e2,
                                     5.3941960214247511077e3,
                                     2.1213794301586595867e4,
                                     3.9307895800092710610e4,
                                     2.8729085735721942674e4,
                                     5.2264952788528545610e3};
constexpr double middle_top[] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                 5.76949722146069140550e0,  3.64784832476320460504e0,
                                 1.27045825245236838258e0,  2.41780725177450611770e-1,
                                 2.27238449892691845833e-2, 7.74545014278341407640e-4};
constexpr double middle_bottom[] = {1.0,
                                    2.05319162663775882187e0,
                                    1.67638483018380384940e0,
                                    6.89767334985100004550e-1,
                                    1.48103976427480074590e-1,
                                    1.51986665636164571966e-2,
                                    5.47593808499534494600e-4,
                                    1.05075007164441684324e-9};
constexpr double tail_top[] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                               1.78482653991729133580e0,  2.96560571828504891230e-1,
                               2.65321895265761230930e-2, 1.24266094738807843860e-3,
                               2.71155556874348757815e-5, 2.01033439929228813265e-7};
constexpr double tail_bottom[] = {1.0,
                                  5.99832206555887937690e-1,
                                  1.36929880922735805310e-1,
                                  1.48753612908506148525e-2,
                                  7.86869131145613259100e-4,
                                  1.84631831751005468180e-5,
                                  1.42151175831644588870e-7,
                                  2.04426310338993978564e-15};

} // namespace

double normal_quantile(double p) {
  const double q = p - 0.5;
  if (std::abs(q) <= 0.425) {
    const double r = std::fma(-q, q, 0.180625);
    return q * (polynomial(central_top, r) / polynomial(central_bottom, r));
  }
  const double r = std::sqrt(-exact_log(std::min(p, 1 - p)));
  const double magnitude = r <= 5 ? polynomial(middle_top, r - 1.6) / polynomial(middle_bottom, r - 1.6)
                                  : polynomial(tail_top, r - 5) / polynomial(tail_bottom, r - 5);
  return std::copysign(magnitude, q);
}

RandomStream::RandomStream(std::uint64_t seed, std::string_view name) : engine_(initial_state(seed, name)) {}

double RandomStream::uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }

double RandomStream::uniform(double low, double high) {
  return std::clamp(std::fma(high - low, uniform(), low), low, high);
}

// From the middles of 2^52 equal cells, so that neither 0 nor 1 occurs and both tails are alike.
double RandomStream::normal() {
  return normal_quantile((static_cast<double>(engine_() >> 12) + 0.5) * 0x1p-52);
}

std::size_t RandomStream::index(std::size_t count) {
  const std::uint64_t n = count, unfair = (0 - n) % n; // 2^64 mod n
  std::uint64_t bits = engine_();
  while (bits < unfair) bits = engine_();
  return static_cast<std::size_t>(bits % n);
}

} // namespace raphson::optim
