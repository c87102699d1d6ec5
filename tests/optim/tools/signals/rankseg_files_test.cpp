#include "optim/tools/signals/rankseg_files.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/data/npy.h"
#include "optim/data/png_image.h"
#include "optim/data/scratch_folder.h"
#include "optim/tools/signals/rankseg_report.h"
#include "optim/tools/signals/rankseg_rma_demo.h"
#include "tool_demo.h"

#include <cmath>
#include <fstream>
#include <limits>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;

namespace {

std::filesystem::path npy(const ScratchFolder& folder, const char* name, std::vector<std::size_t> shape,
                          std::vector<double> values) {
  data::write_npy<double>(folder / name, shape, std::span<const double>(values));
  return folder / name;
}

std::filesystem::path text(const ScratchFolder& folder, const char* name, const std::string& content) {
  std::ofstream(folder / name, std::ios::binary) << content;
  return folder / name;
}

std::filesystem::path grey(const ScratchFolder& folder, const char* name, int rows, int columns,
                           std::vector<std::uint8_t> bytes) {
  data::write_png(folder / name,
                  {.rows = rows, .columns = columns, .channels = 1, .bytes = std::move(bytes)});
  return folder / name;
}

const report::ResultFile& file_of(const report::ToolReport& report, const std::string& name) {
  for (const auto& file : report.files)
    if (file.name == name) return file;
  FAIL("no file " << name);
  return report.files.front();
}

/// 2 x 3 pixels, 0, 1, 257, 32768, 40000, 65535, as 16-bit grey that claims a gamma of 1 / 2.2.
const std::string
    grey_16("\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x03\x00\x00\x00\x02"
            "\x10\x00\x00\x00\x00\xe8\x8f\xe5\x85\x00\x00\x00\x04\x67\x41\x4d\x41\x00\x00\xb1\x8f\x0b\xfc\x61"
            "\x05\x00\x00\x00\x16\x49\x44\x41\x54\x78\xda\x63\x60\x60\x60\x60\x64\x64\x64\x68\x60\x98\xe3\xf0"
            "\xff\x3f\x00\x09\x56\x03\x5e\x74\xa6\xb0\xba\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82",
            95);

} // namespace

TEST_CASE("Probability maps: the axes of arrays") {
  const ScratchFolder folder;
  std::vector<double> values(24);
  for (std::size_t i = 0; i < 24; ++i) values[i] = static_cast<double>(i) / 23;
  const auto chw = read_probabilities({npy(folder, "a.npy", {2, 3, 4}, values)});
  CHECK(chw.samples == 1);
  CHECK(chw.classes() == 2);
  CHECK(chw.shape == std::vector<std::size_t>{3, 4});
  CHECK(chw.sample(0)(1, 5) == values[17]);
  const auto ncd = read_probabilities({folder / "a.npy"}, PixelAxes::samples);
  CHECK(ncd.samples == 2);
  CHECK(ncd.classes() == 3);
  CHECK(ncd.sample(1)(2, 3) == values[23]);
  const auto nchw = read_probabilities({npy(folder, "b.npy", {2, 3, 2, 2}, values)});
  CHECK(nchw.samples == 2);
  CHECK(nchw.sample(1)(0, 3) == values[15]);
  CHECK(read_probabilities({npy(folder, "c.npy", {24}, values)}).classes() == 1);
  CHECK(read_probabilities({npy(folder, "d.npy", {4, 6}, values)}).pixels() == 6);
  CHECK_THROWS_WITH(read_probabilities({folder / "d.npy"}, PixelAxes::samples), Contains("2 axes"));
  CHECK_THROWS_WITH(read_probabilities({npy(folder, "e.npy", {1, 1, 2, 3, 4}, values)}),
                    Contains("e.npy: an array of 5 axes"));
  std::filesystem::rename(folder / "d.npy", folder / "D.NPY");
  CHECK(read_probabilities({folder / "D.NPY"}).classes() == 4);
  CHECK_THROWS_WITH(read_probabilities({folder / "."}), Contains("is a folder"));
}

TEST_CASE("Probability maps: images of 8 and 16 bits, a class each") {
  const ScratchFolder folder;
  const auto maps = read_probabilities(
      {grey(folder, "sky.png", 2, 3, {0, 51, 102, 153, 204, 255}), text(folder, "sea.png", grey_16)});
  CHECK(maps.class_names == std::vector<std::string>{"sky", "sea"});
  CHECK(maps.sample(0)(0, 4) == Approx(0.8).epsilon(1e-15));
  const double levels[] = {0, 1, 257, 32768, 40000, 65535};
  for (Eigen::Index j = 0; j < 6; ++j) CHECK(maps.sample(0)(1, j) == levels[j] / 65535);
  CHECK_THROWS_WITH(read_probabilities({folder / "sky.png", grey(folder, "other.png", 1, 2, {0, 1})}),
                    Contains("1 x 2 pixels"));
  CHECK_THROWS_WITH(read_probabilities({text(folder, "cut.png", grey_16.substr(0, 60))}),
                    Contains("cut.png"));
  data::write_png(folder / "red.png", {.rows = 1, .columns = 1, .channels = 3, .bytes = {255, 0, 0}});
  CHECK_THROWS_WITH(read_probabilities({folder / "red.png"}), Contains("red.png has colours"));
  CHECK_THROWS_WITH(read_probabilities({folder / "sky.png"}, PixelAxes::samples), Contains("--axes"));
}

TEST_CASE("Probability maps refuse what are no probabilities, and say where") {
  const ScratchFolder folder;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto of = [&](std::vector<double> values) {
    return read_probabilities({npy(folder, "p.npy", {1, 2, 1, 2}, std::move(values))});
  };
  CHECK_THROWS_WITH(of({0.5, nan, 0.5, 0.5}), Contains("nan at [0, 0, 0, 1]"));
  CHECK_THROWS_WITH(of({0.5, 0.1, 2.5, -3}), Contains("2.5 at [0, 1, 0, 0]") && Contains("logits"));
  CHECK_THROWS_WITH(of({0, 255, 3, 3}), Contains("divide"));
  CHECK(of({0.5, 1.0000001, -1e-9, 0.5}).sample(0)(0, 1) == 1);
  CHECK_THROWS_WITH(read_probabilities({text(folder, "p.csv", "speech,music\n0.5,0.5\n0.5,1.5\n")}),
                    Contains("row 2, column music"));
  CHECK_THROWS_WITH(read_probabilities({text(folder, "head.csv", "speech\n")}), Contains("head.csv"));
  CHECK_THROWS_AS(read_probabilities({text(folder, "p.txt", "0.5")}), InputError);
  CHECK_THROWS_AS(read_probabilities({folder / "p.npy", folder / "p.npy"}), InputError);
  CHECK_THROWS_WITH(read_probabilities({npy(folder, "m.npy", {65536, 1}, std::vector<double>(65536))}),
                    Contains("65536 classes"));
}

TEST_CASE("A truth of another shape or with other classes is refused") {
  const ScratchFolder folder;
  const auto maps = read_probabilities({npy(folder, "p.npy", {3, 1, 4}, std::vector<double>(12, 0.3))});
  const auto truth = [&](std::vector<std::size_t> shape, std::vector<double> values) {
    return read_truth({npy(folder, "t.npy", std::move(shape), std::move(values))}, maps);
  };
  const auto masks = truth({1, 4}, {0, 2, 255, 1});
  CHECK(masks[0].col(1) == Eigen::Matrix<std::uint8_t, 3, 1>(0, 0, 1));
  CHECK(masks[0].col(2) == Eigen::Matrix<std::uint8_t, 3, 1>(255, 255, 255));
  CHECK(truth({3, 1, 4}, {1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 255})[0](1, 1) == 1);
  CHECK_THROWS_WITH(truth({1, 4}, {0, 3, 0, 0}), Contains("3 at pixel 1") && Contains("from 0 to 2"));
  CHECK_THROWS_WITH(truth({1, 4}, {0, 0.5, 0, 0}), Contains("0.5 at pixel 1"));
  CHECK_THROWS_WITH(truth({4}, {0, 0, 0, 0}), Contains("(4)") && Contains("(1, 4)"));
  CHECK_THROWS_WITH(truth({3, 1, 4}, std::vector<double>(12, 2)), Contains("a mask has 0 and 1"));
  CHECK_THROWS_WITH(read_truth({grey(folder, "t.png", 4, 1, {0, 0, 0, 0})}, maps), Contains("(4, 1)"));
  CHECK_THROWS_WITH(read_truth({text(folder, "t.csv", "label\n0\n0\n0\n0\n")}, maps), Contains("CSV"));
}

TEST_CASE("Masks and labels come back as a truth that they agree with wholly") {
  const ScratchFolder folder;
  const auto value_of = [](const report::ToolReport& report, const std::string& name) {
    for (const auto& [key, cell] : report.values)
      if (key == name) return *cell.number;
    return -1.0;
  };
  const auto agrees = [&](const ProbabilityMaps& maps, bool exclusive,
                          const std::vector<std::string>& names) {
    const auto report = rankseg_report(maps, {.exclusive = exclusive});
    Paths paths;
    for (const std::string& name : names)
      paths.push_back(text(folder, name.c_str(), file_of(report, name).bytes));
    const auto again = rankseg_report(maps, {.exclusive = exclusive, .truth = read_truth(paths, maps)});
    CHECK(value_of(again, "achieved Dice, mean of the maps") == 1);
  };
  const std::vector<double> three{0.9, 0.8, 0.1, 0.1, 0.05, 0.1, 0.8, 0.1, 0.05, 0.1, 0.1, 0.8};
  agrees(read_probabilities({npy(folder, "p.npy", {3, 2, 2}, three)}), true, {"labels.npy"});
  agrees(read_probabilities({folder / "p.npy"}), false, {"masks.npy"});
  agrees(read_probabilities({text(folder, "p.csv", "a,b\n0.9,0.1\n0.2,0.8\n0.7,0.3\n")}), true,
         {"labels.csv"});
  agrees(read_probabilities({folder / "p.csv"}), false, {"masks.csv"});
  const Paths images{grey(folder, "x.png", 1, 4, {250, 200, 0, 9}),
                     grey(folder, "y.png", 1, 4, {5, 55, 255, 246})};
  agrees(read_probabilities(images), true, {"labels.png"});
  agrees(read_probabilities(images), false, {"mask-x.png", "mask-y.png"});
  agrees(read_probabilities({images[0]}), false, {"mask-x.png"});
}

TEST_CASE("The report has the cut-off, both masks' scores and the exact ones, and warns of sums") {
  const ScratchFolder folder;
  const auto maps = read_probabilities({npy(folder, "p.npy", {2}, {0.9, 0.3})});
  const auto report = rankseg_report(maps, {.exact = true});
  const auto& row = report.tables.at(0).table.rows.at(0);
  const double expected[] = {2, 1.2 / 4.2, 2.4 / 4.2, 1, 1.8 / 3.2, 0.71, 0.81, 1, 0.81};
  for (std::size_t i = 0; i < 9; ++i) CHECK(*row.at(i + 1).number == Approx(expected[i]).epsilon(1e-12));
  CHECK_THROWS_WITH(rankseg_report(maps, {.exclusive = true}), Contains("one class"));
  CHECK(report.warnings.empty());

  const auto off = read_probabilities({npy(folder, "q.npy", {2, 2}, {0.9, 0.3, 0.1, 0.5})});
  const auto warned = rankseg_report(off, {.exclusive = true});
  REQUIRE(warned.warnings.size() == 1);
  CHECK_THAT(warned.warnings[0], Contains("one pixel") && Contains("0.8"));
  CHECK(rankseg_report(off, {}).warnings.empty());

  const auto many = read_probabilities({npy(folder, "r.npy", {20001}, std::vector<double>(20001, 0.5))});
  CHECK_THROWS_WITH(rankseg_report(many, {.exact = true}), Contains("20001"));
  CHECK_FALSE(report_files(rankseg_report(many, {}), {}).empty());
}

TEST_CASE("The report warns of what a truth leaves out, and grey levels may be rounded") {
  const ScratchFolder folder;
  // 85.4 + 85.3 + 84.3 of 255, each rounded down or up.
  const Paths levels{grey(folder, "a.png", 1, 3, {85, 200, 10}), grey(folder, "b.png", 1, 3, {85, 30, 240}),
                     grey(folder, "c.png", 1, 3, {84, 24, 5})};
  const auto maps = read_probabilities(levels);
  CHECK(rankseg_report(maps, {.exclusive = true}).warnings.empty());
  const auto warned = rankseg_report(
      maps, {.exclusive = true, .truth = read_truth({grey(folder, "t.png", 1, 3, {0, 255, 1})}, maps)});
  REQUIRE(warned.warnings.size() == 2);
  CHECK(warned.warnings[0] == "1 of 3 pixels of the truth are 255 and do not count");
  CHECK(warned.warnings[1] == "the truth has no pixel of class c: nothing is achieved there");
  CHECK_THROWS_WITH(read_truth({grey(folder, "mask.png", 1, 3, {0, 255, 255})}, maps),
                    Contains("mask.png") && Contains("looks like a mask"));
}

TEST_CASE("The experiment of RankSEG-RMA, in short") { check_claims(rankseg_rma_demo({.brief = true})); }
