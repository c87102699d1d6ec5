// A small LV2 host on lilv (LV2 1.18): enough to play audio through any plugin of audio, control and atom
// ports, with the features that compressors ask for (URID map and unmap, options, bounded block length, log,
// worker).
#pragma once

#include "tests/host/not_installed.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace raphson::host {

class Lv2Host {
public:
  /// Throws NotInstalled, or std::runtime_error where the plugin cannot be instantiated.
  /// maximum_frames: the longest block that process() will be given.
  Lv2Host(const std::string& uri, double sample_rate, std::uint32_t maximum_frames);
  ~Lv2Host();
  Lv2Host(Lv2Host&&) noexcept;

  std::size_t audio_inputs() const;
  std::size_t audio_outputs() const;

  /// A control port by its symbol, "thr"; true where the plugin has it.
  bool set_control(const std::string& symbol, float value);
  float control(const std::string& symbol) const;

  /// A patch:writable parameter by the end of its URI, sent with the next block; true where the plugin has
  /// it.
  bool set_parameter(const std::string& name, float value);

  /// in and out: as many channels as the plugin has audio ports; channels that are missing get silence.
  void process(const std::vector<const float*>& in, const std::vector<float*>& out, std::uint32_t frames);

  /// State as the host's session would keep it (Turtle), and back.
  std::string save_state() const;
  bool restore_state(const std::string& turtle);

private:
  struct Implementation;
  std::unique_ptr<Implementation> host_;
};

} // namespace raphson::host
