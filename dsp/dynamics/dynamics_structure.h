// How a compressor is put together, beside its parameters: the taxonomy of Giannoulis, Massberg, Reiss
// ("Digital Dynamic Range Compressor Design", JAES 60(6), 2012, sections 2 and 3).
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace raphson::dsp {

/// What attack and release smooth: behind the static curve the gain reduction, of the factor or in decibels;
/// in front of it the level, its power, or its decibels.
enum class SmoothedQuantity { gain, gain_db, level, power, level_db };

/// How attack and release share the work (section 3.2). Branching: one recursion, attack while the quantity
/// rises, release while it falls; decoupled: a release that follows every peak at once, then an attack. The
/// smooth variants release to where the quantity stands, the others to zero.
enum class Ballistics { smooth_branching, branching, smooth_decoupled, decoupled };

/// Whether the detector hears the input, or what the last gain makes of it.
enum class Topology { feedforward, feedback };

/// What the detector makes of the signal: |x|, or max(x, 0) as a single diode does.
enum class Rectifier { full_wave, half_wave };

struct DynamicsStructure {
  SmoothedQuantity smoothed = SmoothedQuantity::gain;
  Ballistics ballistics = Ballistics::smooth_branching;
  Topology topology = Topology::feedforward;
  Rectifier rectifier = Rectifier::full_wave;

  bool operator==(const DynamicsStructure&) const = default;
};

/// The words of model files and of --model: "gain-db", "smooth-decoupled", "feedback". In the enumerators'
/// order.
inline constexpr std::array<std::string_view, 5> smoothed_words{"gain", "gain-db", "level", "power",
                                                                "level-db"};
inline constexpr std::array<std::string_view, 4> ballistics_words{"smooth-branching", "branching",
                                                                  "smooth-decoupled", "decoupled"};
inline constexpr std::array<std::string_view, 2> topology_words{"feedforward", "feedback"};
inline constexpr std::array<std::string_view, 2> rectifier_words{"full-wave", "half-wave"};

inline std::string_view to_string(SmoothedQuantity a) { return smoothed_words[static_cast<std::size_t>(a)]; }
inline std::string_view to_string(Ballistics a) { return ballistics_words[static_cast<std::size_t>(a)]; }
inline std::string_view to_string(Topology a) { return topology_words[static_cast<std::size_t>(a)]; }
inline std::string_view to_string(Rectifier a) { return rectifier_words[static_cast<std::size_t>(a)]; }

} // namespace raphson::dsp
