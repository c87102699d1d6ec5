#include "optim/tools/signals/attsets_report.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/data/npy.h"
#include "optim/data/png_image.h"
#include "optim/data/scratch_folder.h"
#include "optim/engine/random.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <regex>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;

namespace {

using data::RowMatrix;

/// 60 things of 4 values, up to 4 views of each that see one value exactly and the others not at all.
struct Files {
  ScratchFolder folder;
  std::vector<double> views, targets;
  std::string sizes = "size\n", view_table = "object,a,b,c,d\n", target_table = "object,p,q,r,s\n";

  Files() {
    RandomStream random(1, "things");
    for (int i = 0; i < 60; ++i) {
      const int size = 2 + i % 3;
      sizes += std::to_string(size) + "\n";
      target_table += "thing " + std::to_string(i);
      for (int k = 0; k < 4; ++k) targets.push_back(static_cast<double>(random.index(2)));
      for (int k = 0; k < 4; ++k) target_table += "," + std::to_string(targets[targets.size() + k - 4]);
      target_table += "\n";
      for (int n = 0; n < 4; ++n) {
        if (n < size) view_table += "thing " + std::to_string(i);
        for (int k = 0; k < 4; ++k) {
          views.push_back(k == n && n < size ? 4 * targets[targets.size() + k - 4] - 2 : 0);
          if (n < size) view_table += "," + std::to_string(views.back());
        }
        if (n < size) view_table += "\n";
      }
    }
    write("sizes.csv", sizes);
    write("views.csv", view_table);
    write("targets.csv", target_table);
    write_array("views.npy", {60, 4, 4}, views);
    write_array("targets.npy", {60, 4}, targets);
  }
  void write(const char* name, const std::string& text) const { std::ofstream(folder / name) << text; }
  void write_array(const char* name, std::vector<std::size_t> shape,
                   const std::vector<double>& values) const {
    data::write_npy<double>(folder / name, shape, values);
  }
  ViewSets sets() const { return read_view_sets(folder / "views.npy", folder / "sizes.csv"); }
};

const report::ResultFile& file_of(const report::ToolReport& report, const std::string& name) {
  const auto at =
      std::find_if(report.files.begin(), report.files.end(), [&](const auto& f) { return f.name == name; });
  REQUIRE(at != report.files.end());
  return *at;
}

} // namespace

TEST_CASE("An even share of the views that were counted is half a bar, of a set cut short as well",
          "[attsets]") {
  ViewSets sets{.views = RowMatrix::Ones(8, 4), .rows = 2, .columns = 2, .name = "sets"};
  sets.bounds.add(8);
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  SetModel::Result result{RowMatrix::Ones(1, 4), Vector::Constant(8, none)};
  result.shares.head(4).setConstant(0.25); // the others were not counted
  const PicturedSets pictured{.sets = sets, .result = result, .result_image = {2, 2}, .most_views = 1};
  const RowMatrix levels =
      data::grey_levels(data::parse_png(set_picture(pictured, "").bytes, "sets.png"), "sets.png");
  // In cells of 3 x 3 pixels: a gap of 2, two rows of view, one between, then the bar, as wide as the view.
  const auto cell = [&levels](Index row, Index column) { return levels(3 * row + 1, 3 * column + 1); };
  CHECK(cell(5, 2) == 1);
  CHECK(cell(5, 3) == 0);
}

TEST_CASE("Sets are read from arrays with sizes and from tables alike", "[attsets]") {
  const Files files;
  const ViewSets array = files.sets(), table = read_view_sets(files.folder / "views.csv");
  CHECK(array.bounds.first == table.bounds.first);
  CHECK(array.views == table.views);
  CHECK(array.bounds.sets() == 60);
  CHECK(array.ignored == 0);
  CHECK(table.objects[7] == "thing 7");
  CHECK(read_targets(files.folder / "targets.npy", array, true).values
        == read_targets(files.folder / "targets.csv", table, true).values);
  CHECK(read_view_sets(files.folder / "views.npy").bounds.size(0) == 4);
  const std::size_t chosen[] = {5, 1};
  const ViewSets some = select_sets(table, chosen);
  CHECK(some.objects == std::vector<std::string>{"thing 5", "thing 1"});
  CHECK(some.views.topRows(4) == table.views.middleRows(table.bounds.first[5], 4));
}

TEST_CASE("Rows of a table may come in any order, objects by name", "[attsets]") {
  const ScratchFolder folder;
  std::ofstream(folder / "none.csv") << "object,x\n";
  CHECK_THROWS_WITH(read_view_sets(folder / "none.csv"), Contains("none.csv: no views"));
  std::ofstream(folder / "v.csv") << "object,x\nb,1\na,2\nb,3\n";
  std::ofstream(folder / "t.csv") << "object,y\na,10\nb,20\n";
  const ViewSets sets = read_view_sets(folder / "v.csv");
  CHECK(sets.objects == std::vector<std::string>{"b", "a"});
  CHECK(sets.views.col(0) == Eigen::Vector3d(1, 3, 2));
  CHECK(read_targets(folder / "t.csv", sets, false).values.col(0) == Eigen::Vector2d(20, 10));
  std::ofstream(folder / "t.csv") << "object,y\na,10\na,20\n";
  CHECK_THROWS_WITH(read_targets(folder / "t.csv", sets, false), Contains("a comes twice"));
  std::ofstream(folder / "t.csv") << "object,y\na,10\nc,20\n";
  CHECK_THROWS_WITH(read_targets(folder / "t.csv", sets, false), Contains("no row for object b"));
}

TEST_CASE("A model is trained, judged by held-out objects, written, and merges other sets", "[attsets]") {
  const Files files;
  const ViewSets sets = files.sets();
  const Targets targets = read_targets(files.folder / "targets.npy", sets, true);
  const SetRun run{.train_n = 4,
                   .compare = true,
                   .hidden = 16,
                   .width = 16,
                   .base_steps = 300,
                   .attention_steps = 200,
                   .joint_steps = 100,
                   .learning_rate = 1e-2};
  const auto report = set_training_report(sets, targets, run);
  REQUIRE(report.tables.size() == 2);
  const auto& rows = report.tables[0].table.rows;
  CHECK(report.tables[0].table.columns.size() == 5);
  REQUIRE(rows.size() == 3); // 1, 2, 4 views
  CHECK(*rows[2][1].number < 0.7 * *rows[0][1].number);
  CHECK(*rows[0][1].number == *rows[0][2].number); // one view: AttSets, mean and maximum are one

  const auto path = files.folder / "model.attsets.json";
  std::ofstream(path) << file_of(report, "model.attsets.json").bytes;
  const SetModel model = read_set_model(path);
  CHECK(to_json(model) == file_of(report, "model.attsets.json").bytes);
  const auto applied = set_result_report(model, sets);
  const std::string& shares = file_of(report, "shares.csv").bytes;
  CHECK(shares.starts_with("object,view,share,held_out\n"));
  std::string without = std::regex_replace(shares, std::regex(",(held_out|0|1)\n"), "\n");
  CHECK(without == file_of(applied, "shares.csv").bytes);
  const auto results = data::parse_npy(file_of(applied, "results.npy").bytes, "results");
  CHECK(results.shape == std::vector<std::size_t>{60, 4});
  CHECK(*std::min_element(results.values.begin(), results.values.end()) >= 0);
  CHECK(*std::max_element(results.values.begin(), results.values.end()) <= 1);
  // Padding is not looked at, whatever it holds.
  std::vector<double> filled = files.views;
  for (std::size_t i = 0; i < 60; ++i)
    for (std::size_t k = (2 + i % 3) * 4; k < 16; ++k)
      filled[i * 16 + k] = i % 2 ? 3 : std::numeric_limits<double>::quiet_NaN();
  files.write_array("filled.npy", {60, 4, 4}, filled);
  const ViewSets padded = read_view_sets(files.folder / "filled.npy", files.folder / "sizes.csv");
  CHECK(padded.ignored > 0);
  const auto same = set_result_report(model, padded);
  CHECK(file_of(same, "results.npy").bytes == file_of(applied, "results.npy").bytes);
  CHECK(same.warnings.size() == 1);

  // A table's results have its objects' names.
  const auto by_name = set_result_report(model, read_view_sets(files.folder / "views.csv"));
  CHECK(file_of(by_name, "results.csv")
            .bytes.starts_with("object,result_1,result_2,result_3,result_4\nthing 0,"));
  // Padding without sizes is taken for views, and that is said.
  const auto unsized = set_result_report(model, read_view_sets(files.folder / "views.npy"));
  REQUIRE(unsized.warnings.size() == 1);
  CHECK_THAT(unsized.warnings[0], Contains("40 of 60 sets") && Contains("--sizes"));

  // FASet: the base is the same whatever stage 2 does.
  SetRun brief = run;
  brief.compare = false;
  brief.attention_steps = 1;
  std::ofstream(path) << file_of(set_training_report(sets, targets, brief), "model.attsets.json").bytes;
  const SetModel other = read_set_model(path);
  CHECK(other.parameters.base == model.parameters.base);
  CHECK(other.parameters.aggregation != model.parameters.aggregation);

  files.write_array("five.npy", {60, 4, 5}, std::vector<double>(1200));
  CHECK_THROWS_WITH(set_result_report(model, read_view_sets(files.folder / "five.npy")),
                    Contains("5 features, the model was trained on 4"));
  std::ofstream(path) << "{}";
  CHECK_THROWS_WITH(read_set_model(path), Contains("not a model of attsets"));
}

TEST_CASE("Of held-out objects not the first view of the file is taken, but any", "[attsets]") {
  const Files files;
  ViewSets sets = files.sets();
  const Targets targets = read_targets(files.folder / "targets.npy", sets, true);
  sets.views.setZero();
  for (std::size_t i = 0; i < 60; ++i) // the first tells all, the others nothing
    sets.views.row(sets.bounds.first[i]) = 4 * targets.values.row(static_cast<Index>(i)).array() - 2;
  const auto report = set_training_report(sets, targets,
                                          {.train_n = 4,
                                           .hidden = 16,
                                           .width = 16,
                                           .base_steps = 300,
                                           .attention_steps = 100,
                                           .learning_rate = 1e-2});
  CHECK(*report.tables[0].table.rows[0][1].number > 0.3); // of about 0.69 without a look
}

TEST_CASE("Real targets are judged in their own unit", "[attsets]") {
  const Files files;
  const ViewSets sets = files.sets();
  Targets targets = read_targets(files.folder / "targets.npy", sets, true);
  targets.values = 1000 + 50 * targets.values.array();
  const auto report = set_training_report(sets, targets,
                                          {.binary = false,
                                           .train_n = 4,
                                           .hidden = 16,
                                           .width = 16,
                                           .base_steps = 300,
                                           .attention_steps = 200,
                                           .learning_rate = 1e-2});
  REQUIRE(report.tables.size() == 1);
  const auto& rows = report.tables[0].table.rows;
  CHECK(*rows[0][1].number < 27); // 25 is what the mean alone would miss by
  CHECK(*rows[2][1].number < 0.9 * *rows[0][1].number);
}

TEST_CASE("Sets that cannot be learned from are refused by name", "[attsets]") {
  const Files files;
  const ViewSets sets = files.sets();
  const Targets targets = read_targets(files.folder / "targets.npy", sets, true);
  CHECK_THROWS_WITH(set_training_report(sets, targets, {.train_n = 1}),
                    Contains("--train-n 1") && Contains("no gradient"));
  std::vector<std::size_t> few(49);
  for (std::size_t i = 0; i < few.size(); ++i) few[i] = i;
  CHECK_THROWS_WITH(set_training_report(select_sets(sets, few), targets, {}),
                    Contains("49 objects, at least 50"));

  ViewSets blank = sets;
  blank.views.setZero();
  CHECK_THROWS_WITH(set_training_report(blank, targets, {}), Contains("all views are 0"));
  std::vector<double> large = files.views;
  large[0] = 1e300;
  files.write_array("large.npy", {60, 4, 4}, large);
  CHECK_THROWS_WITH(read_view_sets(files.folder / "large.npy"), Contains("large.npy: values up to 1e+300"));
  files.write_array("large.npy", {60, 4}, {large.begin(), large.begin() + 240});
  CHECK_THROWS_WITH(read_targets(files.folder / "large.npy", sets, false), Contains("at most 1e+100"));

  std::vector<double> views = files.views;
  views[5] = std::numeric_limits<double>::quiet_NaN();
  files.write_array("nan.npy", {60, 4, 4}, views);
  CHECK_THROWS_WITH(read_view_sets(files.folder / "nan.npy"),
                    Contains("object 1, view 2") && Contains("not finite"));
  const auto with_sizes = [&](const std::string& sizes) {
    files.write("other.csv", sizes);
    return read_view_sets(files.folder / "views.npy", files.folder / "other.csv");
  };
  std::string sizes = files.sizes;
  CHECK_THROWS_WITH(with_sizes("size\n0" + sizes.substr(6)), Contains("object 1 has the size 0"));
  CHECK_THROWS_WITH(with_sizes("size\n5" + sizes.substr(6)),
                    Contains("object 1 has the size 5") && Contains("1 to 4"));
  CHECK_THROWS_WITH(with_sizes("size\n2.5" + sizes.substr(6)), Contains("whole number"));
  CHECK_THROWS_WITH(with_sizes("size\n2\n"), Contains("1 sizes for 60 objects"));
  CHECK_THROWS_WITH(read_view_sets(files.folder / "targets.npy"), Contains("2 dimensions"));
  CHECK_THROWS_WITH(read_view_sets(files.folder / "views.csv", files.folder / "sizes.csv"),
                    Contains("--sizes"));
  files.write("ragged.csv", "object,a,b\nx,1,2\nx,1\n");
  CHECK_THROWS_AS(read_view_sets(files.folder / "ragged.csv"), InputError);
  files.write("none.csv", "a,b\n1,2\n");
  CHECK_THROWS_WITH(read_view_sets(files.folder / "none.csv"), Contains("no column object"));

  std::vector<double> beyond = files.targets;
  beyond[3] = 1.5;
  files.write_array("beyond.npy", {60, 4}, beyond);
  CHECK_THROWS_WITH(read_targets(files.folder / "beyond.npy", sets, true),
                    Contains("1.5") && Contains("--real"));
  CHECK_NOTHROW(read_targets(files.folder / "beyond.npy", sets, false));
  files.write_array("fewer.npy", {30, 8}, beyond);
  CHECK_THROWS_WITH(read_targets(files.folder / "fewer.npy", sets, false),
                    Contains("30 targets for 60 objects"));
}
