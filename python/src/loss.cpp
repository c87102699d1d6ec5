// The objectives of a match for Python, on arrays used in place.
#include "arrays.h"
#include "bindings.h"
#include "coordinates.h"
#include "optim/engine/parallel.h"
#include "optim/match/chain_fit.h"
#include "optim/match/chain_objective.h"

#include <pybind11/stl.h>

#include <utility>

namespace raphson::python {
namespace {

using namespace optim;
using namespace pybind11::literals;

struct LossOptions {
  bool pre_emphasis;
  double chunk_seconds, warm_up_seconds;
  std::optional<std::pair<std::size_t, std::size_t>> scored; ///< samples
  std::size_t threads;
  bool single_precision;
};

/// The recordings, which it keeps alive, and how they are looked at.
struct Recordings {
  Array<float> dry, wet;
  double sample_rate;
  LossOptions options;

  /// Throws InputError for recordings of different shapes.
  std::vector<match::ChunkView> chunks() const {
    check_sample_rate(sample_rate);
    check_audio(dry, "dry");
    check_audio(wet, "wet");
    if (channels(dry) != channels(wet) || frames(dry) != frames(wet))
      throw InputError("dry and wet must have as many channels and samples");
    const auto [begin, end] = options.scored.value_or(std::pair{std::size_t{0}, frames(dry)});
    if (begin >= end || end > frames(dry))
      throw InputError("scored: it must be (first, end) with first below end, up to "
                       + std::to_string(frames(dry)) + " samples");
    match::Pair pair{{}, {}, sample_rate, begin, end};
    for (std::size_t c = 0; c < channels(dry); ++c) {
      pair.dry.push_back(channel(dry, c));
      pair.wet.push_back(channel(wet, c));
    }
    return match::cut(pair, objective_options().chunks);
  }

  match::ObjectiveOptions objective_options() const {
    return {{options.chunk_seconds, options.warm_up_seconds},
            options.pre_emphasis ? 0.995 : 1.0,
            options.threads ? options.threads : default_threads(),
            options.single_precision};
  }
};

void check_heard(double target_energy) {
  if (!(target_energy > 0)) throw InputError("wet: it is silent");
}

/// (value, gradient, Hessian) as far as there are any.
py::tuple to_tuple(const LossAt& at) {
  const auto n = static_cast<py::ssize_t>(at.gradient.size());
  py::array_t<double> hessian({at.hessian.empty() ? 0 : n, n});
  std::copy(at.hessian.begin(), at.hessian.end(), hessian.mutable_data());
  return py::make_tuple(at.value, to_numpy(at.gradient), hessian);
}

class CompressorLoss {
public:
  CompressorLoss(Recordings recordings, const std::string& coordinates)
      : recordings_(std::move(recordings)), coordinates_(parse_coordinates(coordinates, true)),
        objective_(recordings_.chunks(), recordings_.sample_rate, recordings_.objective_options()) {
    check_heard(objective_.target_energy());
  }

  py::tuple evaluate(const std::vector<double>& p, int order) const {
    const auto curves = compressor_curves(p, coordinates_, recordings_.sample_rate);
    const match::CompressorCoordinates k{curves[0].v, curves[1].v, curves[2].v, curves[3].v, curves[4].v};
    match::LossDerivatives d;
    {
      const py::gil_scoped_release released;
      if (order == 0)
        d.loss = objective_.natural_value(k);
      else
        d = order == 1 ? objective_.natural_gradient(k) : objective_.natural_hessian(k);
    }
    return to_tuple(change_variables(d.loss, d.gradient, d.gauss_newton, d.curvature, curves,
                                     objective_.target_energy(), order));
  }

  std::array<double, 5> convert(const std::vector<double>& p, const std::string& from,
                                const std::string& to) const {
    return convert_compressor(p, parse_coordinates(from, true), parse_coordinates(to, true),
                              recordings_.sample_rate);
  }

private:
  Recordings recordings_;
  Coordinates coordinates_;
  match::CompressorObjective objective_;
};

dsp::ChainSettings with_values(const std::string& chain, const std::vector<double>& values) {
  dsp::ChainSettings settings = dsp::parse_chain(chain);
  settings.set_values(values);
  return settings;
}

class ChainLoss {
public:
  ChainLoss(Recordings recordings, const std::string& coordinates, const std::string& chain,
            const std::vector<double>& values, const std::vector<std::size_t>& free)
      : recordings_(std::move(recordings)), coordinates_(parse_coordinates(coordinates, false)),
        chain_(with_values(chain, values)),
        objective_(recordings_.chunks(), recordings_.sample_rate, chain_, free, match::Mode::forward,
                   recordings_.objective_options()) {
    check_heard(objective_.target_energy());
  }

  py::tuple evaluate(const std::vector<double>& p, int order) const {
    const auto& free = objective_.free();
    const auto curves = chain_curves(p, chain_, free, coordinates_);
    std::vector<double> values = chain_.values();
    for (std::size_t i = 0; i < free.size(); ++i) values[free[i]] = curves[i].v;
    match::ChainLossDerivatives d;
    {
      const py::gil_scoped_release released;
      if (order == 0)
        d.loss = objective_.physical_value(values);
      else
        d = order == 1 ? objective_.physical_gauss_newton(values) : objective_.physical_hessian(values);
    }
    return to_tuple(change_variables(d.loss, d.gradient, d.gauss_newton, d.curvature, curves,
                                     objective_.target_energy(), order));
  }

  std::vector<double> convert(const std::vector<double>& p, const std::string& from,
                              const std::string& to) const {
    return convert_chain(p, chain_, objective_.free(), parse_coordinates(from, false),
                         parse_coordinates(to, false));
  }

private:
  Recordings recordings_;
  Coordinates coordinates_;
  dsp::ChainSettings chain_;
  match::ChainObjective objective_;
};

Recordings recordings(const Array<float>& dry, const Array<float>& wet, double sample_rate, bool pre_emphasis,
                      double chunk_seconds, double warm_up_seconds,
                      std::optional<std::pair<std::size_t, std::size_t>> scored, std::size_t threads,
                      bool single_precision) {
  return {dry,
          wet,
          sample_rate,
          {pre_emphasis, chunk_seconds, warm_up_seconds, scored, threads, single_precision}};
}

} // namespace

void bind_loss(py::module_& m) {
  m.def(
      "fitted_parameters",
      [](const std::string& chain) {
        const dsp::ChainSettings settings = dsp::parse_chain(chain);
        std::vector<std::string> names;
        for (const std::size_t i : match::fitted_parameters(settings)) names.push_back(settings.name(i));
        return names;
      },
      "chain"_a);
  py::class_<Recordings>(m, "Recordings")
      .def(py::init(&recordings), py::arg("dry").noconvert(), py::arg("wet").noconvert(), "sample_rate"_a,
           "pre_emphasis"_a, "chunk_seconds"_a, "warm_up_seconds"_a, "scored"_a, "threads"_a,
           "single_precision"_a);
  py::class_<CompressorLoss>(m, "CompressorLoss")
      .def(py::init<Recordings, const std::string&>(), "recordings"_a, "coordinates"_a)
      .def("evaluate", &CompressorLoss::evaluate, "p"_a, "order"_a)
      .def("convert", &CompressorLoss::convert, "p"_a, "origin"_a, "to"_a);
  py::class_<ChainLoss>(m, "ChainLoss")
      .def(py::init<Recordings, const std::string&, const std::string&, const std::vector<double>&,
                    const std::vector<std::size_t>&>(),
           "recordings"_a, "coordinates"_a, "chain"_a, "values"_a, "free"_a)
      .def("evaluate", &ChainLoss::evaluate, "p"_a, "order"_a)
      .def("convert", &ChainLoss::convert, "p"_a, "origin"_a, "to"_a);
}

} // namespace raphson::python
