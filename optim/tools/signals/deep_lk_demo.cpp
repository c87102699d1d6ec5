#include "optim/tools/signals/deep_lk_demo.h"

#include "dsp/error.h"
#include "optim/engine/parallel.h"
#include "optim/engine/processor_time.h"
#include "optim/tools/signals/deep_lk_report.h"
#include "optim/tools/signals/deep_lk_training.h"
#include "optim/tools/signals/deep_lk_training_report.h"

#include <algorithm>
#include <limits>
#include <mutex>

namespace raphson::optim::tools {
namespace {

using report::at_least;
using report::Cell;

enum Method { deep_lk, goturn, untrained, grey, grey_normalised, methods };
constexpr int trainable = untrained + 1; // methods with convolutions
constexpr int step_kinds = 2;
constexpr const char* step_kind_names[] = {"digits 5-9", "textures"};
constexpr const char* method_names[] = {"Deep-LK", "GOTURN-like", "Deep-LK, convolutions untrained",
                                        "Lucas-Kanade, grey", "Lucas-Kanade, normalised"};
constexpr report::Colour method_colours[] = {report::Colour::blue, report::Colour::orange,
                                             report::Colour::teal, report::Colour::purple,
                                             report::Colour::red};
enum Family { digits, inverted_digits, textures, families };
constexpr const char* family_names[] = {"digits 5-9", "inverted digits", "textures"};

struct Sizes {
  int steps = 400, films = 12, frames = 40;
};

struct Score {
  double overlap = 0, found = 0; // mean, and share of frames above a half
};

struct Study {
  Score scores[families][methods];
  std::vector<double> by_frame[families][methods]; // mean overlap
  std::vector<double> losses[2];
  Vector features;
  double training_seconds[2] = {}, seconds[methods] = {};
  int followed[methods] = {}; // frames
  double most_features = 0;   // of Deep-LK, computed for a frame in the mean of a film
  int known_cards = 0;        // films of a card that was trained on, or of digits 0 to 4
  std::vector<FilmStrip> strips;
  double step_errors[step_kinds][trainable] = {}; // mean error of one step on further pairs, half-sizes
};

struct Film {
  Card card = {}; // before it is inverted
  CardFilm film = {};
};

std::vector<Film> films_of(Family family, const DigitCards& cards, const Sizes& sizes, std::uint64_t seed) {
  RandomStream random(seed, std::string("deep-lk films of ") + family_names[family]);
  std::vector<Film> films;
  for (int k = 0; k < sizes.films; ++k) {
    const Card card =
        family == textures ? texture_card(random) : cards.unseen[random.index(cards.unseen.size())];
    films.push_back(
        {card, card_film(family == inverted_digits ? inverted(card) : card, sizes.frames, random)});
  }
  return films;
}

class Trial {
public:
  Trial(std::uint64_t seed, const Sizes& sizes)
      : seed_(seed), sizes_(sizes), cards_(digit_cards(seed, 4000)) {}

  Study run(const DemoOptions& options) {
    train(options);
    measure_steps();
    for (int f = 0; f < families; ++f) {
      const auto films = films_of(static_cast<Family>(f), cards_, sizes_, seed_);
      for (std::size_t k = 0; k < films.size(); ++k) {
        study_.known_cards += known(films[k].card);
        follow(static_cast<Family>(f), films[k].film, k == 0);
      }
    }
    return std::move(study_);
  }

private:
  bool known(const Card& card) const {
    const auto holds = [&](const std::vector<Card>& cards) {
      return std::find(cards.begin(), cards.end(), card) != cards.end();
    };
    return holds(trained_on_) || holds(cards_.known);
  }

  void train(const DemoOptions& options) {
    trained_on_ = cards_.known;
    const MotionPairs pairs = card_pairs(trained_on_, static_cast<std::size_t>(sizes_.steps) * 32, seed_);
    MotionTraining training{.steps = sizes_.steps, .seed = seed_};
    training.observer = [&](int step, double) {
      if (step % 50 == 0) options.say("step " + std::to_string(step));
    };
    TrainedMotion features, regression;
    study_.training_seconds[0] = processor_seconds_of([&] { features = train_features(pairs, training); });
    training.rate = 1e-3;
    study_.training_seconds[1] =
        processor_seconds_of([&] { regression = train_regression(pairs, training); });
    study_.losses[0] = features.losses;
    study_.losses[1] = regression.losses;
    study_.features = features.parameters;
    estimators_.push_back(lucas_kanade([this, phi = learned_features(features.parameters)](const Crop& crop) {
      ++features_computed_;
      return phi(crop);
    }));
    estimators_.push_back(constant_regression(regression.parameters));
    nn::Layout layout;
    const FeatureNetwork network(layout);
    estimators_.push_back(lucas_kanade(learned_features(layout.initial(seed_))));
    estimators_.push_back(lucas_kanade(grey_features));
    estimators_.push_back(lucas_kanade(normalised_features));
  }

  void measure_steps() {
    RandomStream random(seed_, "deep-lk texture pairs");
    std::vector<Card> textured;
    for (int k = 0; k < 100; ++k) textured.push_back(texture_card(random));
    const MotionPairs pairs[step_kinds] = {card_pairs(cards_.unseen, 500, seed_ + 1),
                                           card_pairs(textured, 500, seed_ + 1)};
    for (int kind = 0; kind < step_kinds; ++kind)
      for (int m = 0; m < trainable; ++m)
        study_.step_errors[kind][m] = step_error(*estimators_[m], pairs[kind]);
  }

  void follow(Family family, const CardFilm& film, bool keep) {
    FilmStrip strip{family_names[family], film, {}};
    for (int m = 0; m < methods; ++m) {
      std::vector<TrackBox> boxes{film.boxes.front()};
      features_computed_ = 0;
      study_.seconds[m] += processor_seconds_of([&] {
        Tracker tracker(*estimators_[m], film.frames.front().view(), film.boxes.front());
        for (std::size_t k = 1; k < film.frames.size(); ++k)
          boxes.push_back(tracker.follow(film.frames[k].view()).box);
      });
      const double of_frames = features_computed_ - 1; // the first are the template's
      study_.most_features =
          std::max(study_.most_features, of_frames / (static_cast<double>(film.frames.size()) - 1));
      study_.followed[m] += static_cast<int>(film.frames.size()) - 1;
      score(family, static_cast<Method>(m), film, boxes);
      strip.followed.push_back({method_names[m], method_colours[m], std::move(boxes)});
    }
    if (keep) study_.strips.push_back(std::move(strip));
  }

  void score(Family family, Method method, const CardFilm& film, const std::vector<TrackBox>& boxes) {
    auto& by_frame = study_.by_frame[family][method];
    by_frame.resize(boxes.size());
    Score& sum = study_.scores[family][method];
    const double share = 1.0 / sizes_.films / (static_cast<double>(boxes.size()) - 1);
    for (std::size_t k = 1; k < boxes.size(); ++k) { // the first box was given
      const double common = overlap(boxes[k], film.boxes[k]);
      by_frame[k] += common / sizes_.films;
      sum.overlap += share * common;
      sum.found += share * (common > 0.5);
    }
    by_frame[0] = 1;
  }

  std::uint64_t seed_;
  Sizes sizes_;
  DigitCards cards_;
  std::vector<Card> trained_on_;
  int features_computed_ = 0; // by Deep-LK
  std::vector<std::unique_ptr<MotionEstimator>> estimators_;
  Study study_;
};

template <class Figure> double least(const std::vector<Study>& studies, const Figure& figure) {
  double smallest = std::numeric_limits<double>::infinity();
  for (const Study& study : studies) smallest = std::min(smallest, static_cast<double>(figure(study)));
  return smallest;
}

/// Convolutions as they are drawn at first follow most films, since the regressor is the template's either
/// way; what is learned is the step, and with it the films that are hard.
constexpr double over_untrained_step = 0.9;

void add_claims(report::ToolReport& report, const std::vector<Study>& studies, bool brief) {
  constexpr double wanted[] = {0.80, 0.70, 0.65};
  for (int f = 0; f < families; ++f)
    report.claims.push_back(
        at_least(std::string("mean overlap of Deep-LK, ") + family_names[f] + ", least seed",
                 least(studies, [&](const Study& s) { return s.scores[f][deep_lk].overlap; }), wanted[f]));
  for (const Family f : {inverted_digits, textures})
    for (const Method m : {goturn, grey, grey_normalised})
      report.claims.push_back(at_least(
          std::string("mean overlap, Deep-LK less ") + method_names[m] + ", " + family_names[f]
              + ", least seed",
          least(studies,
                [&](const Study& s) { return s.scores[f][deep_lk].overlap - s.scores[f][m].overlap; }),
          m == goturn ? 0.30 : 0.10));
  for (int kind = 0; kind < step_kinds; ++kind)
    report.claims.push_back(
        report::at_most(std::string("error of one step, Deep-LK over untrained convolutions, ")
                            + step_kind_names[kind] + ", largest seed",
                        -least(studies,
                               [&](const Study& s) {
                                 return -s.step_errors[kind][deep_lk] / s.step_errors[kind][untrained];
                               }),
                        over_untrained_step));
  if (!brief) {
    double gain = 0;
    for (const Study& s : studies)
      gain += (s.scores[textures][deep_lk].overlap - s.scores[textures][untrained].overlap)
              / static_cast<double>(studies.size());
    report.claims.push_back(at_least(
        "mean overlap, Deep-LK less its convolutions untrained, textures, mean of the seeds", gain, 0.05));
  }
  report.claims.push_back(report::at_most("features computed for a frame, largest mean of a film",
                                          -least(studies, [](const Study& s) { return -s.most_features; }),
                                          4));
  report.claims.push_back(report::at_most("films of a digit that was trained on, most of a seed",
                                          -least(studies, [](const Study& s) { return -s.known_cards; }), 0));
}

void add_tables(report::ToolReport& report, const std::vector<Study>& studies, const Seeds& seeds,
                const Sizes& sizes) {
  report::Table table{{{"seed"}, {"followed"}}, {}};
  for (const char* name : method_names) {
    table.columns.push_back({name});
    table.columns.push_back({std::string(name) + " > 0.5"});
  }
  report::Table speed{{{"method"}, {"frames a second"}, {"training (s)"}}, {}};
  for (std::size_t i = 0; i < studies.size(); ++i)
    for (int f = 0; f < families; ++f) {
      std::vector<Cell> row{seeds[i], family_names[f]};
      for (int m = 0; m < methods; ++m) {
        row.push_back(Cell::fixed(studies[i].scores[f][m].overlap, 3));
        row.push_back(Cell::fixed(studies[i].scores[f][m].found, 2));
      }
      table.rows.push_back(std::move(row));
    }
  for (int m = 0; m < methods; ++m) {
    double seconds = 0, frames = 0, training = 0;
    for (const Study& s : studies) {
      seconds += s.seconds[m];
      frames += s.followed[m];
      training += m <= goturn ? s.training_seconds[m] / static_cast<double>(studies.size()) : 0;
    }
    speed.rows.push_back({method_names[m], Cell::fixed(frames / seconds, 0),
                          m <= goturn ? Cell::significant(training, 3) : Cell("none")});
  }
  report.tables.push_back(
      {"overlap",
       "Mean overlap with the true box, and the share of frames in which it is above a half, of "
           + std::to_string(sizes.films) + " films of " + std::to_string(sizes.frames) + " frames",
       table});
  report::Table steps{{{"seed"}, {"pairs of"}}, {}};
  for (int m = 0; m < trainable; ++m) steps.columns.push_back({method_names[m]});
  for (std::size_t i = 0; i < studies.size(); ++i)
    for (int kind = 0; kind < step_kinds; ++kind) {
      steps.rows.push_back({seeds[i], step_kind_names[kind]});
      for (const double error : studies[i].step_errors[kind])
        steps.rows.back().push_back(Cell::fixed(error, 3));
    }
  report.tables.push_back(
      {"steps", "Mean error of one step on 500 pairs not trained on, half-sizes of the box", steps});
  report.tables.push_back({"speed", "Of one core, crops included", speed});
}

void add_figures(report::ToolReport& report, const Study& study) {
  std::vector<report::Plot> plots;
  for (int f = 0; f < families; ++f) {
    report::Plot plot{family_names[f],
                      {"Frame", "", report::Scale::count},
                      {"Overlap", "", report::Scale::linear, report::Range{0, 1}},
                      {}};
    for (int m = 0; m < methods; ++m) {
      report::Series series{
          .name = method_names[m], .y = study.by_frame[f][m], .style = {.colour = method_colours[m]}};
      for (std::size_t k = 0; k < series.y.size(); ++k) series.x.push_back(static_cast<double>(k + 1));
      plot.series.push_back(std::move(series));
    }
    plots.push_back(std::move(plot));
  }
  report.figures.push_back({"overlap-by-frame", {plots, {880, 720}, "Mean overlap with the true box"}});
  std::vector<report::Series> losses;
  for (const Method m : {deep_lk, goturn}) {
    losses.push_back(loss_series(method_names[m], study.losses[m]));
    losses.back().style.colour = method_colours[m];
  }
  report.figures.push_back(loss_figure(std::move(losses)));
  report.images.push_back(
      {"films", film_strips(study.strips), "A film of each kind, with the box that each method found"});
}

} // namespace

report::ToolReport deep_lk_demo(const DemoOptions& options) {
  const Seeds seeds = options.seeds_or({0, 1, 2});
  const Sizes sizes = options.brief ? Sizes{160, 6, 40} : Sizes{};
  std::vector<Study> studies(seeds.size());
  std::mutex told;
  DemoOptions locked = options;
  locked.progress = [&](const std::string& line) {
    const std::lock_guard lock(told);
    options.say(line);
  };
  parallel_for(seeds.size(), default_threads(),
               [&](std::size_t i, std::size_t) { studies[i] = Trial(seeds[i], sizes).run(locked); });
  report::ToolReport report{.title = "Deep-LK: following what was never seen in training"};
  const bool as_good = least(studies,
                             [](const Study& s) {
                               return s.scores[digits][goturn].overlap - s.scores[digits][deep_lk].overlap;
                             })
                       > -0.07;
  report.paragraphs.push_back(std::string("Trained on digits 0 to 4 alone, Deep-LK follows other digits, "
                                          "inverted ones and textures. The network "
                                          "with constant weights ")
                              + (as_good ? "is about as good on digits and " : "")
                              + "loses what it never saw within a few frames. Convolutions that were not "
                                "trained follow most films too, for their "
                                "regressor is the template's as well; training makes each step truer, and "
                                "keeps textures that they lose.");
  add_claims(report, studies, options.brief);
  add_tables(report, studies, seeds, sizes);
  add_figures(report, studies.front());
  report.files.push_back(
      {"deep-lk.network.json",
       to_json({studies.front().features,
                {{"made by", "raphson deep-lk --demo --seeds " + std::to_string(seeds.front())},
                 {"pictures", "handwritten digits 0 to 4 of MNIST as cards on blurred noise"},
                 {"training", std::to_string(sizes.steps)
                                  + " steps of Adam at 2e-3, half a cosine, 32 pairs each, through the "
                                    "regressor; Huber's loss, delta 0.05"}}})});
  return report;
}

} // namespace raphson::optim::tools
