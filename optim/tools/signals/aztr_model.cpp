#include "optim/tools/signals/aztr_model.h"

#include "dsp/error.h"
#include "dsp/model/json_field.h"
#include "optim/data/json_vector.h"
#include "optim/data/read_file.h"
#include "optim/engine/parallel.h"

#include <limits>

namespace raphson::optim::tools {
namespace {

using dsp::Field;
using dsp::Json;

constexpr const char* format = "raphson aztr";
constexpr double huge = data::largest_number;

} // namespace

std::vector<ZoomPath> zoom_paths(const AztrModel& model, const Clips& clips, std::size_t threads) {
  const Detector detector(model.pool);
  const std::vector<int> keys = key_frames(clips.frames, model.zoom.every);
  std::vector<ZoomPath> paths(clips.count);
  parallel_for(clips.count, threads, [&](std::size_t clip, std::size_t) {
    const auto found = model.zoom.zoom == Zoom::motion
                           ? detect_motion(clips, clip, keys, model.zoom.motion_size)
                           : detect(detector, model.detector, model.scale, clips, clip, keys);
    paths[clip] = zoom_path(keys, found, model.zoom.min_score, clips.frames);
  });
  return paths;
}

data::RowMatrix probabilities_of(const AztrModel& model, const Clips& clips,
                                 std::span<const ZoomPath> paths) {
  const Recogniser recogniser(model.recogniser);
  return recogniser.probabilities(model.parameters, zoomed(clips, paths, model.recogniser.size, model.scale));
}

double cost_of(const ZoomSettings& zoom, const Detector& detector, const Recogniser& recogniser, int rows,
               int columns) {
  const int frames = recogniser.spec().frames;
  const double search = zoom.zoom == Zoom::motion ? 0
                                                  : static_cast<double>(key_frames(frames, zoom.every).size())
                                                        * detector.cost(rows, columns);
  return search + frames * recogniser.spatial_cost() + recogniser.temporal_cost();
}

std::string to_json(const AztrModel& m) {
  return Json{{"format", format},
              {"version", 1},
              {"classes", m.classes},
              {"frames", m.recogniser.frames},
              {"crop", m.recogniser.size},
              {"zoom", m.zoom.zoom == Zoom::learned ? "learned" : "motion"},
              {"key_frame_every", m.zoom.every},
              {"min_score", m.zoom.min_score},
              {"motion_size", m.zoom.motion_size},
              {"pixel_mean", m.scale.mean},
              {"pixel_deviation", m.scale.deviation},
              {"pool", m.pool},
              {"detector", data::numbers(m.detector)},
              {"recogniser", data::numbers(m.parameters)}}
             .dump()
         + "\n";
}

AztrModel read_aztr_model(const std::filesystem::path& path) {
  const std::string file = path.string();
  const Json json = dsp::parse_json(data::read_file(path), file);
  const Field root(json, file);
  if (const auto kind = root.find("format"); !kind || kind->text() != format)
    throw InputError(file + ": not a model of aztr, its format is not \"" + format + "\"");
  root.at("version").number(1, 1);
  AztrModel m;
  for (const Field& name : root.at("classes").entries()) m.classes.push_back(name.text());
  const std::string zoom = root.at("zoom").text();
  if (zoom != "learned" && zoom != "motion") root.at("zoom").fail("must be learned or motion");
  m.zoom = {zoom == "learned" ? Zoom::learned : Zoom::motion,
            data::whole(root.at("key_frame_every"), 1, 1 << 20), root.at("min_score").number(0, 1),
            root.at("motion_size").number(0, huge)};
  m.scale = {root.at("pixel_mean").number(-huge, huge),
             root.at("pixel_deviation").number(std::numeric_limits<double>::min(), huge)};
  m.pool = data::whole(root.at("pool"), 1, 1 << 16);
  if (m.zoom.zoom == Zoom::learned)
    m.detector = data::vector_of(root.at("detector"), Detector(m.pool).layout().size());
  if (m.classes.size() < 2) root.at("classes").fail("must be 2 at least");
  if (data::whole(root.at("crop"), 4, 1 << 12) % 4 != 0) root.at("crop").fail("must be a multiple of 4");
  m.recogniser = {.size = data::whole(root.at("crop"), 4, 1 << 12),
                  .frames = data::whole(root.at("frames"), 3, 1 << 16),
                  .classes = static_cast<int>(m.classes.size())};
  m.parameters = data::vector_of(root.at("recogniser"), Recogniser(m.recogniser).layout().size());
  return m;
}

} // namespace raphson::optim::tools
