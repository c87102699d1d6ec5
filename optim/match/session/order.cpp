#include "optim/match/session/order.h"

#include <cmath>
#include <tuple>

namespace raphson::optim::match {

double knob_distance(const std::vector<dsp::Knob>& knobs, const dsp::KnobSetting& a,
                     const dsp::KnobSetting& b) {
  double sum = 0;
  for (std::size_t k = 0; k < knobs.size(); ++k)
    if (!knobs[k].is_switch()) sum += std::pow((a[k] - b[k]) / (knobs[k].maximum - knobs[k].minimum), 2);
  return std::sqrt(sum);
}

int switch_distance(const std::vector<dsp::Knob>& knobs, const dsp::KnobSetting& a,
                    const dsp::KnobSetting& b) {
  int others = 0;
  for (std::size_t k = 0; k < knobs.size(); ++k) others += knobs[k].is_switch() && a[k] != b[k];
  return others;
}

std::vector<FitStep> fitting_order(const Session& session) {
  std::vector<FitStep> order{{0, {}}};
  std::vector<bool> done(session.takes.size());
  done[0] = true;
  while (order.size() < session.takes.size()) {
    std::optional<std::tuple<int, double, std::size_t, std::size_t>> nearest;
    for (std::size_t take = 0; take < session.takes.size(); ++take) {
      if (done[take]) continue;
      for (const FitStep& fitted : order) {
        const auto& a = session.takes[take].knobs;
        const auto& b = session.takes[fitted.take].knobs;
        const std::tuple candidate(switch_distance(session.knobs, a, b), knob_distance(session.knobs, a, b),
                                   take, fitted.take);
        if (!nearest || candidate < *nearest) nearest = candidate;
      }
    }
    order.push_back({std::get<2>(*nearest), std::get<3>(*nearest)});
    done[order.back().take] = true;
  }
  return order;
}

} // namespace raphson::optim::match
