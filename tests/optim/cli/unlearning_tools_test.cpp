// What the command lines of fast-ntk-unlearning, influence-unlearning and image-to-image-unlearning take and
// refuse.
#include "program.h"

#include "../data/scratch_folder.h"
#include "catch.h"
#include "dsp/io/atomic_file.h"
#include "optim/data/npy.h"
#include "optim/data/png_image.h"
#include "optim/engine/random.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

namespace {

using Catch::Matchers::Contains;
using nlohmann::json;
using raphson::dsp::write_file;
using raphson::optim::RandomStream;

/// table.csv: features a, b, c, the class kind, and the session it was taken in; new.csv: the same rows but
/// the last, of which a cell differs; other.csv: without c.
struct Tables : ScratchFolder {
  Tables() {
    RandomStream random(1, "unlearning tables");
    std::ostringstream table, other;
    table << "a,b,c,kind,session\n";
    other << "a,b,kind,session\n";
    for (int i = 0; i < 60; ++i) {
      const int kind = i % 3;
      const double a = random.normal() + 3 * (kind == 0), b = random.normal() + 3 * (kind == 1),
                   c = random.normal();
      table << a << ',' << b << ',' << c << ',' << "xyz"[kind] << ",s" << i / 10 << '\n';
      other << a << ',' << b << ',' << "xyz"[kind] << ",s" << i / 10 << '\n';
    }
    write_file(*this / "table.csv", table.str());
    write_file(*this / "new.csv", table.str() + "0,0,0,x,s9\n");
    write_file(*this / "other.csv", other.str());
  }
  std::string operator()(const char* name) const { return (*this / name).string(); }
};

Finished run_well(const std::vector<std::string>& arguments) {
  const Finished run = run_program(arguments);
  INFO(run.err);
  REQUIRE(run.code == 0);
  return run;
}

void check_refused(const std::vector<std::string>& arguments, const std::vector<std::string>& words) {
  const Finished run = run_program(arguments);
  INFO("stderr: " << run.err << "stdout: " << run.out);
  CHECK(run.code == 2);
  CHECK(std::count(run.err.begin(), run.err.end(), '\n') == 1);
  CHECK(run.out.empty());
  for (const std::string& word : words) CHECK_THAT(run.err, Contains(word));
}

} // namespace

TEST_CASE("influence-unlearning trains, forgets request by request, and refuses what cannot be") {
  const Tables t;
  const std::string tool = "influence-unlearning", table = t("table.csv"), m = t("m"), f = t("f");
  const std::vector<std::string> columns{"--target", "kind", "--leave-out", "session"};
  const auto with = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), columns.begin(), columns.end());
    return arguments;
  };
  run_well(with({tool, "train", table, "--epochs", "20", "--out", m}));
  const std::string model = m + "/model.network.json", after = f + "/model-after.network.json";
  run_well(
      {tool, "forget", model, table, "--rows", "1-8", "--until", "chance", "--compare-retrain", "--out", f});
  const json before = json::parse(read_text(model)), later = json::parse(read_text(after));
  CHECK(later.at("unlearning").at("forgotten").size() > 3);
  const bool changed = later.at("parameters") != before.at("parameters");
  CHECK(changed);
  // The next request takes that model; rows that are gone are named.
  const Finished next = run_well({tool, "forget", after, table, "--where", "session=s0"});
  CHECK_THAT(next.err, Contains("forgotten before"));
  check_refused({tool, "forget", after, table, "--rows", "1-8"}, {"none of the chosen rows"});
  check_refused({tool, "forget", model, table, "--rows", "3,61"}, {"row 61", "1 to 60"});
  check_refused({tool, "forget", model, table, "--rows", "3,2-4"}, {"row 3", "twice"});
  check_refused({tool, "forget", model, table, "--rows", "7-5"}, {"7-5"});
  check_refused({tool, "forget", model, table, "--rows", "x"}, {"'x'"});
  check_refused({tool, "forget", model, table, "--rows", "1-60"}, {"all rows"});
  check_refused({tool, "forget", model, table, "--where", "kind"}, {"COLUMN=VALUE"});
  check_refused({tool, "forget", model, table, "--where", "kind=w"}, {"no row"});
  check_refused({tool, "forget", model, table, "--class", "w"}, {"'x', 'y' and 'z'"});
  check_refused({tool, "forget", model, table, "--rows", "1", "--until", "soon"}, {"chance or unseen"});
  check_refused({tool, "forget", model, t("new.csv"), "--rows", "1"}, {"new.csv", "trained on"});
  check_refused({tool, "forget", model, t("other.csv"), "--rows", "1"}, {"other.csv", "'c'"});
  CHECK(run_program(with({tool, "train", table, "--alpha", "-1"})).code == 2);
  run_well(with({tool, "train", table, "--epochs", "2", "--held-out", "0", "--out", t("none")}));
  check_refused(
      {tool, "forget", t("none") + "/model.network.json", table, "--rows", "1", "--until", "unseen"},
      {"--held-out"});
}

TEST_CASE("fast-ntk-unlearning pretrains, tunes and forgets, and refuses what cannot be") {
  const Tables t;
  const std::string tool = "fast-ntk-unlearning", table = t("table.csv"), b = t("b"), m = t("m");
  run_well({tool, "pretrain", table, "--target", "kind", "--leave-out", "session", "--steps", "50",
            "--hidden", "8,8", "--out", b});
  const std::string base = b + "/base.json", model = m + "/model.json";
  run_well({tool, "tune", base, table, "--steps", "50", "--out", m}); // the base's target holds
  CHECK(json::parse(read_text(model)).at("target") == "kind");
  const Finished run = run_well({tool, "forget", model, table, "--where", "session=s2", "--compare-retrain",
                                 "--linearise", "trained", "--json"});
  const json report = json::parse(run.out);
  CHECK(report.at("values").at("rows forgotten") == 10);
  CHECK(report.at("values").at("rank of the Jacobian") <= 59); // 32 norms and 27 of the head
  check_refused({tool, "forget", base, table, "--rows", "1"}, {"base"});
  check_refused({tool, "forget", model, t("new.csv"), "--rows", "1"}, {"new.csv", "tuned on"});
  check_refused({tool, "forget", model, table, "--rows", "61"}, {"row 61"});
  check_refused({tool, "forget", model, t("other.csv"), "--rows", "1"}, {"other.csv", "'c'"});
  check_refused({tool, "tune", base, table, "--train", "body"}, {"norm+head"});
  check_refused({tool, "tune", model, table}, {"tuned already"});
}

namespace {

/// images.npy: 240 images of 8 x 8, bars of three groups; bytes.npy: the same times 255; groups.csv and
/// few.csv: their groups, in few.csv but 20 of the last; proxy/ and large/: PNG of 8 x 8 and of 9 x 9.
struct Images : ScratchFolder {
  Images() {
    RandomStream random(1, "unlearning images");
    std::vector<double> pixels;
    std::ostringstream groups, few;
    groups << "image,group\n";
    few << "image,group\n";
    for (int i = 0; i < 240; ++i) {
      const int group = i % 3, at = static_cast<int>(random.index(6));
      for (int r = 0; r < 8; ++r)
        for (int c = 0; c < 8; ++c) {
          const int across = group == 0 ? c : group == 1 ? r : (r + c) / 2;
          pixels.push_back(0.1 * random.uniform() + (across >= at && across < at + 2 ? 0.9 : 0));
        }
      groups << i + 1 << ',' << "xyz"[group] << '\n';
      if (group < 2 || i < 60) few << i + 1 << ',' << "xyz"[group] << '\n';
    }
    const std::size_t shape[] = {240, 8, 8};
    using Span = std::span<const double>;
    raphson::optim::data::write_npy(*this / "images.npy", shape, Span(pixels));
    std::vector<double> bytes = pixels;
    for (double& value : bytes) value *= 255;
    raphson::optim::data::write_npy(*this / "bytes.npy", shape, Span(bytes));
    write_file(*this / "groups.csv", groups.str());
    write_file(*this / "few.csv", few.str());
    for (const char* folder : {"proxy", "large"}) {
      std::filesystem::create_directories(*this / folder);
      const int size = folder[0] == 'p' ? 8 : 9;
      for (int i = 0; i < 10; ++i)
        raphson::optim::data::write_png(
            *this / folder / (std::to_string(i) + ".png"),
            raphson::optim::data::grey_image(raphson::optim::data::RowMatrix::Constant(size, size, 0.1 * i)));
    }
  }
  std::string operator()(const char* name) const { return (*this / name).string(); }
};

} // namespace

TEST_CASE("image-to-image-unlearning trains, forgets, completes, and refuses what cannot be") {
  const Images t;
  const std::string tool = "image-to-image-unlearning", images = t("images.npy"), groups = t("groups.csv");
  run_well({tool, "train", images, "--mask", "centre:4", "--epochs", "5", "--out", t("m")});
  const std::string model = t("m") + "/model.completion.json";
  run_well({tool, "train", t("bytes.npy"), "--scale", "255", "--mask", "centre:4", "--epochs", "5", "--out",
            t("b")});
  const json read = json::parse(read_text(model)),
             of_bytes = json::parse(read_text(t("b") + "/model.completion.json"));
  CHECK(of_bytes.at("scale") == 255);
  const Finished run = run_well({tool, "forget", model, images, "--groups", groups, "--forget", "z",
                                 "--retain", "x", "--steps", "20", "--out", t("f"), "--json"});
  const json report = json::parse(run.out), after = json::parse(read_text(t("f") + "/after.completion.json"));
  CHECK(report.at("tables").at(0).at("rows").size() == 3);
  CHECK(report.at("images").size() == 2);
  const bool same_decoder = after.at("decoder") == read.at("decoder"),
             same_encoder = after.at("encoder") == read.at("encoder");
  CHECK(same_decoder);
  CHECK_FALSE(same_encoder);
  run_well({tool, "forget", model, images, "--groups", groups, "--forget", "z", "--proxy", t("proxy"),
            "--steps", "5"});
  run_well({tool, "complete", model, t("proxy") + "/3.png", "--out", t("c")});
  CHECK(raphson::optim::data::read_png(t("c") + "/completed.png").rows == 8);
  run_well({tool, "complete", model, images, "--out", t("d")});
  CHECK(raphson::optim::data::read_npy(t("d") + "/completed.npy").shape
        == std::vector<std::size_t>{240, 8, 8});
  const auto refused = [&](std::vector<std::string> options, const std::vector<std::string>& words) {
    std::vector<std::string> all{tool, "forget", model, images, "--groups", groups};
    all.insert(all.end(), options.begin(), options.end());
    check_refused(all, words);
  };
  refused({"--forget", "w"}, {"--forget w", "'x', 'y' and 'z'"});
  refused({"--forget", "z", "--retain", "x,z"}, {"--retain z"});
  refused({"--forget", "x,y,z"}, {"no images to retain", "--proxy"});
  refused({"--forget", "z", "--proxy", t("large")}, {"9 x 9", "8 x 8"});
  refused({"--forget", "z", "--noise", "pink"}, {"uniform"});
  check_refused({tool, "forget", model, images, "--groups", t("few.csv"), "--forget", "z"},
                {"16 images", "32"});
  check_refused({tool, "forget", model, images, "--forget", "z"}, {"no groups"});
  check_refused({tool, "forget", model, t("bytes.npy"), "--groups", groups, "--forget", "z"}, {"[0, 1]"});
  check_refused({tool, "train", t("bytes.npy")}, {"[0, 1]", "--scale"});
  check_refused({tool, "train", images, "--mask", "centre:8"}, {"--mask", "nothing to see"});
  check_refused({tool, "train", groups}, {"groups.csv"});
  check_refused({tool, "complete", groups, images}, {"groups.csv"});
}
