// What `raphson deep-lk` says of a film, and its pictures.
#pragma once

#include "optim/report/scene_panels.h"
#include "optim/report/tool_report.h"
#include "optim/tools/signals/deep_lk_scenes.h"

#include <optional>
#include <string>

namespace raphson::optim::tools {

struct FilmStrip { // for pictures
  std::string name = {};
  CardFilm film = {}; ///< its boxes are the true ones
  struct Followed {
    std::string name = {};
    report::Colour colour = {};
    std::vector<TrackBox> boxes = {};
  };
  std::vector<Followed> followed = {};
};

/// Six frames of each film in a row, the true box wide and green.
std::string film_strips(const std::vector<FilmStrip>& strips);

struct FollowOptions {
  TrackBox box = {};
  TrackerOptions tracker = {};
  std::string model = {};           ///< its name, for the report
  bool files = false;               ///< the frames have names of files, which boxes.csv repeats
  std::vector<TrackBox> truth = {}; ///< of each frame, or empty
  std::function<void(const std::string&)> progress = {};
};

/// Throws InputError where the box lies outside the first frame, is smaller than 8 pixels or holds nothing
/// that could be followed, where there are fewer than two frames or they differ in size, and where the truth
/// has another number of boxes.
report::ToolReport follow_report(const std::vector<data::Picture>& frames, MotionEstimator& estimator,
                                 const FollowOptions& options, const std::string& name);

/// Rows frame (from 1), x, y, w, h: pixels, x and y of the left and upper edge.
std::vector<TrackBox> read_boxes(const std::string& path);

/// X, Y, W, H of the edges, as the command line has it: pixel i covers i to i + 1.
TrackBox box_of_edges(double x, double y, double w, double h);

} // namespace raphson::optim::tools
