#include "catch.h"
#include "dsp/error.h"
#include "optim/data/asset.h"
#include "optim/data/audio_file.h"
#include "optim/data/csv.h"
#include "optim/data/labels.h"
#include "optim/data/npy.h"
#include "optim/data/png_image.h"
#include "optim/data/read_dataset.h"
#include "scratch_folder.h"

#include <cmath>
#include <fstream>
#include <limits>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::data;
using Catch::Matchers::Contains;
using Names = std::vector<std::string>;

namespace {

class Files {
public:
  std::filesystem::path operator()(const std::string& name, const std::string& bytes) const {
    const auto path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }

private:
  ScratchFolder folder_;
};

template <class T> std::string npy(std::vector<std::size_t> shape, std::vector<T> values) {
  return npy_bytes(shape, std::span<const T>(values));
}

std::string grey_png(int rows, int columns, double level) {
  return png_bytes(grey_image(RowMatrix::Constant(rows, columns, level)));
}

const std::string wine = "acid,sugar,kind,rating\n1,2.5,red,7\n3,-4,white,8.5\n5,6,red,7\n";

} // namespace

TEST_CASE("A table: features, a target of numbers, classes of words") {
  const Files files;
  const auto path = files("wine.csv", wine);
  const Dataset rated = read_dataset(path, {.target = "rating", .leave_out = {"kind"}});
  CHECK(rated.feature_names == Names{"acid", "sugar"});
  CHECK(rated.features == (RowMatrix(3, 2) << 1, 2.5, 3, -4, 5, 6).finished());
  CHECK(rated.target == (Vector(3) << 7, 8.5, 7).finished());
  CHECK(rated.labels.empty());
  CHECK(rated.name == path.string());

  const Dataset kinds = read_dataset(path, {.target = "kind"});
  CHECK(kinds.feature_names == Names{"acid", "sugar", "rating"});
  CHECK(kinds.labels == std::vector<int>{0, 1, 0});
  CHECK(kinds.class_names == Names{"red", "white"});
  CHECK(kinds.target.size() == 0);

  const Dataset classes =
      read_dataset(path, {.target = "rating", .task = Task::classification, .leave_out = {"kind"}});
  CHECK(classes.class_names == Names{"7", "8.5"});
  CHECK(classes.labels == std::vector<int>{0, 1, 0});
  CHECK(read_dataset(path, {.leave_out = {"kind"}}).features.cols() == 3);
}

TEST_CASE("A table for a model that is there already: its columns, its classes") {
  const Files files;
  const auto path = files("more.csv", "kind,sugar,other,acid\nwhite,1,x,2\n");
  const Dataset data =
      read_dataset(path, {.target = "kind", .features = {"acid", "sugar"}, .classes = {"red", "white"}});
  CHECK(data.features == (RowMatrix(1, 2) << 2, 1).finished());
  CHECK(data.labels == std::vector<int>{1});
  CHECK(data.class_names == Names{"red", "white"});
  CHECK_THROWS_WITH(read_dataset(path, {.target = "kind", .features = {"acid"}, .classes = {"red", "rosé"}}),
                    Contains("example 1 is of class 'white', known are 'red' and 'rosé'"));
  CHECK_THROWS_WITH(
      read_dataset(path, {.features = {"alcohol"}}),
      Contains("more.csv: no column 'alcohol'; its columns are 'kind', 'sugar', 'other' and 'acid'"));
}

TEST_CASE("Classes that are numbers come by value") {
  Dataset data;
  data.features = RowMatrix::Zero(5, 1);
  set_labels(data, Names{"10", "9", "1.0", "1", "-2"}, "x");
  CHECK(data.class_names == Names{"-2", "1", "9", "10"});
  CHECK(data.labels == std::vector<int>{3, 2, 1, 1, 0});
  set_labels(data, Names{"10", "9", "b", "1", "10"}, "x"); // one word: alphabetical
  CHECK(data.class_names == Names{"1", "10", "9", "b"});
  set_labels(data, Names{"1.0", "1", "9", "9.0", "1"}, "x", Names{"9", "1"});
  CHECK(data.labels == std::vector<int>{1, 1, 0, 0, 1});
  CHECK_THROWS_WITH(set_labels(data, Names{"1"}, "labels.csv"),
                    Contains("labels.csv: 1 labels for 5 examples"));
  CHECK_THROWS_WITH(set_labels(data, std::vector<int>{0, 1, 2, 3, -1}, "x"), Contains("label -1"));
  CHECK_THROWS_WITH(set_labels(data, std::vector<int>{0, 1, 2, 3, 2000000000}, "x"),
                    Contains("label 2000000000"));
}

TEST_CASE("A table: what is wrong is said") {
  const Files files;
  const auto path = files("wine.csv", wine);
  CHECK_THROWS_WITH(
      read_dataset(path, {.target = "price"}),
      Contains("wine.csv: no column 'price'; its columns are 'acid', 'sugar', 'kind' and 'rating'"));
  CHECK_THROWS_WITH(read_dataset(path, {.target = "rating"}),
                    Contains("wine.csv, line 2: column 'kind': 'red' is not a finite number"));
  CHECK_THROWS_WITH(read_dataset(path, {.target = "kind", .task = Task::regression}),
                    Contains("column 'kind': 'red' is not a finite number"));
  CHECK_THROWS_WITH(read_dataset(path, {.leave_out = {"knid"}}), Contains("no column 'knid'"));
  CHECK_THROWS_WITH(read_dataset(files("h.csv", "a,b\n")), Contains("h.csv: no examples"));
  CHECK_THROWS_WITH(read_dataset(files("t.csv", "a\n1\n"), {.target = "a"}),
                    Contains("no column of features"));
  CHECK_THROWS_WITH(read_dataset(files("n.csv", "a,b\n1,nan\n")), Contains("line 2: column 'b': 'nan'"));
  CHECK_THROWS_WITH(read_dataset(files / "none.csv"), Contains("cannot read") && Contains("none.csv"));
}

TEST_CASE("Arrays: features, images, labels from NPY, CSV and IDX") {
  const Files files;
  const auto x = files("x.npy", npy<double>({2, 3}, {1, 2, 3, 4, 5, 6}));
  const auto whole = files("whole.npy", npy<std::int64_t>({2}, {2, 0}));
  const auto real = files("real.npy", npy<double>({2}, {0.5, -1}));
  CHECK(read_dataset(x).features == (RowMatrix(2, 3) << 1, 2, 3, 4, 5, 6).finished());
  const Dataset classes = read_dataset(x, {.labels = whole});
  CHECK(classes.labels == std::vector<int>{2, 0});
  CHECK(classes.class_names == Names{"0", "1", "2"});
  CHECK(read_dataset(x, {.labels = whole, .task = Task::regression}).target
        == (Vector(2) << 2, 0).finished());
  CHECK(read_dataset(x, {.labels = real}).target == (Vector(2) << 0.5, -1).finished());
  CHECK(read_dataset(x, {.labels = real, .task = Task::classification}).class_names == Names{"-1", "0.5"});
  CHECK(read_dataset(x, {.labels = files("s.npy", npy<std::int64_t>({2}, {1, -1}))}).labels
        == std::vector<int>{1, 0});

  CHECK(read_dataset(x, {.labels = files("y.csv", "what\nyes\nno\n")}).labels == std::vector<int>{1, 0});
  const auto two = files("two.csv", "id,label\n7,yes\n8,no\n");
  CHECK(read_dataset(x, {.labels = two}).class_names == Names{"no", "yes"});
  CHECK(read_dataset(x, {.target = "id", .labels = two}).target == (Vector(2) << 7, 8).finished());
  CHECK_THROWS_WITH(read_dataset(x, {.labels = files("ab.csv", "a,b\n7,yes\n8,no\n")}),
                    Contains("ab.csv: which column holds the labels? Its columns are 'a' and 'b'"));
  const auto idx = files("y.idx", std::string("\0\0\x08\x01\0\0\0\x02\x01\x00", 10));
  CHECK(read_dataset(x, {.labels = idx}).labels == std::vector<int>{1, 0});
  // Features in one table, the target in another.
  CHECK(read_dataset(files("f.csv", "a\n1\n2\n"), {.target = "id", .labels = two}).target[1] == 8);

  const Dataset images = read_dataset(files("i.npy", npy<float>({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8})));
  CHECK(images.image_rows == 2);
  CHECK(images.image_columns == 2);
  CHECK(images.features(1, 0) == 5);
  CHECK(read_dataset(files("line.npy", npy<double>({3}, {1, 2, 3}))).features.cols() == 1);
}

TEST_CASE("Arrays: what is wrong is said") {
  const Files files;
  const auto x = files("x.npy", npy<double>({2, 3}, {1, 2, 3, 4, 5, 6}));
  CHECK_THROWS_WITH(read_dataset(x, {.labels = files("y.npy", npy<double>({3}, {1, 2, 3}))}),
                    Contains("y.npy: 3 labels for 2 examples of ") && Contains("x.npy"));
  CHECK_THROWS_WITH(read_dataset(x, {.labels = x}), Contains("as labels: NPY of several columns"));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH(read_dataset(files("n.npy", npy<double>({2, 3}, {1, 2, 3, 4, nan, 6}))),
                    Contains("n.npy: row 1, column 1 (from 0) is not a number (NaN)"));
  CHECK_THROWS_WITH(read_dataset(x, {.labels = files("n2.npy", npy<double>({2}, {1, nan}))}),
                    Contains("label 1 (from 0) is not finite"));
  CHECK_THROWS_WITH(read_dataset(files("d.npy", npy<double>({1, 1, 1, 2}, {1, 2}))),
                    Contains("NPY of 4 dimensions"));
  CHECK_THROWS_WITH(read_dataset(files("x.xlsx", "PK\x03\x04 and so on")),
                    Contains("x.xlsx: CSV, NPY, IDX, a recording, or a folder"));
  CHECK_THROWS_WITH(read_dataset(files("x.bin", "ab")), Contains("CSV, NPY, IDX"));
}

TEST_CASE("MNIST's own files, packed, by read_dataset") {
  const Dataset data = read_dataset(asset("data/mnist/mnist-10k-images.idx3.gz"),
                                    {.labels = asset("data/mnist/mnist-10k-labels.idx1.gz")});
  CHECK(data.size() == 10000);
  CHECK(data.classes() == 10);
}

TEST_CASE("A folder of PNG images: classes are sub-folders") {
  const Files files;
  files("animals/dog/b.png", grey_png(2, 3, 0.6));
  files("animals/dog/a.PNG", grey_png(2, 3, 0.4));
  files("animals/cat/c.png", grey_png(2, 3, 1));
  files("animals/readme.txt", "x");
  files("animals/.hidden/d.png", grey_png(9, 9, 1));
  const Dataset data = read_dataset(files / "animals");
  CHECK(data.image_rows == 2);
  CHECK(data.image_columns == 3);
  CHECK(data.features.col(5) == (Vector(3) << 1, 0.4, 0.6).finished());
  CHECK(data.labels == std::vector<int>{0, 1, 1});
  CHECK(data.class_names == Names{"cat", "dog"});
  CHECK(read_dataset(files / "animals/dog").labels.empty());

  files("animals/dog/odd.png", grey_png(3, 3, 1));
  CHECK_THROWS_WITH(read_dataset(files / "animals"),
                    Contains("odd.png: 3 x 3 pixels, but ") && Contains("c.png has 2 x 3"));
  files("animals/dog/odd.png", "not an image");
  CHECK_THROWS_WITH(read_dataset(files / "animals"), Contains("odd.png: not PNG"));
  std::filesystem::create_directories(files / "empty");
  CHECK_THROWS_WITH(read_dataset(files / "empty"),
                    Contains("empty: it holds neither PNG images nor recordings"));
}

TEST_CASE("Recordings: folders of classes, an index, one alone") {
  const Files files;
  std::vector<float> samples(1600);
  for (std::size_t i = 0; i < samples.size(); ++i)
    samples[i] = static_cast<float>(std::sin(0.1 * static_cast<double>(i * i % 977)));
  for (const char* name : {"sounds/a/1.wav", "sounds/b/2.wav"}) {
    files(name, "");
    write_audio(files / name, {8000, {samples}});
  }
  const Dataset mfcc = read_dataset(files / "sounds");
  CHECK(mfcc.features.cols() == 26);
  CHECK(mfcc.labels == std::vector<int>{0, 1});
  CHECK(mfcc.features.row(0) == mfcc.features.row(1));
  CHECK(read_dataset(files / "sounds", {.sounds = {.features = Sounds::Features::simple}}).features.cols()
        == 5);
  const Dataset frames = read_dataset(
      files / "sounds/a/1.wav", {.sounds = {.features = Sounds::Features::frames, .frame_length = 400}});
  CHECK(frames.features.rows() == 7);
  CHECK(frames.features.cols() == 201);
  CHECK(frames.labels.empty());
  const Dataset patches =
      read_dataset(files / "sounds",
                   {.sounds = {.features = Sounds::Features::log_mel, .patch = {.bands = 10, .frames = 4}}});
  CHECK(patches.image_rows == 4);

  const auto index = files("index.csv", "file,word\nsounds/a/1.wav,yes\nsounds/b/2.wav,no\n");
  CHECK(read_dataset(index).labels.empty());
  CHECK(read_dataset(index, {.target = "word"}).class_names == Names{"no", "yes"});
  CHECK(read_dataset(index, {.target = "word", .classes = {"yes", "no", "maybe"}}).labels
        == std::vector<int>{0, 1});
  CHECK_THROWS_WITH(read_dataset(index, {.target = "wort"}),
                    Contains("no column 'wort' of classes; its columns are 'file' and 'word'"));
  CHECK_THROWS_WITH(read_dataset(files / "sounds", {.labels = index}), Contains("has classes of its own"));
  files("sounds/a/x.png", grey_png(1, 1, 1));
  CHECK_THROWS_WITH(read_dataset(files / "sounds"), Contains("it holds PNG images and recordings"));

  CHECK(sound_features_of("log-mel") == Sounds::Features::log_mel);
  CHECK_THROWS_WITH(sound_features_of("mel"), Contains("no features of sounds 'mel'; there are mfcc"));
}

TEST_CASE("A table of 2,000 columns") {
  std::string text;
  for (int c = 0; c < 2000; ++c) text += (c ? ",c" : "c") + std::to_string(c);
  for (int r = 0; r < 50; ++r) {
    text += '\n';
    for (int c = 0; c < 2000; ++c) text += (c ? "," : "") + std::to_string(r + c);
  }
  const Dataset data = dataset_of(CsvTable(text, "wide.csv"), {.target = "c1999"}, "wide.csv");
  CHECK(data.features.cols() == 1999);
  CHECK(data.features(49, 1998) == 49 + 1998);
  CHECK(data.target[0] == 1999);
}
