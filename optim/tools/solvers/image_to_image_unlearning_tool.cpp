#include "dsp/error.h"
#include "optim/cli/tool.h"
#include "optim/data/npy.h"
#include "optim/data/png_image.h"
#include "optim/data/split.h"
#include "optim/engine/stopwatch.h"
#include "optim/tools/solvers/completion_images.h"
#include "optim/tools/solvers/completion_report.h"
#include "optim/tools/solvers/image_to_image_unlearning.h"
#include "optim/tools/solvers/image_to_image_unlearning_demo.h"

#include <algorithm>
#include <memory>

namespace raphson::cli {
namespace {

using namespace optim;
using namespace optim::tools;
using report::Cell;
using report::ToolReport;

struct Options {
  ImageSource images;
  std::filesystem::path model, groups, proxy;
  std::string mask = "centre:6", noise = "normal";
  int pool = 0;
  double scale = 1;
  CompletionTraining training;
  CompletionForgetting forgetting;
  std::vector<std::string> forget_groups, retain_groups;
  CLI::App *train = nullptr, *forget = nullptr, *complete = nullptr;
};

ToolReport train(const Options& o, const ToolRun& run) {
  ImageSet images = read_images(o.images);
  prepare(images, o.pool, o.scale);
  const data::Dataset& data = images.data;
  const HiddenRegion region(o.mask, data.image_rows, data.image_columns);
  CompletionTraining options = o.training;
  options.seed = run.seed;
  double last = 0;
  options.observer = [&](int epoch, double loss) {
    last = loss;
    run.say("epoch " + std::to_string(epoch) + ", loss " + Cell(loss).text);
  };
  CompletionModel model = train_completion(data.features, region, options);
  model.scale = o.scale;
  model.sounds = images.sounds;
  const JudgedImages all{data.features, data.labels, region.places(data.size(), run.seed)};
  const data::RowMatrix completed = region.filled(all.images, complete_all(model, all), all.places);
  ToolReport out{.title = "A completion model of " + data.name};
  out.values = {{"images", data.size()},
                {"rows", data.image_rows},
                {"columns", data.image_columns},
                {"hidden pixels", region.pixels()},
                {"loss of the last epoch (nats a pixel)", last},
                {"mean square error of hidden pixels",
                 (completed - all.images).squaredNorm()
                     / (static_cast<double>(data.size()) * static_cast<double>(region.pixels()))},
                {"decoder", model.decoder_fingerprint()}};
  out.files.push_back({"model.completion.json", to_json(model)});
  return out;
}

// Images by what becomes of them. Of each group a fifth is kept apart to judge by.
struct Sets {
  ImageSet images;
  std::vector<int> forget, retain; ///< groups
  data::Split split;

  data::RowMatrix training(const std::vector<int>& groups) const {
    std::vector<std::size_t> rows;
    for (const std::size_t row : split.training)
      if (is_in(groups, row)) rows.push_back(row);
    return data::select_rows(images.data, rows).features;
  }
  JudgedImages judged(const std::vector<int>& groups, const HiddenRegion& region) const {
    std::vector<std::size_t> rows;
    for (const std::size_t row : split.held_out)
      if (is_in(groups, row)) rows.push_back(row);
    data::Dataset chosen = data::select_rows(images.data, rows);
    return {std::move(chosen.features), std::move(chosen.labels), region.places(rows.size(), 1)};
  }
  const char* use_of(int group) const {
    const auto has = [group](const std::vector<int>& list) {
      return std::find(list.begin(), list.end(), group) != list.end();
    };
    return has(forget) ? "forgotten" : has(retain) ? "retained" : "";
  }

private:
  bool is_in(const std::vector<int>& groups, std::size_t row) const {
    return std::find(groups.begin(), groups.end(), images.data.labels[row]) != groups.end();
  }
};

Sets read_sets(const Options& o, const CompletionModel& model, std::uint64_t seed) {
  Sets sets{.images = read_images(o.images), .forget = {}, .retain = {}, .split = {}};
  if (!o.groups.empty()) set_groups(sets.images, o.images, o.groups);
  prepare_for(model, sets.images);
  const data::Dataset& data = sets.images.data;
  if (data.labels.empty())
    throw InputError(data.name + ": no groups; --groups FILE, --labels FILE or sub-folders give them");
  sets.forget = groups_named(sets.images, o.forget_groups, "--forget");
  sets.retain = groups_named(sets.images, o.retain_groups, "--retain");
  for (const int group : sets.retain)
    if (std::find(sets.forget.begin(), sets.forget.end(), group) != sets.forget.end())
      throw InputError("--retain " + data.class_names[static_cast<std::size_t>(group)]
                       + ": the group is to be forgotten");
  if (o.retain_groups.empty() && o.proxy.empty())
    for (int group = 0; group < data.classes(); ++group)
      if (std::find(sets.forget.begin(), sets.forget.end(), group) == sets.forget.end())
        sets.retain.push_back(group);
  sets.split = data::split_by_class(data, 0.2, seed);
  return sets;
}

data::RowMatrix retained_images(const Options& o, const CompletionModel& model, const Sets& sets) {
  if (o.proxy.empty()) return sets.training(sets.retain);
  ImageSet proxy = read_images({.path = o.proxy});
  prepare_for(model, proxy);
  return proxy.data.features;
}

std::vector<JudgedGroup> judged_groups(const Sets& sets, const HiddenRegion& region) {
  std::vector<JudgedGroup> groups;
  const auto& names = sets.images.data.class_names;
  for (int group = 0; group < std::ssize(names); ++group) {
    JudgedImages images = sets.judged({group}, region);
    if (images.images.rows() > 0)
      groups.push_back({names[static_cast<std::size_t>(group)], sets.use_of(group), std::move(images)});
  }
  return groups;
}

ToolReport forget(const Options& o, const ToolRun& run) {
  const CompletionModel before = read_completion_model(o.model);
  const Sets sets = read_sets(o, before, run.seed);
  const data::Dataset& data = sets.images.data;
  const data::RowMatrix retain = retained_images(o, before, sets), forget = sets.training(sets.forget);
  CompletionForgetting options = o.forgetting;
  options.seed = run.seed;
  options.noise = noise_named(o.noise);
  double terms[2] = {};
  options.observer = [&](const CompletionStep& step) {
    terms[0] = step.retain;
    terms[1] = step.forget;
    run.say("step " + std::to_string(step.step));
  };
  const optim::Stopwatch stopwatch;
  const CompletionModel after = forget_completions(before, retain, forget, options);
  const double seconds = stopwatch.seconds();
  run.say("judging");
  const data::Dataset learned = data::select_rows(data, sets.split.training);
  const ImageClassifier classifier(learned.features, learned.labels, data.classes(), run.seed);
  ToolReport out{.title = "A completion model forgets groups of " + data.name};
  out.paragraphs.push_back(
      "after.completion.json completes the forgotten groups about as it completes noise. The figures are of "
      "a "
      "fifth of the images, which took no part in this (the model may have been trained on them).");
  out.values = {{"images to forget", forget.rows()},
                {o.proxy.empty() ? "images to retain" : "images in place of those to retain", retain.rows()},
                {"steps", options.steps},
                {"seconds", seconds},
                {"distance of retained embeddings, last batch", terms[0]},
                {"distance to noise embeddings, last batch", terms[1]},
                {"|E - E_0|", (after.encoder.parameters - before.encoder.parameters).cast<double>().norm()},
                {"|E_0|", before.encoder.parameters.cast<double>().norm()},
                {"decoder, before and after", after.decoder_fingerprint()}};
  const auto groups = judged_groups(sets, before.region);
  out.tables.push_back(
      {"groups", "Before and after, by group", completion_table(before, after, groups, classifier)});
  std::vector<int> others = sets.retain;
  if (others.empty())
    for (int group = 0; group < data.classes(); ++group)
      if (*sets.use_of(group) == '\0') others.push_back(group);
  const JudgedImages kept = sets.judged(others, before.region),
                     gone = sets.judged(sets.forget, before.region);
  if (kept.images.rows() > 1 && gone.images.rows() > 1)
    add_completion_pictures(before, after, kept, gone, out);
  out.files.push_back({"after.completion.json", to_json(after)});
  return out;
}

ToolReport complete(const Options& o, const ToolRun& run) {
  const CompletionModel model = read_completion_model(o.model);
  ImageSet images = read_images(o.images);
  prepare_for(model, images);
  data::Dataset& data = images.data;
  const auto places = model.region.places(data.size(), run.seed);
  const data::RowMatrix masked = model.region.masked(data.features, places);
  const data::RowMatrix completed = model.region.filled(masked, model.completions(masked), places);
  ToolReport out{.title = "Completions of " + data.name};
  out.values = {{"images", data.size()}, {"hidden pixels of each", model.region.pixels()}};
  const auto shown = std::min<Eigen::Index>(completed.rows(), 200);
  data.features = completed.topRows(shown);
  const int across = shown == 1 ? 1 : 20, scale = shown == 1 ? 1 : 2;
  out.images.push_back({"completed",
                        data::png_bytes(data::grey_image(data::contact_sheet(data, across), scale)),
                        shown == completed.rows() ? "" : "The first " + std::to_string(shown)});
  if (completed.rows() > 1) {
    const std::size_t shape[] = {static_cast<std::size_t>(completed.rows()),
                                 static_cast<std::size_t>(data.image_rows),
                                 static_cast<std::size_t>(data.image_columns)};
    out.files.push_back(
        {"completed.npy",
         data::npy_bytes(
             shape, std::span<const double>(completed.data(), static_cast<std::size_t>(completed.size())))});
  }
  return out;
}

void add_images(CLI::App& app, Options& o, const char* what) {
  app.add_option("IMAGES", o.images.path, what)->required();
}

void add_groups(CLI::App& app, Options& o) {
  app.add_option("--labels", o.images.labels, "NPY, IDX or CSV with the group of each image")
      ->type_name("FILE");
  app.add_option("--target", o.images.target, "Column of an index of clips that is the group")
      ->type_name("COLUMN");
}

void set_up_train(CLI::App& app, Options& o) {
  o.train = app.add_subcommand("train", "Make a completion model")->group("Commands");
  add_images(*o.train, o,
             "IDX, NPY of [image][row][column], a folder of PNG or of recordings, an index of clips");
  o.train->add_option("--mask", o.mask, "What is hidden: centre:6, random:6, centre:6x20 (rows x columns)")
      ->capture_default_str();
  o.train->add_option("--pool", o.pool, "Images averaged down to N x N pixels")
      ->check(between(1, 1 << 14))
      ->type_name("N");
  o.train->add_option("--scale", o.scale, "What pixels are divided by")
      ->check(above_zero())
      ->capture_default_str();
  o.train->add_option("--hidden", o.training.hidden, "Units of the encoder's hidden layers")
      ->delimiter(',')
      ->check(between(1, 100000))
      ->capture_default_str();
  o.train->add_option("--embedding", o.training.embedding, "Size of the embedding")
      ->check(between(1, 100000))
      ->capture_default_str();
  o.train->add_option("--epochs", o.training.epochs, "Over all images")
      ->check(between(1, 1000000))
      ->capture_default_str();
  o.train->add_option("--batch", o.training.batch_size, "Images a step")
      ->check(between(1, 1000000))
      ->capture_default_str();
  o.train->add_option("--rate", o.training.learning_rate, "Of Adam")
      ->check(above_zero())
      ->capture_default_str();
}

void set_up_forget(CLI::App& app, Options& o) {
  o.forget = app.add_subcommand("forget", "Take groups out of a completion model")->group("Commands");
  o.forget->add_option("MODEL", o.model, "As train or an earlier forget wrote it")->required();
  add_images(*o.forget, o, "Images of the groups, as those of train");
  add_groups(*o.forget, o);
  o.forget->add_option("--groups", o.groups, "CSV with columns image (number or file) and group")
      ->type_name("FILE");
  o.forget->add_option("--forget", o.forget_groups, "Groups to forget")
      ->delimiter(',')
      ->required()
      ->type_name("A,B");
  auto* const retain =
      o.forget->add_option("--retain", o.retain_groups, "Groups to retain; otherwise all others")
          ->delimiter(',')
          ->type_name("C,D");
  o.forget->add_option("--proxy", o.proxy, "Images that stand in for those to retain")
      ->type_name("IMAGES")
      ->excludes(retain);
  o.forget->add_option("--alpha-forget", o.forgetting.alpha_forget, "Weight of forgetting")
      ->check(zero_or_above())
      ->capture_default_str();
  o.forget->add_option("--alpha-retain", o.forgetting.alpha_retain, "Weight of retaining")
      ->check(zero_or_above())
      ->capture_default_str();
  o.forget->add_option("--noise", o.noise, "normal, uniform or constant")->capture_default_str();
  o.forget->add_option("--steps", o.forgetting.steps, "Of Adam")
      ->check(between(1, 1000000))
      ->capture_default_str();
  o.forget->add_option("--batch", o.forgetting.batch_size, "Images of each set a step")
      ->check(between(1, 1000000))
      ->capture_default_str();
  o.forget->add_option("--rate", o.forgetting.learning_rate, "Of Adam")
      ->check(above_zero())
      ->capture_default_str();
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  app.require_subcommand(1);
  set_up_train(app, *o);
  set_up_forget(app, *o);
  o->complete = app.add_subcommand("complete", "Fill in the hidden region of images")->group("Commands");
  o->complete->add_option("MODEL", o->model, "As train or forget wrote it")->required();
  add_images(*o->complete, *o, "A PNG, or images as those of train");
  return [o](const ToolRun& run) {
    if (o->train->parsed()) return train(*o, run);
    return o->forget->parsed() ? forget(*o, run) : complete(*o, run);
  };
}

constexpr const char* about =
    "For whoever must withdraw a person, a class or a speaker from a model that completes images or "
    "spectrograms. train makes a small masked autoencoder; forget trains its encoder, and nothing else, "
    "until "
    "images of the forgotten groups lie where noise lies, and those of the others where they lay; complete "
    "fills "
    "in what is hidden. The target is bounded, so that the rest of the model stays whole, as it does not "
    "under "
    "ascent on the loss.\n\n"
    "Groups are sub-folders, labels (--labels), a column of an index of clips (--target), or a table "
    "(--groups). Without --retain all other groups are retained; where their images are gone, --proxy takes "
    "others of the same kind: that works, a little worse. Groups that resemble forgotten ones suffer, as 4 "
    "does "
    "from 9: look at the table of groups.\n\n"
    "Recordings become log-mel patches of 40 x 40. The figures are of a fifth of the images, kept out of the "
    "forgetting; the classifier, whose features stand in for Inception's, is trained on the others. Nothing "
    "is "
    "certified: what an image shows beside the hidden region may tell its group as before.";

const ToolRegistration registration{
    {.family = "Solvers",
     .name = "image-to-image-unlearning",
     .summary = "Makes a completer of images or spectrograms forget groups",
     .paper = {"G. Li, H. Hsu, C.-F. Chen, R. Marculescu",
               "Machine Unlearning for Image-to-Image Generative Models", "ICLR 2024", "2402.00351"},
     .about = about,
     .set_up = set_up,
     .demo = image_to_image_unlearning_demo,
     .example = "train assets/data/mnist/mnist-10k-images.idx3.gz --pool 14 --epochs 3"}};

} // namespace
} // namespace raphson::cli
