// Generalised advantage estimation (J. Schulman et al., ICLR 2016): for an episode's rewards r_t and state
// values V(s_t), V = 0 past its end,
//
//   delta_t = r_t + gamma V(s_{t+1}) - V(s_t),   A_t = delta_t + gamma lambda A_{t+1}.
#pragma once

#include <span>

namespace raphson::optim::rl {

struct AdvantageSettings {
  double gamma = 1;     // discount
  double lambda = 0.95; // 1: the whole return less V; 0: delta alone
};

/// All spans have the episode's length.
void generalised_advantages(std::span<const double> rewards, std::span<const double> values,
                            const AdvantageSettings& settings, std::span<double> advantages);

/// sum_k gamma^k r_{t+k} to the end of the episode.
void discounted_returns(std::span<const double> rewards, double gamma, std::span<double> returns);

/// (x - mean) / (deviation + 1e-8). All 0 where nothing varies.
void whiten(std::span<double> values);

} // namespace raphson::optim::rl
