// Rational transfer functions from one form to the other, and to another sample rate. In double, and but for
// move_to_rate() not for the audio thread: they allocate and solve systems.
#pragma once

#include "dsp/filters/rational.h"

#include <complex>
#include <span>
#include <vector>

namespace raphson::dsp {

/// A(z) = product of the sections' denominators, b the numerator that belongs to it.
RationalPolynomials<double> to_polynomials(const RationalSections<double>& filter);

/// Poles by the eigenvalues of the companion matrix, conjugates and neighbouring real ones in a section, then
/// the numerators by a linear system. Throws InputError where the order is odd or 0, a and b differ in
/// length, or poles coincide so closely that sections cannot stand for them.
RationalSections<double> to_sections(const RationalPolynomials<double>& filter);

/// The roots of z^n + a1 z^(n-1) + ... + an.
std::vector<std::complex<double>> poles(std::span<const double> a);
std::vector<std::complex<double>> poles(const RationalSections<double>& filter);

/// (1, a1 ... an) with these roots, conjugates both listed; what is left of imaginary parts is dropped.
std::vector<double> polynomial(std::span<const std::complex<double>> roots);

bool is_stable(const RationalSections<double>& filter);

std::complex<double> response(const RationalSections<double>& filter, double frequency_hz,
                              double sample_rate);
std::complex<double> response(const RationalPolynomials<double>& filter, double frequency_hz,
                              double sample_rate);

/// The same response at another rate: each pole to the power of old over new, h0 and the numerators by least
/// squares over 600 frequencies from 20 Hz to 0.45 of the lower rate, log-spaced, each weighted by 1/|H|.
/// Throws InputError for rates that are not positive.
RationalSections<double> at_rate(const RationalSections<double>& filter, double old_rate, double new_rate);

/// The same for a RationalStage, in place: fewer frequencies, no memory and no exception, for the audio
/// thread. Sections whose numerator is 0 stay as they are, but the last becomes two taps, beta1 z^-1 + beta2
/// z^-2: the moved poles alone leave a one-pole low-pass at 1 kHz 0.9 dB off at 20 kHz (48 to 96 kHz), with
/// them 0.3.
void move_to_rate(double& h0, std::span<RationalSection<double>, 5> sections, double old_rate,
                  double new_rate) noexcept;

/// The values of a RationalStage (rational_stage.h) that is this filter at this rate. Throws InputError where
/// it has more sections than a stage, or a value outside the stage's ranges.
std::vector<double> stage_values(const RationalSections<double>& filter, double sample_rate);

/// Values fitted at one rate as those that are the same filter at another. Throws as stage_values().
std::vector<double> stage_values_at_rate(std::span<const double> values, double old_rate, double new_rate);

} // namespace raphson::dsp
