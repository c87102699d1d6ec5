// A small LADSPA host (ladspa.h 1.1, by dlopen): plays audio through one plugin of audio and control ports.
#pragma once

#include "tests/host/not_installed.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace raphson::host {

class LadspaHost {
public:
  /// library: "sc4m_1916", a file of that name with .so in LADSPA_PATH, or where distributions keep them.
  /// label: which of the library's plugins. Controls begin at the plugin's defaults, at 0 where it names
  /// none.
  /// Throws NotInstalled, or std::runtime_error where the plugin cannot be loaded or instantiated.
  LadspaHost(const std::string& library, const std::string& label, double sample_rate);
  ~LadspaHost();
  LadspaHost(LadspaHost&&) noexcept;

  std::size_t audio_inputs() const;
  std::size_t audio_outputs() const;

  /// A control input by its name, "Attack time (ms)"; true where the plugin has it.
  bool set_control(const std::string& name, float value);

  /// in and out: as many channels as the plugin has audio ports; channels that are missing get silence.
  void process(const std::vector<const float*>& in, const std::vector<float*>& out, std::uint32_t frames);

private:
  struct Implementation;
  std::unique_ptr<Implementation> host_;
};

} // namespace raphson::host
