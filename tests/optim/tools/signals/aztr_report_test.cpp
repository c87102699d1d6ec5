#include "optim/tools/signals/aztr_report.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/data/asset.h"
#include "optim/data/csv.h"
#include "optim/data/digits.h"
#include "optim/data/moving_digits.h"
#include "optim/data/npy.h"
#include "optim/data/png_image.h"
#include "optim/data/scratch_folder.h"
#include "optim/report/text.h"
#include "optim/tools/signals/aztr_demo.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;

namespace {

/// 60 clips of digits as files, 10 of each action.
struct Files {
  ScratchFolder folder;
  DigitClips digits = digit_clips(data::digits(300), 60, 1, "films");

  Files() {
    write_clips("clips.npy", digits.clips.pixels);
    std::string labels = "clip,label\n", boxes = "clip,frame,x,y,size\n";
    for (std::size_t i = 0; i < 60; ++i)
      labels += std::to_string(i + 1) + ",action " + std::to_string(digits.labels[i]) + "\n";
    for (const ClipBox& box : digits.places)
      boxes += std::to_string(box.clip + 1) + "," + std::to_string(box.frame + 1) + ","
               + std::to_string(box.x) + "," + std::to_string(box.y) + "," + std::to_string(box.size) + "\n";
    write("labels.csv", labels);
    write("boxes.csv", boxes);
  }
  void write(const char* name, const std::string& text) const { std::ofstream(folder / name) << text; }
  void write_clips(const char* name, const std::vector<float>& pixels) const {
    const std::vector<std::size_t> shape{60, 8, 80, 80};
    data::write_npy<float>(folder / name, shape, pixels);
  }
  Clips clips() const { return read_films(folder / "clips.npy"); }
};

const Files& files() {
  static const Files all;
  return all;
}

const report::ResultFile& file_of(const report::ToolReport& report, const std::string& name) {
  const auto at =
      std::find_if(report.files.begin(), report.files.end(), [&](const auto& f) { return f.name == name; });
  REQUIRE(at != report.files.end());
  return *at;
}

} // namespace

TEST_CASE("A model is trained, written and read, and its recogniser learns from found boxes", "[aztr]") {
  const Clips clips = files().clips();
  const ClipLabels labels = read_clip_labels(files().folder / "labels.csv", clips);
  const auto boxes = read_clip_boxes(files().folder / "boxes.csv", clips);
  CHECK(boxes.size() == 480);
  CHECK(labels.classes.size() == 6);
  const AztrRun run{.epochs = 2, .detector_steps = 60};
  const auto report = aztr_training_report(clips, labels, boxes, run);
  CHECK(report.warnings.size() == 6); // 10 clips of each class
  const auto path = files().folder / "model.aztr.json";
  std::ofstream(path) << file_of(report, "model.aztr.json").bytes;
  const AztrModel model = read_aztr_model(path);
  CHECK(to_json(model) == file_of(report, "model.aztr.json").bytes);

  // zoom.csv, which the recogniser was trained along, is the detector's, not the boxes given.
  const data::CsvTable zoom(file_of(report, "zoom.csv").bytes, "zoom.csv");
  REQUIRE(zoom.rows() == 480);
  const auto paths = zoom_paths(model, clips, 1);
  double from_paths = 0, from_boxes = 0;
  for (std::size_t i = 0; i < 480; ++i) {
    from_paths = std::max(from_paths, std::abs(zoom.number(i, "x") - paths[i / 8].x[i % 8]));
    from_boxes = std::max(from_boxes, std::abs(zoom.number(i, "x") - boxes[i].x));
  }
  CHECK(from_paths < 1e-9);
  CHECK(from_boxes > 0.5);

  const auto applied = aztr_result_report(model, clips, 2);
  CHECK(applied.warnings.empty());
  CHECK(file_of(applied, "zoom.csv").bytes == file_of(report, "zoom.csv").bytes);
  const data::CsvTable found(file_of(applied, "found.csv").bytes, "found.csv");
  CHECK(found.rows() == 60 * 5);
  CHECK(found.number(1, "frame") == 3);
  CHECK(found.number(1, "score") <= 1);
  CHECK(zoom.number(0, "half") > 1.499 * found.number(0, "size"));
  files().write("found.csv", file_of(applied, "found.csv").bytes);
  CHECK(read_clip_boxes(files().folder / "found.csv", clips).size() == 60 * 5);
  const data::CsvTable table(file_of(applied, "labels.csv").bytes, "labels.csv");
  REQUIRE(table.rows() == 60);
  double all = 0;
  for (const std::string& name : labels.classes) all += table.number(0, name);
  CHECK(all == Approx(1).margin(1e-5));

  const auto other = aztr_result_report(model, resampled(clips, 11), 1);
  REQUIRE(other.warnings.size() == 1);
  CHECK_THAT(other.warnings[0], Contains("11 frames, the model was trained on 8"));
  // Other levels than those of training: in one line, and never beyond memory.
  for (const float by : {257.0f, 1e4f}) {
    Clips loud = clips;
    for (float& pixel : loud.pixels) pixel *= by;
    const auto warned = aztr_result_report(model, loud, 1);
    REQUIRE(warned.warnings.size() == 1);
    CHECK_THAT(warned.warnings[0], Contains("levels") && Contains("not those of training"));
  }
  Clips loud = clips;
  for (float& pixel : loud.pixels) pixel *= 1e30f;
  CHECK_THROWS_WITH(aztr_result_report(model, loud, 1), Contains("clips.npy") && Contains("not finite"));
  auto json = to_json(model);
  json.replace(json.find("\"crop\":16"), 9, "\"crop\":15");
  std::ofstream(path) << json;
  CHECK_THROWS_WITH(read_aztr_model(path), Contains("crop") && Contains("multiple of 4"));
  std::ofstream(path) << "{}";
  CHECK_THROWS_WITH(read_aztr_model(path), Contains("not a model of aztr"));
}

TEST_CASE("Held-out clips take no part in training", "[aztr]") {
  Clips clips = files().clips();
  ClipLabels labels = read_clip_labels(files().folder / "labels.csv", clips);
  auto boxes = read_clip_boxes(files().folder / "boxes.csv", clips);
  const AztrRun run{.epochs = 1, .detector_steps = 5};
  const data::Split split = aztr_split(labels, run.seed);
  REQUIRE(split.held_out.size() == 12);
  const std::string model = file_of(aztr_training_report(clips, labels, boxes, run), "model.aztr.json").bytes;
  for (const std::size_t clip : split.held_out) {
    for (ClipBox& box : boxes)
      if (box.clip == clip) box = {clip, box.frame, 40, 40, 12};
    for (std::size_t k = 0; k < clips.clip_size(); ++k)
      clips.pixels[clip * clips.clip_size() + k] = static_cast<float>(k % 7);
  }
  CHECK(file_of(aztr_training_report(clips, labels, boxes, run), "model.aztr.json").bytes == model);
  for (ClipBox& box : boxes) // and the others' do
    if (box.clip == split.training[0]) box.x = 40;
  CHECK(file_of(aztr_training_report(clips, labels, boxes, run), "model.aztr.json").bytes != model);
}

TEST_CASE("Of every class a clip is held out, and one alone is refused", "[aztr]") {
  const ClipLabels labels{{0, 1, 1, 0, 0}, {"a", "b"}, "labels.csv"};
  const data::Split split = aztr_split(labels, 1);
  REQUIRE(split.held_out.size() == 2);
  CHECK(labels.of_clips[split.held_out[0]] + labels.of_clips[split.held_out[1]] == 1);
  CHECK(split.training.size() == 3);
  const Clips clips = files().clips();
  ClipLabels one{std::vector<int>(60, 0), {"a", "b"}, "labels.csv"};
  one.of_clips[7] = 1;
  CHECK_THROWS_WITH(aztr_training_report(clips, one, {}, {}), Contains("labels.csv: one clip of class b"));
}

TEST_CASE("A budget lists the pairs below it and takes the smallest K", "[aztr]") {
  const Clips clips = files().clips();
  const ClipLabels labels = read_clip_labels(files().folder / "labels.csv", clips);
  const auto boxes = read_clip_boxes(files().folder / "boxes.csv", clips);
  const auto report =
      aztr_training_report(clips, labels, boxes, {.budget = 6, .epochs = 1, .detector_steps = 5});
  REQUIRE(report.tables.size() == 2);
  const auto& rows = report.tables[1].table.rows;
  CHECK(rows.size() == 9);
  CHECK(rows[0][3].text == "over the budget"); // K = 1
  CHECK(std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row[4].text == "chosen"; })
        == 1);
  for (const auto& row : rows) {
    CHECK((*row[2].number <= 6) == row[3].number.has_value());
    if (row[4].text != "chosen") continue;
    for (const auto& [name, value] : report.values)
      if (name == "accuracy, held out") CHECK(*value.number == *row[3].number);
  }
}

TEST_CASE("Without boxes the zoom follows motion, and says that it is not learned", "[aztr]") {
  const Clips clips = files().clips();
  const ClipLabels labels = read_clip_labels(files().folder / "labels.csv", clips);
  AztrRun run{.epochs = 1};
  run.zoom.zoom = Zoom::motion;
  const auto report = aztr_training_report(clips, labels, {}, run);
  REQUIRE(report.paragraphs.size() == 1);
  CHECK_THAT(report.paragraphs[0], Contains("not learned"));
  const auto path = files().folder / "motion.json";
  std::ofstream(path) << file_of(report, "model.aztr.json").bytes;
  CHECK(read_aztr_model(path).detector.size() == 0);
}

TEST_CASE("Clips are read from folders of PNG, by name", "[aztr]") {
  const ScratchFolder folder;
  const auto frame = [&](const std::string& clip, int t, int rows, double level) {
    std::filesystem::create_directories(folder / clip);
    data::write_png(folder / clip / ("f" + std::to_string(t) + ".png"),
                    data::grey_image(data::RowMatrix::Constant(rows, 20, level)));
  };
  for (int t = 0; t < 3; ++t) {
    frame("b", t, 16, 0.2 * t);
    frame("a", t, 16, 1);
  }
  const Clips clips = read_films(folder / ".");
  CHECK(clips.count == 2);
  CHECK(clips.frames == 3);
  CHECK(clips.names == std::vector<std::string>{"a", "b"});
  CHECK(clips.frame(1, 2).pixels[7] == Approx(0.4));
  std::ofstream(folder / "l.csv") << "clip,label\nb,x\na,y\n";
  CHECK(read_clip_labels(folder / "l.csv", clips).of_clips == std::vector<int>{1, 0});
  frame("b", 3, 16, 0);
  CHECK_THROWS_WITH(read_films(folder / "."), Contains("clip b has 4 frames, a has 3"));
  frame("b", 1, 18, 0);
  CHECK_THROWS_WITH(read_films(folder / "."), Contains("18 x 20") && Contains("16 x 20"));
}

TEST_CASE("Clips, labels and boxes that do not fit are refused by name", "[aztr]") {
  const Clips clips = files().clips();
  const auto& folder = files().folder;
  const auto labels = [&](const std::string& text) {
    files().write("other.csv", text);
    return read_clip_labels(folder / "other.csv", clips);
  };
  CHECK_THROWS_WITH(labels("clip,label\n61,x\n"), Contains("line 2: clip 61 is not in"));
  CHECK_THROWS_WITH(labels("clip,label\n1,x\n1,y\n"), Contains("clip 1 comes twice"));
  CHECK_THROWS_WITH(labels("clip,label\n1,x\n"), Contains("no label for clip 2"));
  std::string one = "clip,label\n";
  for (int i = 1; i <= 60; ++i) one += std::to_string(i) + ",x\n";
  CHECK_THROWS_WITH(labels(one), Contains("one class, x"));
  const auto boxes = [&](const std::string& text) {
    files().write("other.csv", "clip,frame,x,y,size\n" + text);
    return read_clip_boxes(folder / "other.csv", clips);
  };
  CHECK_THROWS_WITH(boxes("1,1,80,3,5\n"), Contains("outside the frame of 80 x 80"));
  CHECK_THROWS_WITH(boxes("1,9,8,3,5\n"), Contains("frame 9") && Contains("1 to 8"));
  CHECK_THROWS_WITH(boxes("1,1,8,3,0\n"), Contains("size 0"));
  CHECK_THROWS_WITH(boxes("1,1,8,3,5\n"), Contains("no box for clip 2"));

  std::vector<float> pixels = files().digits.clips.pixels;
  pixels[51200 * 3 + 5] = std::numeric_limits<float>::quiet_NaN();
  files().write_clips("nan.npy", pixels);
  CHECK_THROWS_WITH(read_films(folder / "nan.npy"), Contains("clip 4 has values that are not finite"));
  const auto array = [&](std::vector<std::size_t> shape) {
    std::size_t size = 1;
    for (const std::size_t extent : shape) size *= extent;
    data::write_npy<float>(folder / "other.npy", shape, std::vector<float>(size));
    return read_films(folder / "other.npy");
  };
  // Whole numbers are levels of 8 or 16 bits.
  std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 3, 16, 16), }";
  header.resize(117, ' ');
  std::ofstream(folder / "bytes.npy", std::ios::binary)
      << std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + "\n" + std::string(3 * 16 * 16, '\x33');
  CHECK(read_films(folder / "bytes.npy").pixels[5] == Approx(0.2)); // 51 / 255
  CHECK_THROWS_WITH(array({4, 2, 20, 20}), Contains("2 frames, at least 3"));
  CHECK_THROWS_WITH(array({4, 20, 20}), Contains("3 dimensions"));
  CHECK_THROWS_WITH(array({4, 3, 20, 8}), Contains("at least 16 x 16"));
  CHECK_THROWS_WITH(pixel_scale_of(array({2, 3, 20, 20}), std::vector<std::size_t>{0, 1}),
                    Contains("all pixels are alike"));
  CHECK_THROWS_WITH(Recogniser({.size = 15}), Contains("multiple of 4"));
}

// Writes assets/data/aztr: raphson_test_optim_tools_signals "[write-aztr]".
TEST_CASE("The example's films", "[.][write-aztr]") {
  constexpr int count = 120, frames = 4, side = 32;
  const data::MovingDigitOptions options{.frames = frames,
                                         .rows = side,
                                         .columns = side,
                                         .smallest = 3,
                                         .largest = 4,
                                         .noise = 0.02,
                                         .camera = 1,
                                         .drift = 0.5};
  const data::Dataset digits = data::digits(2000);
  std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (120, 4, 32, 32), }";
  header.resize(117, ' ');
  std::string bytes = std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + "\n";
  std::string labels = "clip,label\n", boxes = "clip,frame,x,y,size\n";
  for (int i = 0; i < count; ++i) {
    RandomStream random(static_cast<std::uint64_t>(i), "example");
    const auto action = i % 2 ? data::DigitAction::shrink : data::DigitAction::grow;
    const auto film = data::moving_digit(digits.features.row(static_cast<Index>(random.index(2000))).data(),
                                         action, options, random);
    for (const float level : film.frames) // 16 levels, that the file packs well
      bytes += static_cast<char>(17 * std::lround(15 * std::clamp(level, 0.0f, 1.0f)));
    const std::string clip = std::to_string(i + 1);
    labels += clip + "," + name_of(action) + "\n";
    for (const int t : {0, frames - 1}) {
      const auto& place = film.places[static_cast<std::size_t>(t)];
      boxes += clip + "," + std::to_string(t + 1);
      for (const double value : {place.x, place.y, place.size}) boxes += "," + report::format_fixed(value, 1);
      boxes += "\n";
    }
  }
  const auto folder = data::asset("data/aztr");
  std::ofstream(folder / "clips.npy", std::ios::binary) << bytes;
  std::ofstream(folder / "labels.csv") << labels;
  std::ofstream(folder / "boxes.csv") << boxes;
}
