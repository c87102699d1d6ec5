#include "optim/data/resample.h"
#include "tests/blackbox/targets.h"

#ifdef RAPHSON_LADSPA_HOST
#include "tests/host/ladspa_host.h"
#endif
#ifdef RAPHSON_LV2_HOST
#include "tests/host/lv2_host.h"
#endif

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>

namespace raphson::blackbox {
namespace {

using optim::data::Audio;

constexpr std::uint32_t block = 512;
constexpr double settling_seconds = 10; ///< Calf's mono compressor starts from some dB of reduction

template <class Host> void set_controls(Host& host, const Plugin& plugin, const Controls& controls) {
  for (const auto& [name, value] : controls)
    if (!host.set_control(name, value))
      throw std::runtime_error(plugin.name + " has no control " + name + ": another version?");
}

template <class Host>
std::vector<float> play(Host& host, const Plugin& plugin, const Setting& setting, const Audio& dry) {
  set_controls(host, plugin, plugin.fixed);
  set_controls(host, plugin, setting.controls);
  const auto settling = static_cast<std::size_t>(settling_seconds * dry.sample_rate);
  std::vector<float> in(settling, 0.0f);
  in.insert(in.end(), dry.channels[0].begin(), dry.channels[0].end());
  std::vector<float> out(in.size());
  const bool is_stereo = host.audio_outputs() == 2;
  for (std::size_t from = 0, count = 0; from < in.size(); from += count) {
    count = std::min<std::size_t>(block, in.size() - from);
    std::vector<const float*> sources{&in[from]};
    if (is_stereo) sources.push_back(&in[from]);
    host.process(sources, {&out[from]}, static_cast<std::uint32_t>(count));
  }
  out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(settling));
  return out;
}

void normalise(std::vector<float>& samples) {
  float peak = 0;
  for (const float x : samples) peak = std::max(peak, std::abs(x));
  const auto scale = static_cast<float>(std::pow(10, -3 / 20.0)) / peak;
  for (float& x : samples) x *= scale;
}

Recording recording(const char* name, const char* file, std::optional<double> seconds = {}) {
  Audio audio =
      optim::data::read_audio(std::string(RAPHSON_SOURCE_DIR) + "/assets/recordings/" + file + ".flac");
  if (seconds) audio.channels[0].resize(static_cast<std::size_t>(*seconds * audio.sample_rate));
  if (audio.sample_rate != 48000) audio = optim::data::resample(audio, 48000);
  normalise(audio.channels[0]);
  return {name, std::move(audio)};
}

} // namespace

std::vector<Recording> recordings() {
  return {recording("music", "la2a-dry"), recording("mix", "cl1b-slow-dry"),
          recording("voice", "digits-dry", 20)};
}

Audio render(const Plugin& plugin, [[maybe_unused]] const Setting& setting,
             [[maybe_unused]] const Audio& dry) {
#ifdef RAPHSON_LADSPA_HOST
  if (plugin.api == Api::ladspa) {
    host::LadspaHost host(plugin.place, plugin.place.substr(0, plugin.place.find('_')), dry.sample_rate);
    return {dry.sample_rate, {play(host, plugin, setting, dry)}};
  }
#endif
#ifdef RAPHSON_LV2_HOST
  if (plugin.api == Api::lv2) {
    host::Lv2Host host(plugin.place, dry.sample_rate, block);
    return {dry.sample_rate, {play(host, plugin, setting, dry)}};
  }
#endif
  throw host::NotInstalled(plugin.name + ": built without a host for it, for want of "
                           + (plugin.api == Api::lv2 ? "lilv" : "ladspa.h"));
}

} // namespace raphson::blackbox
