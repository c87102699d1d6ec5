// The encoder's forgetting: what it is trained towards, what stays, how the two terms are scaled; hidden
// regions, measures, files, and the experiment in short.
#include "optim/tools/solvers/image_to_image_unlearning.h"

#include "../../data/scratch_folder.h"
#include "catch.h"
#include "dsp/error.h"
#include "dsp/io/atomic_file.h"
#include "optim/data/png_image.h"
#include "optim/tools/solvers/completion_images.h"
#include "optim/tools/solvers/completion_report.h"
#include "optim/tools/solvers/image_to_image_unlearning_demo.h"
#include "tool_demo.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <set>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;
using data::RowMatrix;
using Eigen::Index;

namespace {

// Bars of 8 x 8 pixels, upright or lying, of one to three pixels' width at a random place, on a grey ground.
RowMatrix bars(int count, bool upright, std::uint64_t seed) {
  RandomStream random(seed, upright ? "upright bars" : "lying bars");
  RowMatrix images(count, 64);
  for (Index i = 0; i < count; ++i) {
    const auto at = static_cast<Index>(random.index(6)), wide = 1 + static_cast<Index>(random.index(3));
    for (Index r = 0; r < 8; ++r)
      for (Index c = 0; c < 8; ++c) {
        const Index across = upright ? c : r;
        images(i, r * 8 + c) = (across >= at && across < at + wide ? 0.8 : 0.1) + 0.1 * random.uniform();
      }
  }
  return images;
}

struct Fixture {
  RowMatrix upright = bars(120, true, 1), lying = bars(120, false, 1);
  CompletionModel model;

  explicit Fixture(const std::string& mask = "centre:4") : model(trained(mask)) {}
  CompletionModel trained(const std::string& mask) const {
    RowMatrix all(240, 64);
    all << upright, lying;
    return train_completion(all, HiddenRegion(mask, 8, 8),
                            {.hidden = {24}, .embedding = 6, .batch_size = 40, .epochs = 30, .seed = 2});
  }
  RowMatrix masked(const RowMatrix& images) const {
    return model.region.masked(images, model.region.places(static_cast<std::size_t>(images.rows()), 1));
  }
};

double cosine(const Eigen::RowVectorXf& a, const Eigen::RowVectorXf& b) {
  return static_cast<double>(a.dot(b) / (a.norm() * b.norm()));
}

// Means, after forgetting the lying bars, of their embeddings; and of the original's of fresh noise.
Eigen::RowVectorXf mean_embedding(const Fixture& f, const CompletionModel& model) {
  return model.embeddings(f.masked(f.lying)).colwise().mean();
}
Eigen::RowVectorXf mean_noise_embedding(const Fixture& f) {
  RandomStream random(9, "other noise");
  FloatRows like(1000, 64);
  for (Index i = 0; i < 1000; ++i) like.row(i) = f.lying.row(i % 120).cast<float>();
  const FloatRows noise = noise_images(like, NoiseKind::normal, random);
  return f.model.embeddings(f.masked(noise.cast<double>())).colwise().mean();
}

} // namespace

TEST_CASE("hidden regions: what they hide, and what is refused") {
  const HiddenRegion centre("centre:4", 8, 9);
  RandomStream random(1, "hidden");
  CHECK(centre.place(random) == 2 * 9 + 2);
  CHECK(centre.pixels() == 16);
  RowMatrix image = RowMatrix::Ones(1, 72);
  image = centre.masked(image, {centre.place(random)});
  CHECK(image.sum() == 72 - 16);
  CHECK(image(0, 2 * 9 + 2) == 0);
  CHECK(image(0, 5 * 9 + 5) == 0);
  CHECK(image(0, 6 * 9 + 5) == 1);
  const HiddenRegion wide("random:2x7", 8, 9);
  std::set<Index> places;
  for (const Index place : wide.places(400, 3)) {
    places.insert(place);
    for (const Index pixel : wide.hidden(place)) CHECK((pixel >= 0 && pixel < 72));
    CHECK(place % 9 <= 2);
    CHECK(place / 9 <= 6);
  }
  CHECK(places.size() == 21); // all of them
  CHECK_THROWS_WITH(HiddenRegion("centre:0", 8, 8), Contains("nothing of"));
  CHECK_THROWS_WITH(HiddenRegion("centre:8", 8, 8), Contains("nothing to see"));
  CHECK_THROWS_WITH(HiddenRegion("centre:9x2", 8, 8), Contains("nothing to see"));
  CHECK_NOTHROW(HiddenRegion("centre:8x3", 8, 8));
  for (const char* bad : {"left:3", "centre", "centre:", "centre:a", "centre:3x", "random:-2x"})
    CHECK_THROWS_WITH(HiddenRegion(bad, 8, 8), Contains("--mask"));
}

TEST_CASE("completion: noise has the batch's mean and deviation, and stays in range") {
  RandomStream random(1, "noise");
  const FloatRows batch = FloatRows::Constant(200, 64, 0.5F)
                          + 0.1F * FloatRows::NullaryExpr(200, 64, [&] { return float(random.normal()); });
  const FloatRows normal = noise_images(batch, NoiseKind::normal, random);
  CHECK(normal.mean() == Approx(batch.mean()).margin(0.01));
  CHECK(std::sqrt((normal.array() - normal.mean()).square().mean()) == Approx(0.1).margin(0.01));
  const FloatRows wild = noise_images(10 * batch.array() - 4.5F, NoiseKind::normal, random);
  CHECK((wild.minCoeff() == 0 && wild.maxCoeff() == 1));
  const FloatRows uniform = noise_images(batch, NoiseKind::uniform, random);
  CHECK(std::sqrt((uniform.array() - uniform.mean()).square().mean())
        == Approx(std::sqrt(1 / 12.0)).margin(0.01));
  const FloatRows constant = noise_images(batch, NoiseKind::constant, random);
  CHECK((constant.array() == constant(0, 0)).all());
  CHECK(constant(0, 0) == Approx(batch.mean()).margin(1e-5));
  CHECK_THROWS_WITH(noise_named("pink"), Contains("uniform"));
}

TEST_CASE("completion: the decoder stays as it is, bit for bit, and its file holds its fingerprint") {
  const Fixture f;
  const CompletionModel after = forget_completions(f.model, f.upright, f.lying, {.steps = 20});
  CHECK(after.decoder.parameters == f.model.decoder.parameters);
  CHECK(after.decoder_fingerprint() == f.model.decoder_fingerprint());
  CHECK(after.encoder.parameters != f.model.encoder.parameters);
  const ScratchFolder folder;
  const auto path = folder / "model.json";
  dsp::write_file(path, to_json(after));
  const CompletionModel back = read_completion_model(path);
  CHECK(back.encoder.parameters == after.encoder.parameters);
  CHECK(back.decoder.parameters == after.decoder.parameters);
  CHECK(to_json(back) == to_json(after));
  auto json = nlohmann::json::parse(to_json(after));
  json["decoder"]["parameters"][7] = 0.5;
  dsp::write_file(path, json.dump());
  CHECK_THROWS_WITH(read_completion_model(path), Contains("decoder_fingerprint"));
  dsp::write_file(path, std::string("{}"));
  CHECK_THROWS_WITH(read_completion_model(path), Contains("model.json"));
}

TEST_CASE("completion: forgotten images come to lie where noise lies, fresh in every step") {
  const Fixture f;
  std::vector<FloatRows> targets, noises;
  CompletionForgetting options{.alpha_forget = 1, .steps = 300};
  options.observer = [&](const CompletionStep& step) {
    targets.push_back(step.targets);
    noises.push_back(step.noise.array() - step.noise.mean());
  };
  const CompletionModel after = forget_completions(f.model, f.upright, f.lying, options);
  const Eigen::RowVectorXf noise = mean_noise_embedding(f);
  const double gain = cosine(mean_embedding(f, after), noise) - cosine(mean_embedding(f, f.model), noise);
  CHECK(gain > 0);
  CHECK((mean_embedding(f, after) - noise).norm() < 0.5 * (mean_embedding(f, f.model) - noise).norm());
  CHECK(targets.at(0) != targets.at(1));
  // The hidden quarter agrees; with the same noise everything would.
  const FloatRows &a = noises.at(0), &b = noises.at(1);
  CHECK(a.cwiseProduct(b).sum() < 0.6F * a.norm() * b.norm());
  // A random vector of the embedding space is another target: it goes nowhere near.
  options.observer = {};
  options.target = ForgetTarget::random_embeddings;
  const CompletionModel random = forget_completions(f.model, f.upright, f.lying, options);
  CHECK((mean_embedding(f, random) - noise).norm() > 0.8 * (mean_embedding(f, f.model) - noise).norm());
}

TEST_CASE("completion: retained images are held to the original's embeddings, not the moving encoder's") {
  const Fixture f;
  std::vector<double> retain, forget;
  CompletionForgetting options{.steps = 300};
  options.observer = [&](const CompletionStep& step) {
    retain.push_back(step.retain);
    forget.push_back(step.forget);
  };
  const CompletionModel after = forget_completions(f.model, f.upright, f.lying, options);
  CHECK(retain.at(0) == 0); // still the original
  for (std::size_t k = 1; k < retain.size(); ++k) CHECK((retain[k] > 0 && forget[k] >= 0));
  CHECK(forget.back() < forget.front());
  const double moved =
      (after.embeddings(f.masked(f.upright)) - f.model.embeddings(f.masked(f.upright))).norm();
  options.alpha_retain = 0;
  const CompletionModel loose = forget_completions(f.model, f.upright, f.lying, options);
  CHECK(moved
        < 0.5 * (loose.embeddings(f.masked(f.upright)) - f.model.embeddings(f.masked(f.upright))).norm());
}

TEST_CASE("completion: without a weight on forgetting the encoder stays") {
  const Fixture f;
  CHECK(forget_completions(f.model, f.upright, f.lying, {.alpha_forget = 0, .steps = 5}).encoder.parameters
        == f.model.encoder.parameters);
}

TEST_CASE("completion: both terms are means over the batch and the embedding") {
  const Fixture f;
  const auto term = [&](const CompletionModel& model, std::size_t batch) {
    double value = 0;
    CompletionForgetting options{.batch_size = batch, .steps = 20, .learning_rate = 1e-12};
    options.observer = [&](const CompletionStep& step) { value += step.forget / 20; };
    forget_completions(model, f.upright, f.lying, options);
    return value;
  };
  CHECK(term(f.model, 120) == Approx(term(f.model, 60)).epsilon(0.1));
  // Every value of the embedding twice, and half the weight on each of the two in the decoder.
  const Index k = f.model.embedding();
  CompletionModel doubled(f.model.region, {24}, 2 * k);
  const auto repeat = [](const Part& from, Part& to, std::size_t layer, bool columns) {
    const auto &a = from.mlp->layers()[layer], &b = to.mlp->layers()[layer];
    const Eigen::Map<const FloatRows> w(from.parameters.data() + a.weight.offset, a.weight.shape[0],
                                        a.weight.shape[1]);
    Eigen::Map<FloatRows> v(to.parameters.data() + b.weight.offset, b.weight.shape[0], b.weight.shape[1]);
    for (Index r = 0; r < v.rows(); ++r)
      for (Index c = 0; c < v.cols(); ++c) v(r, c) = w(r % w.rows(), c % w.cols()) * (columns ? 1.0F : 0.5F);
    for (Index c = 0; c < v.cols(); ++c)
      to.parameters[b.bias.offset + c] = from.parameters[a.bias.offset + c % w.cols()];
  };
  const auto& first = f.model.encoder.mlp->layers()[0];
  const Index head = first.bias.offset + first.bias.shape.size();
  doubled.encoder.parameters.head(head) = f.model.encoder.parameters.head(head);
  repeat(f.model.encoder, doubled.encoder, 1, true);
  repeat(f.model.decoder, doubled.decoder, 0, false);
  CHECK(doubled.embeddings(f.masked(f.lying)).leftCols(k)
        == doubled.embeddings(f.masked(f.lying)).rightCols(k));
  CHECK(term(doubled, 60) == Approx(term(f.model, 60)).epsilon(1e-3));
}

TEST_CASE("completion: noise is under the same mask as the image whose place it takes") {
  for (const char* mask : {"centre:4", "random:3"}) {
    const Fixture f(mask);
    CompletionForgetting options{.steps = 4};
    int hidden = 0;
    options.observer = [&](const CompletionStep& step) {
      // Images have no pixel of 0 beside what is hidden; normal noise may be cut off there.
      for (Index i = 0; i < step.masked.size(); ++i) {
        if (step.masked.data()[i] != 0) continue;
        ++hidden;
        CHECK(step.noise.data()[i] == 0);
      }
      CHECK((step.noise.array() > 0).count() > step.noise.size() / 4); // beside it there is noise
    };
    forget_completions(f.model, f.upright, f.lying, options);
    CHECK(hidden == 4 * 64 * f.model.region.pixels());
  }
}

TEST_CASE("completion: ascent on the loss has no bound, this has") {
  const Fixture f;
  const JudgedImages lying{f.lying, std::vector<int>(120, 0), f.model.region.places(120, 1)};
  const auto nats = [&](const CompletionModel& model) { // of all pixels
    const auto p = complete_all(model, lying).array().max(1e-30).min(1 - 1e-16).eval();
    return -(f.lying.array() * p.log() + (1 - f.lying.array()) * (1 - p).log()).mean();
  };
  const CompletionForgetting weighty{
      .alpha_retain = 0, .alpha_forget = 1, .steps = 400, .learning_rate = 3e-3};
  const double ascent =
      nats(forget_by_baseline(f.model, f.upright, f.lying, CompletionBaseline::max_loss, weighty));
  const double bounded = nats(forget_completions(f.model, f.upright, f.lying, weighty));
  CHECK(nats(f.model) < bounded);
  CHECK(ascent > 4 * bounded);
}

TEST_CASE("completion: measures look at hidden pixels, and at features of completed images") {
  const Fixture f;
  std::vector<int> labels(240, 0);
  std::fill(labels.begin() + 120, labels.end(), 1);
  RowMatrix all(240, 64);
  all << f.upright, f.lying;
  const ImageClassifier classifier(all, labels, 2, 1);
  CHECK(classifier.accuracy(all, labels) > 0.98);
  const auto& region = f.model.region;
  const JudgedImages judged{all, labels, region.places(240, 1)};
  const auto perfect = judge_completions(judged, all, region, classifier);
  CHECK(perfect.error == 0);
  CHECK(perfect.frechet == Approx(0).margin(1e-4)); // rounding of square roots
  CHECK(perfect.recognised == classifier.accuracy(all, labels));
  RowMatrix off = RowMatrix::Constant(240, 64, 7); // beside the region it does not matter
  for (const Index pixel : region.hidden(judged.places[0])) off.col(pixel) = all.col(pixel).array() + 0.5;
  const auto worse = judge_completions(judged, off, region, classifier);
  CHECK(worse.error == Approx(0.25));
  CHECK(worse.frechet > 1e-2);
  CHECK_THROWS_AS(ImageClassifier(all, {0, 1}, 2, 1), InputError);
  const auto table = completion_table(f.model, f.model, {{"all", "", judged}}, classifier);
  CHECK(table.rows.at(0).at(3).number == table.rows.at(0).at(4).number);
}

TEST_CASE("completion: bad input is refused on one line") {
  const Fixture f;
  CHECK_THROWS_WITH(forget_completions(f.model, f.upright, f.lying.topRows(31), {}), Contains("31 images"));
  CHECK_THROWS_WITH(forget_completions(f.model, RowMatrix(0, 64), f.lying, {}), Contains("--proxy"));
  CHECK_THROWS_WITH(forget_completions(f.model, f.upright.leftCols(60), f.lying, {}), Contains("60 pixels"));
  CHECK_THROWS_WITH(forget_completions(f.model, f.upright, 255 * f.lying, {}),
                    Contains("[0, 1]") && Contains("--scale"));
  CHECK_THROWS_AS(forget_completions(f.model, f.upright, f.lying, {.alpha_forget = -1}), InputError);
  CHECK_THROWS_AS(train_completion(2 * f.upright, f.model.region, {}), InputError);
}

TEST_CASE("completion: a user's images and their groups") {
  const ScratchFolder folder;
  std::filesystem::create_directories(folder / "images");
  for (const char* name : {"a.png", "b.png", "c.png"})
    data::write_png(folder / "images" / name, data::grey_image(RowMatrix::Constant(8, 8, 0.5)));
  const ImageSource source{.path = folder / "images"};
  ImageSet images = read_images(source);
  CHECK(images.data.size() == 3);
  CHECK_FALSE(images.sounds);
  dsp::write_file(folder / "groups.csv", std::string("image,group\nc.png,x\n1,y\n"));
  set_groups(images, source, folder / "groups.csv");
  CHECK(images.data.size() == 2); // b has none
  CHECK(images.data.labels == std::vector<int>{0, 1});
  CHECK(groups_named(images, {"y"}, "--forget") == std::vector<int>{1});
  CHECK_THROWS_WITH(groups_named(images, {"z"}, "--forget"),
                    Contains("--forget z") && Contains("'x' and 'y'"));
  images = read_images(source);
  for (const auto& [text, word] : {std::pair{"image,group\nd.png,x\n", "groups.csv:2: image d.png"},
                                   std::pair{"image,group\n4,x\n", "images 1 to 3"},
                                   std::pair{"image,group\n1,x\na.png,y\n", "twice"}}) {
    dsp::write_file(folder / "groups.csv", std::string(text));
    CHECK_THROWS_WITH(set_groups(images, source, folder / "groups.csv"), Contains(word));
  }
  const CompletionModel model(HiddenRegion("centre:2", 4, 4), {5}, 3);
  prepare_for(model, images); // averaged down
  CHECK(images.data.features.cols() == 16);
  images = read_images({.path = folder / "images" / "a.png"});
  CHECK(images.data.size() == 1);
  const CompletionModel other(HiddenRegion("centre:2", 5, 5), {5}, 3);
  CHECK_THROWS_WITH(prepare_for(other, images), Contains("8 x 8") && Contains("5 x 5"));
  images.data.features *= 255;
  CHECK_THROWS_WITH(prepare(images, 0, 1), Contains("--scale"));
  CHECK_NOTHROW(prepare(images, 0, 255));
}

TEST_CASE("image-to-image: the brief experiment's claims hold") {
  check_claims(image_to_image_unlearning_demo({.brief = true}));
}
