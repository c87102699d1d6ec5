#include "optim/tools/signals/deep_lk_report.h"

#include "dsp/error.h"
#include "optim/data/csv.h"
#include "optim/report/text.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {
namespace {

// The shipped features' residuals in 180 films as the experiment's (raphson_test_optim_tools_signals
// "[deep-lk-residuals]"): where the overlap was above 0.7 half were below 0.17 and 99 % below 0.46; where it
// was below 0.3 the least was 0.90.
constexpr double small_residual = 0.5, unrelated_residual = 0.85;

using report::Cell;
using report::Colour;

report::ScenePanel panel_of(const data::Picture& frame, const std::string& caption) {
  report::ScenePanel panel{.caption = caption,
                           .x = {0, static_cast<double>(frame.columns)},
                           .y = {0, static_cast<double>(frame.rows)},
                           .y_up = false,
                           .png = data::png_of(frame)};
  return panel;
}

constexpr Colour of_truth = Colour::green, of_box = Colour::blue;

/// The true one is wider, so that it shows under those that were found.
report::Shape outline(const TrackBox& box, Colour colour) {
  return report::rectangle(box.x + 0.5 - box.half_width, box.y + 0.5 - box.half_height, 2 * box.half_width,
                           2 * box.half_height, {.colour = colour, .width = colour == of_truth ? 5.0 : 2.0});
}

/// About `count` frames, spread over all, the first and the last among them.
std::vector<std::size_t> spread(std::size_t frames, std::size_t count) {
  std::vector<std::size_t> chosen;
  const std::size_t wanted = std::min(frames, count);
  for (std::size_t k = 0; k < wanted; ++k)
    chosen.push_back(wanted == 1 ? 0 : k * (frames - 1) / (wanted - 1));
  return chosen;
}

std::string frame_name(std::size_t k) { return "frame " + std::to_string(k + 1); }

void check_frames(const std::vector<data::Picture>& frames, const std::string& name) {
  if (frames.size() < 2) throw InputError(name + " has one frame: at least 2 are needed");
  for (const data::Picture& frame : frames) {
    if (frame.rows != frames.front().rows || frame.columns != frames.front().columns)
      throw InputError(frame.name + " has " + std::to_string(frame.columns) + " x "
                       + std::to_string(frame.rows) + " pixels, " + frames.front().name + " has "
                       + std::to_string(frames.front().columns) + " x " + std::to_string(frames.front().rows)
                       + "; frames of a film have one size");
  }
}

void check_box(const data::Picture& first, const TrackBox& box) {
  const double values[] = {box.x, box.y, box.half_width, box.half_height};
  if (!std::all_of(std::begin(values), std::end(values), [](double v) { return std::isfinite(v); }))
    throw InputError("--box holds a number that is not finite");
  if (!(box.half_width > 0 && box.half_height > 0))
    throw InputError("--box has a width or height that is not above 0");
  if (box.half_width < 4 || box.half_height < 4)
    throw InputError("--box is smaller than 8 x 8 pixels: too small to follow");
  const double left = box.x + 0.5 - box.half_width, top = box.y + 0.5 - box.half_height;
  if (left < 0 || top < 0 || left + 2 * box.half_width > first.columns
      || top + 2 * box.half_height > first.rows)
    throw InputError("--box does not lie within the first frame, which has " + std::to_string(first.columns)
                     + " x " + std::to_string(first.rows) + " pixels");
  const Crop crop = crop_box(first.view(), box);
  // Grey levels at hand: a flat patch, or one that is alike along a line, leaves a motion free.
  const LinearRegressor grey(grey_features(crop));
  const auto [low, high] = std::minmax_element(crop.begin(), crop.end());
  if (*high > *low && *high - *low < 2.0f / 255)
    throw InputError("the levels in this box differ by less than 2 / 255; pictures with levels from 0 to 1 "
                     "would be right");
  if (*high - *low < 2.0f / 255 || !(grey.condition() < 1e6))
    throw InputError("there is nothing to hold on to in this box: it is flat, or the same along a line");
}

/// The first frame, from 0, in which the box was probably lost; 0: none. A residual three times that of the
/// first frames says so, but only where it is not small in itself, as first residuals may be next to nothing;
/// and one as large as that of an unrelated picture says so whatever came before.
std::size_t lost_from(const std::vector<TrackedFrame>& tracked) {
  std::vector<double> early;
  for (std::size_t k = 0; k < tracked.size(); ++k) {
    const double residual = tracked[k].residual;
    if (residual > unrelated_residual) return k + 1;
    if (k < 5) {
      early.insert(std::upper_bound(early.begin(), early.end(), residual), residual);
      continue;
    }
    if (residual > small_residual && residual > 3 * early[early.size() / 2]) return k + 1;
  }
  return 0;
}

report::Table box_table(const std::vector<data::Picture>& frames, const std::vector<TrackBox>& boxes,
                        const std::vector<TrackedFrame>& tracked, const FollowOptions& options) {
  const std::vector<TrackBox>& truth = options.truth;
  report::Table table{{{"frame"}, {"x"}, {"y"}, {"w"}, {"h"}, {"residual"}, {"condition"}, {"crops"}}, {}};
  if (!truth.empty()) table.columns.push_back({"overlap"});
  if (options.files) table.columns.push_back({"file"});
  for (std::size_t k = 0; k < boxes.size(); ++k) {
    const TrackBox& b = boxes[k];
    std::vector<Cell> row{k + 1};
    for (const double value :
         {b.x + 0.5 - b.half_width, b.y + 0.5 - b.half_height, 2 * b.half_width, 2 * b.half_height})
      row.push_back(Cell::fixed(value, 2));
    row.push_back(k == 0 ? Cell(0.0) : Cell::significant(tracked[k - 1].residual, 4));
    row.push_back(Cell::significant(tracked[k == 0 ? 0 : k - 1].condition, 4));
    row.push_back(k == 0 ? 0 : tracked[k - 1].crops);
    if (!truth.empty()) row.push_back(Cell::fixed(overlap(b, truth[k]), 3));
    if (options.files) row.push_back(std::filesystem::path(frames[k].name).filename().string());
    table.rows.push_back(std::move(row));
  }
  return table;
}

/// Names of unequal lengths, as frame2 and frame10, may not be in the order of the film.
bool unequal_names(const std::vector<data::Picture>& frames) {
  return std::any_of(frames.begin(), frames.end(), [&](const data::Picture& frame) {
    return frame.name.size() != frames.front().name.size();
  });
}

void add_truth(report::ToolReport& result, const std::vector<TrackBox>& boxes,
               const std::vector<TrackBox>& truth) {
  double mean = 0, found = 0;
  report::Series series{.name = ""};
  for (std::size_t k = 0; k < boxes.size(); ++k) {
    const double common = overlap(boxes[k], truth[k]);
    series.x.push_back(static_cast<double>(k + 1));
    series.y.push_back(common);
    if (k == 0) continue;
    mean += common / (static_cast<double>(boxes.size()) - 1);
    found += (common > 0.5) / (static_cast<double>(boxes.size()) - 1);
  }
  result.values.push_back({"mean overlap with the truth", mean});
  result.values.push_back({"share of frames with an overlap above a half", found});
  result.figures.push_back({"overlap",
                            {{{"",
                               {"Frame", "", report::Scale::count},
                               {"Overlap", "", report::Scale::linear, report::Range{0, 1}},
                               {series}}},
                             {880, 280},
                             "Overlap with the true box"}});
}

} // namespace

TrackBox box_of_edges(double x, double y, double w, double h) {
  return {x + w / 2 - 0.5, y + h / 2 - 0.5, w / 2, h / 2};
}

std::vector<TrackBox> read_boxes(const std::string& path) {
  const data::CsvTable table = data::read_csv(path);
  std::vector<TrackBox> boxes;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string where = path + ", line " + std::to_string(row + 2) + ": ";
    if (table.has_column("frame") && table.number(row, "frame") != static_cast<double>(row + 1))
      throw InputError(where + "frame " + table.text(row, "frame") + " where " + std::to_string(row + 1)
                       + " was expected: a row for each frame, in order");
    const double w = table.number(row, "w"), h = table.number(row, "h");
    if (w <= 0 || h <= 0) throw InputError(where + "w and h must be above 0");
    boxes.push_back(box_of_edges(table.number(row, "x"), table.number(row, "y"), w, h));
  }
  return boxes;
}

std::string film_strips(const std::vector<FilmStrip>& strips) {
  constexpr std::size_t across = 6;
  std::vector<report::SceneLegendEntry> legend{{"true box", of_truth}};
  for (const auto& followed : strips.front().followed) legend.push_back({followed.name, followed.colour});
  std::vector<report::ScenePanel> panels;
  for (const FilmStrip& strip : strips)
    for (const std::size_t k : spread(strip.film.frames.size(), across)) {
      report::ScenePanel panel = panel_of(strip.film.frames[k], strip.name + ", " + frame_name(k));
      panel.shapes.push_back(outline(strip.film.boxes[k], of_truth));
      for (auto followed = strip.followed.rbegin(); followed != strip.followed.rend(); ++followed)
        panel.shapes.push_back(outline(followed->boxes[k], followed->colour));
      panels.push_back(std::move(panel));
    }
  return report::panels_svg(panels, 150, across, legend);
}

report::ToolReport follow_report(const std::vector<data::Picture>& frames, MotionEstimator& estimator,
                                 const FollowOptions& options, const std::string& name) {
  check_frames(frames, name);
  check_box(frames.front(), options.box);
  if (!options.truth.empty() && options.truth.size() != frames.size())
    throw InputError("--truth: boxes of " + std::to_string(options.truth.size()) + " frames, " + name
                     + " has " + std::to_string(frames.size()));
  std::vector<TrackBox> boxes{options.box};
  std::vector<TrackedFrame> tracked;
  Tracker tracker(estimator, frames.front().view(), options.box, options.tracker);
  for (std::size_t k = 1; k < frames.size(); ++k) {
    if (options.progress) options.progress(frame_name(k));
    tracked.push_back(tracker.follow(frames[k].view()));
    boxes.push_back(tracked.back().box);
  }

  report::ToolReport result{.title = "A box followed through " + name};
  result.values = {{"frames", frames.size()}, {"features", options.model}};
  if (const std::size_t lost = lost_from(tracked); lost > 0)
    result.warnings.push_back("probably lost from " + frame_name(lost)
                              + ": what is in the box there is not what was in it at first");
  if (options.files && unequal_names(frames))
    result.warnings.push_back(
        "the frames were taken in the order of their names, which are not equally long: "
        "frame10 comes before frame2, number them with zeros if that is wrong");
  if (!options.truth.empty()) add_truth(result, boxes, options.truth);
  const report::Table table = box_table(frames, boxes, tracked, options);
  result.tables.push_back({"boxes", "The box in each frame, pixels", table});
  result.files.push_back({"boxes.csv", report::to_csv(table)});
  report::Series residual{.name = ""};
  for (std::size_t k = 0; k < tracked.size(); ++k) {
    residual.x.push_back(static_cast<double>(k + 2));
    residual.y.push_back(tracked[k].residual);
  }
  result.figures.push_back(
      {"residual",
       {{{"", {"Frame", "", report::Scale::count}, {"Residual of the last crop"}, {residual}}},
        {880, 280},
        "How far the features in the box are from the template's: 0 the same, above 0.85 another picture"}});
  std::vector<report::ScenePanel> panels;
  for (const std::size_t k : spread(frames.size(), 12)) {
    panels.push_back(panel_of(frames[k], frame_name(k)));
    if (!options.truth.empty()) panels.back().shapes.push_back(outline(options.truth[k], of_truth));
    panels.back().shapes.push_back(outline(boxes[k], of_box));
  }
  std::vector<report::SceneLegendEntry> legend{{"the box", of_box}};
  if (!options.truth.empty()) legend.push_back({"true box", of_truth});
  result.images.push_back({"strip", report::panels_svg(panels, 180, 6, legend), "The box, frame by frame"});
  return result;
}

} // namespace raphson::optim::tools
