#include "tests/host/ladspa_host.h"

#include <dlfcn.h>
#include <ladspa.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>

namespace raphson::host {
namespace {

std::string find_library(const std::string& name) {
  const char* path = std::getenv("LADSPA_PATH");
  std::istringstream folders(path != nullptr ? path
                                             : "/usr/lib/ladspa:/usr/local/lib/ladspa:/usr/lib64/ladspa");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const auto file = std::filesystem::path(folder) / (name + ".so");
    if (std::filesystem::exists(file)) return file.string();
  }
  throw NotInstalled("no LADSPA library " + name + ".so is installed");
}

/// The value a host starts a control at, from the hints of ladspa.h.
float default_value(const LADSPA_PortRangeHint& hint, double sample_rate) {
  const LADSPA_PortRangeHintDescriptor d = hint.HintDescriptor;
  const double scale = LADSPA_IS_HINT_SAMPLE_RATE(d) ? sample_rate : 1;
  const double low = scale * double(hint.LowerBound), high = scale * double(hint.UpperBound);
  const auto between = [&](double weight) {
    const double value = LADSPA_IS_HINT_LOGARITHMIC(d)
                             ? std::exp((1 - weight) * std::log(low) + weight * std::log(high))
                             : (1 - weight) * low + weight * high;
    return static_cast<float>(LADSPA_IS_HINT_INTEGER(d) ? std::round(value) : value);
  };
  switch (d & LADSPA_HINT_DEFAULT_MASK) {
  case LADSPA_HINT_DEFAULT_MINIMUM:
    return between(0);
  case LADSPA_HINT_DEFAULT_LOW:
    return between(0.25);
  case LADSPA_HINT_DEFAULT_MIDDLE:
    return between(0.5);
  case LADSPA_HINT_DEFAULT_HIGH:
    return between(0.75);
  case LADSPA_HINT_DEFAULT_MAXIMUM:
    return between(1);
  case LADSPA_HINT_DEFAULT_1:
    return 1;
  case LADSPA_HINT_DEFAULT_100:
    return 100;
  case LADSPA_HINT_DEFAULT_440:
    return 440;
  default:
    return 0;
  }
}

struct CloseLibrary {
  void operator()(void* library) const { dlclose(library); }
};

} // namespace

struct LadspaHost::Implementation {
  std::unique_ptr<void, CloseLibrary> library;
  const LADSPA_Descriptor* plugin = nullptr;
  LADSPA_Handle instance = nullptr;
  std::vector<float> controls; ///< one for each port, audio ports' unused
  std::vector<unsigned long> inputs, outputs;
  std::vector<float> silence, scratch;

  Implementation(const std::string& name, const std::string& label, double sample_rate)
      : library(dlopen(find_library(name).c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (!library) throw std::runtime_error("the LADSPA library " + name + " cannot be loaded");
    const auto describe =
        reinterpret_cast<LADSPA_Descriptor_Function>(dlsym(library.get(), "ladspa_descriptor"));
    for (unsigned long i = 0; describe != nullptr && (plugin = describe(i)) != nullptr; ++i)
      if (label == plugin->Label) break;
    if (plugin == nullptr) throw std::runtime_error("the LADSPA library " + name + " has no plugin " + label);
    instance = plugin->instantiate(plugin, static_cast<unsigned long>(std::lround(sample_rate)));
    if (instance == nullptr)
      throw std::runtime_error("the LADSPA plugin " + label + " cannot be instantiated");
    connect_controls(sample_rate);
    if (plugin->activate != nullptr) plugin->activate(instance);
  }

  ~Implementation() {
    if (instance == nullptr) return;
    if (plugin->deactivate != nullptr) plugin->deactivate(instance);
    plugin->cleanup(instance);
  }

  void connect_controls(double sample_rate) {
    controls.resize(plugin->PortCount);
    for (unsigned long i = 0; i < plugin->PortCount; ++i) {
      const LADSPA_PortDescriptor port = plugin->PortDescriptors[i];
      if (LADSPA_IS_PORT_AUDIO(port)) {
        (LADSPA_IS_PORT_INPUT(port) ? inputs : outputs).push_back(i);
      } else {
        controls[i] = default_value(plugin->PortRangeHints[i], sample_rate);
        plugin->connect_port(instance, i, &controls[i]);
      }
    }
  }

  void reserve(std::uint32_t frames) {
    if (silence.size() >= frames) return;
    silence.assign(frames, 0.0f);
    scratch.assign(frames, 0.0f);
  }
};

LadspaHost::LadspaHost(const std::string& library, const std::string& label, double sample_rate)
    : host_(std::make_unique<Implementation>(library, label, sample_rate)) {}
LadspaHost::~LadspaHost() = default;
LadspaHost::LadspaHost(LadspaHost&&) noexcept = default;

std::size_t LadspaHost::audio_inputs() const { return host_->inputs.size(); }
std::size_t LadspaHost::audio_outputs() const { return host_->outputs.size(); }

bool LadspaHost::set_control(const std::string& name, float value) {
  const LADSPA_Descriptor& plugin = *host_->plugin;
  for (unsigned long i = 0; i < plugin.PortCount; ++i)
    if (LADSPA_IS_PORT_CONTROL(plugin.PortDescriptors[i]) && LADSPA_IS_PORT_INPUT(plugin.PortDescriptors[i])
        && name == plugin.PortNames[i]) {
      host_->controls[i] = value;
      return true;
    }
  return false;
}

void LadspaHost::process(const std::vector<const float*>& in, const std::vector<float*>& out,
                         std::uint32_t frames) {
  Implementation& h = *host_;
  h.reserve(frames);
  for (std::size_t i = 0; i < h.inputs.size(); ++i)
    h.plugin->connect_port(h.instance, h.inputs[i],
                           const_cast<float*>(i < in.size() ? in[i] : h.silence.data()));
  for (std::size_t i = 0; i < h.outputs.size(); ++i)
    h.plugin->connect_port(h.instance, h.outputs[i], i < out.size() ? out[i] : h.scratch.data());
  h.plugin->run(h.instance, frames);
}

} // namespace raphson::host
