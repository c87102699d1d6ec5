#include "tests/bench/scalar_reference.h"

#include <cmath>

namespace raphson::bench {

void REFERENCE_NAME(const float* dry, const float* wet, std::size_t samples, const double* coordinates,
                    double pole, ReferenceSums& out) {
  const double theta = coordinates[0], s = coordinates[1], attack = coordinates[2], release = coordinates[3];
  const double makeup = std::exp(coordinates[4]);
  // Derivatives of g by theta, s, a, r and then tt ts ss ta sa aa tr sr ar rr.
  double g = 1, q[14] = {};
  double signal[16], before[16] = {}, filtered[16] = {};
  out = {};
  for (std::size_t t = 0; t < samples; ++t) {
    const double x = dry[t], u = std::log(std::fmax(std::fabs(x), 1e-8)) - theta;
    double f = 1, ft = 0, fs = 0, ftt = 0, fts = 0, fss = 0;
    if (u > 0) {
      f = std::exp(-s * u);
      ft = s * f;
      fs = -u * f;
      ftt = s * s * f;
      fts = f * (1 - s * u);
      fss = u * u * f;
    }
    const bool attacks = f < g;
    const double c = attacks ? attack : release, ca = attacks, cr = !attacks;
    const double d = f - g, dt = ft - q[0], ds = fs - q[1], da = -q[2], dr = -q[3];
    q[4] += c * (ftt - q[4]);
    q[5] += c * (fts - q[5]);
    q[6] += c * (fss - q[6]);
    q[7] += -c * q[7] + ca * dt;
    q[8] += -c * q[8] + ca * ds;
    q[9] += -c * q[9] + 2 * ca * da;
    q[10] += -c * q[10] + cr * dt;
    q[11] += -c * q[11] + cr * ds;
    q[12] += -c * q[12] + ca * dr + cr * da;
    q[13] += -c * q[13] + 2 * cr * dr;
    q[0] += c * dt;
    q[1] += c * ds;
    q[2] += c * da + ca * d;
    q[3] += c * dr + cr * d;
    g += c * d;

    const double mx = makeup * x;
    signal[0] = mx * g - wet[t];
    signal[15] = mx * g;
    for (int i = 0; i < 14; ++i) signal[1 + i] = mx * q[i];
    for (int i = 0; i < 16; ++i) {
      filtered[i] = signal[i] - before[i] + pole * filtered[i];
      before[i] = signal[i];
    }
    const double e = filtered[0];
    const double p[5] = {filtered[1], filtered[2], filtered[3], filtered[4], filtered[15]};
    out.loss += 0.5 * e * e;
    for (int i = 0; i < 5; ++i) out.gradient[i] += e * p[i];
    int k = 0;
    for (int i = 0; i < 4; ++i)
      for (int j = 0; j <= i; ++j, ++k) out.hessian[k] += p[i] * p[j] + e * filtered[5 + k];
    for (int j = 0; j < 5; ++j, ++k) out.hessian[k] += p[4] * p[j] + e * p[j];
  }
}

} // namespace raphson::bench
