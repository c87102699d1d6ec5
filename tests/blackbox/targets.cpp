#include "tests/blackbox/targets.h"

#include <cmath>

namespace raphson::blackbox {
namespace {

float gain(double db) { return static_cast<float>(std::pow(10, db / 20)); }

/// sc4m: "RMS/peak" 0 follows the RMS of 256 samples, 1 the peak.
Setting sc4m(const char* name, float peak, float attack_ms, float release_ms, float threshold_db, float ratio,
             float knee_db) {
  return {name,
          {{"RMS/peak", peak},
           {"Attack time (ms)", attack_ms},
           {"Release time (ms)", release_ms},
           {"Threshold level (dB)", threshold_db},
           {"Ratio (1:n)", ratio},
           {"Knee radius (dB)", knee_db}}};
}

/// sc1: RMS alone.
Setting sc1(const char* name, float attack_ms, float release_ms, float threshold_db, float ratio,
            float knee_db) {
  return {name,
          {{"Attack time (ms)", attack_ms},
           {"Release time (ms)", release_ms},
           {"Threshold level (dB)", threshold_db},
           {"Ratio (1:n)", ratio},
           {"Knee radius (dB)", knee_db}}};
}

/// Calf's, whose threshold is a gain; knee as its control has it, 1 for none.
Setting calf(const char* name, float attack_ms, float release_ms, double threshold_db, float ratio,
             float knee) {
  return {name,
          {{"attack", attack_ms},
           {"release", release_ms},
           {"threshold", gain(threshold_db)},
           {"ratio", ratio},
           {"knee", knee}}};
}

/// Calf's with a choice of detector.
Setting calf_stereo(const char* name, bool peak, float attack_ms, float release_ms, double threshold_db,
                    float ratio, float knee) {
  Setting setting = calf(name, attack_ms, release_ms, threshold_db, ratio, knee);
  setting.controls.emplace_back("detection", peak ? 1.0f : 0.0f);
  return setting;
}

/// LSP's: the detector is 0 for peaks, 1 for RMS of reactivity_ms; the knee begins knee_db below threshold.
Setting lsp(const char* name, bool rms, float reactivity_ms, float attack_ms, float release_ms,
            double threshold_db, float ratio, double knee_db) {
  return {name,
          {{"scm", rms ? 1.0f : 0.0f},
           {"scr", reactivity_ms},
           {"at", attack_ms},
           {"rt", release_ms},
           {"al", gain(threshold_db)},
           {"cr", ratio},
           {"kn", gain(-knee_db)}}};
}

Setting zam(const char* name, float attack_ms, float release_ms, float threshold_db, float ratio,
            float knee) {
  return {name,
          {{"att", attack_ms}, {"rel", release_ms}, {"thr", threshold_db}, {"rat", ratio}, {"kn", knee}}};
}

const Controls calf_fixed{{"bypass", 0}, {"level_in", 1}, {"makeup", 1}, {"mix", 1}};

Controls with(Controls controls, const char* name, float value) {
  controls.emplace_back(name, value);
  return controls;
}

} // namespace

const std::vector<Plugin>& plugins() {
  static const std::vector<Plugin> all{
      {"sc4m",
       "swh-plugins",
       Api::ladspa,
       "sc4m_1916",
       {{"Makeup gain (dB)", 0}},
       {sc4m("levelling", 0, 20, 250, -24, 3, 6), sc4m("peaks", 1, 2, 80, -18, 4, 1),
        sc4m("limiting", 1, 1.5f, 120, -14, 20, 1), sc4m("glue", 0, 30, 200, -20, 2, 10),
        sc4m("slow", 0, 100, 800, -28, 4, 4)}},
      {"sc1",
       "swh-plugins",
       Api::ladspa,
       "sc1_1425",
       {{"Makeup gain (dB)", 0}},
       {sc1("levelling", 40, 300, -26, 2.5f, 8), sc1("peaks", 4, 80, -18, 4, 1),
        sc1("limiting", 2, 120, -16, 10, 1), sc1("glue", 10, 120, -18, 2, 6),
        sc1("slow", 200, 600, -30, 3, 10)}},
      {"calf",
       "calf-plugins",
       Api::lv2,
       "http://calf.sourceforge.net/plugins/Compressor",
       with(calf_fixed, "stereo_link", 0),
       {calf_stereo("levelling", false, 20, 250, -24, 3, 2.83f), calf_stereo("peaks", true, 1, 80, -18, 4, 1),
        calf_stereo("limiting", true, 0.5f, 120, -14, 20, 1), calf_stereo("glue", false, 30, 200, -22, 2, 8),
        calf_stereo("slow", false, 100, 800, -28, 4, 2)}},
      {"calf-mono",
       "calf-plugins",
       Api::lv2,
       "http://calf.sourceforge.net/plugins/MonoCompressor",
       calf_fixed,
       {calf("levelling", 20, 250, -24, 3, 2), calf("peaks", 1, 80, -18, 4, 1),
        calf("limiting", 0.5f, 120, -14, 20, 1), calf("glue", 30, 200, -22, 2, 2.83f),
        calf("slow", 100, 800, -28, 4, 1.5f)}},
      {"lsp",
       "lsp-plugins-lv2",
       Api::lv2,
       "http://lsp-plug.in/plugins/lv2/compressor_mono",
       {{"enabled", 1},
        {"g_in", 1},
        {"g_out", 1},
        {"sct", 0},
        {"sla", 0},
        {"scp", 1},
        {"shpm", 0},
        {"slpm", 0},
        {"cm", 0},
        {"rrl", 0},
        {"mk", 1},
        {"cdr", 0},
        {"cwt", 1}},
       {lsp("levelling", true, 10, 20, 250, -24, 3, 6), lsp("peaks", false, 10, 1, 80, -18, 4, 0),
        lsp("limiting", false, 10, 0.5f, 120, -14, 20, 0), lsp("glue", true, 10, 30, 200, -22, 2, 12),
        lsp("slow", true, 40, 100, 800, -28, 4, 3)}},
      {"zam",
       "zam-plugins",
       Api::lv2,
       "urn:zamaudio:ZamComp",
       {{"mak", 0}, {"slew", 1}, {"sidech", 0}},
       {zam("levelling", 20, 250, -24, 3, 1), zam("peaks", 1, 80, -18, 4, 0),
        zam("limiting", 0.5f, 120, -14, 20, 0), zam("glue", 30, 200, -22, 2, 2),
        zam("slow", 100, 500, -28, 4, 0.5f)}},
  };
  return all;
}

} // namespace raphson::blackbox
