// What a capture recording holds and where: written beside it as JSON, and read again to split what came back
// from the unit.
//
//   take   from silence to silence: one setting of the unit's knobs. It begins and ends with a mark
//   part   one sound within a take, and what it is good for
//   mark   optim/capture/mark.h; those `between` parts show whether the clocks ran evenly, those of one
//          channel alone the crosstalk into the others
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace raphson::optim::capture {

inline constexpr const char* plan_schema = "raphson.capture.plan/1";

enum class MarkRole { begin, between, channel, end };
const char* to_string(MarkRole role);

struct PlanMark {
  unsigned number = 0; ///< as in its code; marks stand in its order
  std::size_t take = 0;
  MarkRole role = MarkRole::between;
  std::size_t frame = 0;              ///< of its first sample
  std::optional<std::size_t> channel; ///< from 0; the mark sounds in this one alone
};

struct PlanPart {
  std::size_t take = 0;
  std::string kind; ///< noise_floor, sweep, steps, bursts, ramp, programme, recording
  std::size_t frame = 0, frames = 0;
  std::optional<double> lowest_dbfs, loudest_dbfs; ///< peaks; absent for silence
  std::string identifies;                          ///< in words
  std::string file;                                ///< of a recording that was appended
};

struct PlanTake {
  std::size_t begin = 0, end = 0; ///< frames, in silence
};

struct Plan {
  std::string audio; ///< the file's name, beside the plan's
  std::string checksum;
  double sample_rate = 0;
  std::size_t channels = 1, frames = 0;
  unsigned id = 0;        ///< in every mark's code
  std::uint64_t seed = 0; ///< written for people, not read back
  double mark_dbfs = 0;
  std::vector<PlanTake> takes;
  std::vector<PlanMark> marks;
  std::vector<PlanPart> parts; ///< in order of time

  double seconds(std::size_t frame_count) const { return static_cast<double>(frame_count) / sample_rate; }
};

/// "mark 3 (begin of take 2, at 1:02)"
std::string describe(const Plan& plan, const PlanMark& mark);

std::string to_json(const Plan& plan);

/// Throws InputError naming the file and the field, for a plan of another schema, too.
Plan parse_plan(std::string_view text, const std::string& file);
Plan read_plan(const std::filesystem::path& path);

/// Of samples, to tell a recording from another: FNV-1a, 64 bits, of their bits.
std::string checksum(const std::vector<std::vector<float>>& channels);

} // namespace raphson::optim::capture
