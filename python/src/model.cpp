// Chains, model files and audio files for Python.
#include "arrays.h"
#include "bindings.h"
#include "chain_derivatives.h"
#include "dsp/chain/processor.h"
#include "dsp/model/knob_map.h"
#include "dsp/model/model_file.h"
#include "optim/data/audio_file.h"
#include "optim/engine/parallel.h"

#include <pybind11/stl.h>

#include <algorithm>

namespace raphson::python {
namespace {

using namespace pybind11::literals;

dsp::ChainSettings chain_of(const std::string& chain, const std::vector<double>& values) {
  dsp::ChainSettings settings = dsp::parse_chain(chain);
  if (values.size() != settings.size())
    throw InputError("the chain " + chain + " has " + std::to_string(settings.size()) + " parameters, not "
                     + std::to_string(values.size()));
  settings.set_values(values);
  return settings;
}

py::list chain_parameters(const std::string& chain) {
  const dsp::ChainSettings settings = dsp::parse_chain(chain);
  py::list list;
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const dsp::Parameter& p = settings.parameter(i);
    list.append(py::dict("name"_a = settings.name(i), "label"_a = p.label, "unit"_a = p.unit,
                         "minimum"_a = p.minimum, "maximum"_a = p.maximum, "initial"_a = p.initial,
                         "logarithmic"_a = p.scale == dsp::Scale::logarithmic));
  }
  return list;
}

void process(const dsp::ChainSettings& chain, std::span<const float> in, std::span<float> out,
             double sample_rate) {
  dsp::ChainProcessor(chain, sample_rate).process(in, out);
}
void process(const dsp::ChainSettings& chain, std::span<const double> in, std::span<double> out,
             double sample_rate) {
  std::copy(in.begin(), in.end(), out.begin());
  dsp::Chain<double>(chain, std::span<const double>(chain.values()), sample_rate).process(out);
}

template <class T>
py::array_t<T> render(const std::string& text, const std::vector<double>& values, const Array<T>& audio,
                      double sample_rate, std::size_t threads) {
  const dsp::ChainSettings chain = chain_of(text, values);
  check_sample_rate(sample_rate);
  check_audio(audio, "audio");
  py::array_t<T> out({audio.shape(0), audio.shape(1)});
  T* const rendered = out.mutable_data();
  const std::size_t samples = frames(audio);
  {
    const py::gil_scoped_release released;
    optim::parallel_for(channels(audio), threads ? threads : optim::default_threads(),
                        [&](std::size_t c, std::size_t) {
                          process(chain, channel(audio, c), {rendered + c * samples, samples}, sample_rate);
                        });
  }
  return out;
}

py::tuple derivatives(const std::string& text, const std::vector<double>& values,
                      const std::vector<std::size_t>& free, const Array<double>& audio, double sample_rate,
                      int order) {
  const dsp::ChainSettings chain = chain_of(text, values);
  check_sample_rate(sample_rate);
  check_audio(audio, "audio");
  const auto parameters = static_cast<py::ssize_t>(free.size());
  py::array_t<double> out({audio.shape(0), audio.shape(1)}),
      jacobian({parameters, audio.shape(0), audio.shape(1)});
  py::array_t<double> hessian(
      std::vector<py::ssize_t>{order == 2 ? parameters : 0, parameters, audio.shape(0), audio.shape(1)});
  const ChainDerivatives d{out.mutable_data(), jacobian.mutable_data(),
                           order == 2 ? hessian.mutable_data() : nullptr,
                           static_cast<std::size_t>(audio.size())};
  {
    const py::gil_scoped_release released;
    for (std::size_t c = 0; c < channels(audio); ++c)
      differentiate_chain(chain, free, channel(audio, c), sample_rate, d, c * frames(audio));
  }
  return py::make_tuple(out, jacobian, hessian);
}

py::tuple read_audio(const std::string& path) {
  optim::data::Audio audio;
  {
    const py::gil_scoped_release released;
    audio = optim::data::read_audio(path);
  }
  py::array_t<float> samples(
      {static_cast<py::ssize_t>(audio.channels.size()), static_cast<py::ssize_t>(audio.frames())});
  float* to = samples.mutable_data();
  for (const auto& one : audio.channels) to = std::copy(one.begin(), one.end(), to);
  return py::make_tuple(samples, audio.sample_rate);
}

std::size_t write_audio(const std::string& path, const Array<float>& audio, double sample_rate) {
  check_sample_rate(sample_rate);
  check_audio(audio, "audio");
  const py::gil_scoped_release released;
  optim::data::AudioWriter writer(path, sample_rate, channels(audio), optim::data::SampleFormat::by_extension,
                                  frames(audio));
  std::vector<const float*> pointers;
  for (std::size_t c = 0; c < channels(audio); ++c) pointers.push_back(channel(audio, c).data());
  writer.write_planar(pointers, frames(audio));
  writer.commit();
  return writer.clipped_samples();
}

} // namespace

void bind_model(py::module_& m) {
  py::class_<dsp::Model>(m, "Model")
      .def_static("read", [](const std::string& path) { return dsp::read_model(path); })
      .def_static("parse", [](const std::string& text,
                              const std::string& name) { return dsp::parse_model(text, name); })
      .def("write", [](const dsp::Model& model, const std::string& path) { dsp::write_model(path, model); })
      .def("to_json", [](const dsp::Model& model) { return dsp::to_json(model); })
      .def("chain", [](const dsp::Model& model) { return dsp::to_string(model.chain); })
      .def("values", [](const dsp::Model& model) { return model.chain.values(); })
      .def("values_at", [](const dsp::Model& model, const std::vector<double>& setting) {
        return dsp::chain_values(model, setting);
      });
  m.def("chain_parameters", &chain_parameters, "chain"_a);
  m.def("render", &render<float>, "chain"_a, "values"_a, py::arg("audio").noconvert(), "sample_rate"_a,
        "threads"_a);
  m.def("render", &render<double>, "chain"_a, "values"_a, py::arg("audio").noconvert(), "sample_rate"_a,
        "threads"_a);
  m.def("derivatives", &derivatives, "chain"_a, "values"_a, "free"_a, "audio"_a, "sample_rate"_a, "order"_a);
  m.def("read_audio", &read_audio, "path"_a);
  m.def("write_audio", &write_audio, "path"_a, "audio"_a, "sample_rate"_a);
}

} // namespace raphson::python
