#include "optim/capture/plan.h"

#include "dsp/error.h"
#include "dsp/model/json_field.h"
#include "optim/capture/mark.h"
#include "optim/data/read_file.h"
#include "optim/report/text.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>

namespace raphson::optim::capture {
namespace {

using dsp::Field;
using dsp::Json;

constexpr double most_frames = 1e11;
constexpr std::array<MarkRole, 4> roles = {MarkRole::begin, MarkRole::between, MarkRole::channel,
                                           MarkRole::end};

std::size_t whole(const Field& field, double lowest, double highest) {
  const double value = field.number(lowest, highest);
  if (value != std::floor(value)) field.fail(dsp::short_number(value) + " is no whole number");
  return static_cast<std::size_t>(value);
}

Json to_json(const Plan& plan, const PlanMark& mark) {
  Json out{{"number", mark.number},
           {"take", mark.take + 1},
           {"role", to_string(mark.role)},
           {"at_frame", mark.frame},
           {"at_seconds", plan.seconds(mark.frame)}};
  if (mark.channel) out["channel"] = *mark.channel + 1;
  return out;
}

Json to_json(const Plan& plan, const PlanPart& part) {
  Json out{{"take", part.take + 1},
           {"kind", part.kind},
           {"at_frame", part.frame},
           {"frames", part.frames},
           {"at_seconds", plan.seconds(part.frame)},
           {"seconds", plan.seconds(part.frames)},
           {"identifies", part.identifies}};
  if (part.lowest_dbfs) out["lowest_dbfs"] = *part.lowest_dbfs;
  if (part.loudest_dbfs) out["loudest_dbfs"] = *part.loudest_dbfs;
  if (!part.file.empty()) out["file"] = report::valid_utf8(part.file);
  return out;
}

PlanMark parse_mark(const Field& field, const Plan& plan) {
  PlanMark mark;
  mark.number = static_cast<unsigned>(whole(field.at("number"), 0, mark_numbers - 1));
  mark.take = whole(field.at("take"), 1, static_cast<double>(plan.takes.size())) - 1;
  mark.frame = whole(field.at("at_frame"), 0, static_cast<double>(plan.frames));
  if (const auto channel = field.find("channel"))
    mark.channel = whole(*channel, 1, static_cast<double>(plan.channels)) - 1;
  const std::string name = field.at("role").text();
  for (const MarkRole role : roles)
    if (name == to_string(role)) {
      mark.role = role;
      return mark;
    }
  field.at("role").fail("unknown role " + dsp::in_quotes(name)
                        + "; known are begin, between, channel and end");
}

PlanPart parse_part(const Field& field, const Plan& plan) {
  PlanPart part;
  part.take = whole(field.at("take"), 1, static_cast<double>(plan.takes.size())) - 1;
  part.kind = field.at("kind").text();
  part.frame = whole(field.at("at_frame"), 0, static_cast<double>(plan.frames));
  part.frames = whole(field.at("frames"), 1, static_cast<double>(plan.frames - part.frame));
  part.identifies = field.at("identifies").text();
  if (const auto level = field.find("lowest_dbfs")) part.lowest_dbfs = level->number(-400, 400);
  if (const auto level = field.find("loudest_dbfs")) part.loudest_dbfs = level->number(-400, 400);
  if (const auto file = field.find("file")) part.file = file->text();
  return part;
}

void check_marks(const Plan& plan, const Field& field) {
  for (std::size_t i = 1; i < plan.marks.size(); ++i)
    if (plan.marks[i].number <= plan.marks[i - 1].number || plan.marks[i].frame <= plan.marks[i - 1].frame)
      field.fail("marks must stand in the order of their numbers and of time");
  for (std::size_t take = 0; take < plan.takes.size(); ++take)
    for (const MarkRole role : {MarkRole::begin, MarkRole::end}) {
      std::size_t count = 0;
      for (const PlanMark& mark : plan.marks) count += mark.take == take && mark.role == role;
      if (count != 1)
        field.fail("take " + std::to_string(take + 1) + " must have one mark of the role " + to_string(role));
    }
}

} // namespace

const char* to_string(MarkRole role) {
  switch (role) {
  case MarkRole::begin:
    return "begin";
  case MarkRole::between:
    return "between";
  case MarkRole::channel:
    return "channel";
  case MarkRole::end:
    return "end";
  }
  return "";
}

std::string describe(const Plan& plan, const PlanMark& mark) {
  const std::string take = "take " + std::to_string(mark.take + 1);
  const std::string where =
      mark.role == MarkRole::begin ? "begin of " + take
      : mark.role == MarkRole::end ? "end of " + take
      : mark.role == MarkRole::channel
          ? "channel " + std::to_string(mark.channel.value_or(0) + 1) + " alone in " + take
          : "within " + take;
  return "mark " + std::to_string(mark.number) + " (" + where + ", at "
         + report::format_clock(plan.seconds(mark.frame)) + ")";
}

std::string to_json(const Plan& plan) {
  Json out{{"schema", plan_schema},
           {"audio", report::valid_utf8(plan.audio)},
           {"checksum", plan.checksum},
           {"sample_rate", plan.sample_rate},
           {"channels", plan.channels},
           {"frames", plan.frames},
           {"seconds", plan.seconds(plan.frames)},
           {"id", plan.id},
           {"seed", plan.seed},
           {"mark_dbfs", plan.mark_dbfs},
           {"takes", Json::array()},
           {"marks", Json::array()},
           {"parts", Json::array()}};
  for (std::size_t i = 0; i < plan.takes.size(); ++i)
    out["takes"].push_back({{"number", i + 1},
                            {"begin_frame", plan.takes[i].begin},
                            {"end_frame", plan.takes[i].end},
                            {"begin_seconds", plan.seconds(plan.takes[i].begin)},
                            {"end_seconds", plan.seconds(plan.takes[i].end)}});
  for (const PlanMark& mark : plan.marks) out["marks"].push_back(to_json(plan, mark));
  for (const PlanPart& part : plan.parts) out["parts"].push_back(to_json(plan, part));
  return out.dump(2) + "\n";
}

Plan parse_plan(std::string_view text, const std::string& file) {
  if (text.empty()) throw InputError(file + ": it is empty; a plan (JSON) of capture signal is expected");
  const Json json = dsp::parse_json(text, file);
  const Field root(json, file);
  if (!root.find("schema"))
    throw InputError(file + ": no plan of a capture: the field \"schema\" is missing");
  if (const std::string schema = root.at("schema").text(); schema != plan_schema)
    throw InputError(file + ": it has the schema " + dsp::in_quotes(schema) + ", this program reads "
                     + dsp::in_quotes(plan_schema)
                     + (schema.starts_with("raphson.capture.plan/")
                            ? ": split it with the version that wrote it, or write and record a new signal"
                            : ""));
  Plan plan;
  plan.audio = root.at("audio").text();
  plan.checksum = root.at("checksum").text();
  plan.sample_rate = root.at("sample_rate").number(1, 1e7, "Hz");
  plan.channels = whole(root.at("channels"), 1, 1024);
  plan.frames = whole(root.at("frames"), 1, most_frames);
  plan.id = static_cast<unsigned>(whole(root.at("id"), 0, mark_plans - 1));
  plan.mark_dbfs = root.at("mark_dbfs").number(-400, 400);
  for (const Field& entry : root.at("takes").entries()) {
    const std::size_t begin = whole(entry.at("begin_frame"), 0, static_cast<double>(plan.frames) - 1);
    plan.takes.push_back({begin, whole(entry.at("end_frame"), static_cast<double>(begin) + 1,
                                       static_cast<double>(plan.frames))});
  }
  for (const Field& entry : root.at("marks").entries()) plan.marks.push_back(parse_mark(entry, plan));
  for (const Field& entry : root.at("parts").entries()) plan.parts.push_back(parse_part(entry, plan));
  if (plan.takes.empty()) root.at("takes").fail("it is empty; a plan has at least one take");
  check_marks(plan, root.at("marks"));
  return plan;
}

Plan read_plan(const std::filesystem::path& path) { return parse_plan(data::read_file(path), path.string()); }

std::string checksum(const std::vector<std::vector<float>>& channels) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const auto& channel : channels)
    for (const float x : channel) {
      const auto bits = std::bit_cast<std::uint32_t>(x);
      for (int shift = 0; shift < 32; shift += 8) hash = (hash ^ ((bits >> shift) & 0xFFu)) * 0x100000001b3u;
    }
  char text[24];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return text;
}

} // namespace raphson::optim::capture
