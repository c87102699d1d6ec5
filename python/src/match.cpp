// match() for Python: arrays and plain values in, a dict of plain values out.
#include "optim/match/match.h"

#include "arrays.h"
#include "bindings.h"
#include "interruptible.h"

#include <pybind11/stl.h>

#include <cmath>

namespace raphson::python {
namespace {

using namespace optim;
using namespace pybind11::literals;

data::Audio to_audio(const Array<float>& samples, double sample_rate) {
  data::Audio audio{sample_rate, {}};
  for (std::size_t c = 0; c < channels(samples); ++c)
    audio.channels.emplace_back(channel(samples, c).begin(), channel(samples, c).end());
  return audio;
}

py::dict parameter(const match::ParameterEstimate& p) {
  return py::dict("name"_a = p.name, "label"_a = p.label, "unit"_a = p.unit, "value"_a = p.value,
                  "standard_error"_a = p.standard_error, "determined"_a = p.determined, "note"_a = p.note);
}

py::dict iteration(const match::IterationRecord& i) {
  return py::dict("iteration"_a = i.iteration, "esr"_a = i.esr, "gradient_norm"_a = i.gradient_norm,
                  "step_length"_a = i.step_length, "seconds"_a = i.seconds);
}

py::object held_out(const std::optional<match::HeldOut>& h) {
  if (!h) return py::none();
  return py::dict("first_half_esr"_a = h->fitted_half_esr, "unseen_second_half_esr"_a = h->other_half_esr,
                  "second_half_esr"_a = h->second_fitted_half_esr,
                  "unseen_first_half_esr"_a = h->second_other_half_esr);
}

py::dict to_dict(const match::MatchResult& r) {
  py::list parameters, trace;
  for (const auto& p : r.parameters) parameters.append(parameter(p));
  for (const auto& i : r.trace) trace.append(iteration(i));
  return py::dict(
      "chain"_a = dsp::to_string(r.chain), "values"_a = r.chain.values(), "parameters"_a = parameters,
      "esr"_a = r.esr, "esr_before"_a = r.esr_before, "delay_samples"_a = r.alignment.delay_samples,
      "polarity_inverted"_a = r.alignment.inverted, "held_out"_a = held_out(r.held_out),
      "deepest_gain_reduction_db"_a = r.deepest_gain_reduction_db, "converged"_a = r.converged,
      "stop_reason"_a = name_of(r.stop_reason), "iterations"_a = r.iterations,
      "evaluations"_a = r.evaluations, "seconds"_a = r.seconds, "trace"_a = trace, "warnings"_a = r.warnings);
}

/// progress(phase, fraction, iteration, esr) on the thread that called match; False ends it.
match::MatchObserver observer(Listener& listener, const py::object& progress) {
  if (progress.is_none())
    return [&listener](const match::MatchProgress&) {
      listener.check();
      return Control::proceed;
    };
  return [&listener, &progress](const match::MatchProgress& p) {
    bool go_on = true;
    listener.call([&] {
      const py::object answer = progress(p.phase, p.fraction, p.iteration, p.esr);
      go_on = answer.is_none() || py::cast<bool>(answer);
    });
    return go_on ? Control::proceed : Control::cancel;
  };
}

py::dict run_match(const Array<float>& dry, const Array<float>& wet, double sample_rate,
                   const match::MatchOptions& options, const py::object& progress) {
  check_sample_rate(sample_rate);
  check_audio(dry, "dry");
  check_audio(wet, "wet");
  match::MatchResult result;
  Listener listener;
  listener.run([&] {
    result = match::match(to_audio(dry, sample_rate), to_audio(wet, sample_rate), options,
                          observer(listener, progress));
  });
  return to_dict(result);
}

} // namespace

void bind_match(py::module_& m) {
  m.def(
      "match",
      [](const Array<float>& dry, const Array<float>& wet, double sample_rate, const std::string& model,
         bool inverse, const std::optional<std::vector<double>>& start, std::optional<double> delay_samples,
         bool pre_emphasis, double chunk_seconds, double warm_up_seconds, int starts, int maximum_iterations,
         bool with_held_out, std::size_t threads, const py::object& progress) {
        match::MatchOptions options;
        options.model = model;
        options.mode = inverse ? match::Mode::inverse : match::Mode::forward;
        if (start) {
          options.start = dsp::parse_chain(model);
          options.start->set_values(*start);
        }
        options.delay_samples = delay_samples;
        options.pre_emphasis = pre_emphasis;
        options.chunks = {chunk_seconds, warm_up_seconds};
        options.starts = starts;
        options.maximum_iterations = maximum_iterations;
        options.held_out = with_held_out;
        options.threads = threads;
        return run_match(dry, wet, sample_rate, options, progress);
      },
      "dry"_a, "wet"_a, "sample_rate"_a, "model"_a, "inverse"_a, "start"_a, "delay_samples"_a,
      "pre_emphasis"_a, "chunk_seconds"_a, "warm_up_seconds"_a, "starts"_a, "maximum_iterations"_a,
      "held_out"_a, "threads"_a, "progress"_a);
}

} // namespace raphson::python
