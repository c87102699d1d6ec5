#include "optim/tools/signals/deep_lk_demo.h"

#include "dsp/error.h"
#include "optim/engine/parallel.h"
#include "optim/engine/processor_time.h"
#include "optim/tools/signals/deep_lk_report.h"
#include "optim/tools/signals/deep_lk_training.h"

#include <algorithm>
#include <limits>
#include <mutex>

namespace raphson::optim::tools {
namespace {

using report::at_least;
using report::Cell;

enum Method { deep_lk, goturn, grey, grey_normalised, methods };
constexpr const char* method_names[] = {"Deep-LK", "GOTURN-like", "Lucas-Kanade, grey",
                                        "Lucas-Kanade, normalised"};
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
  int most_crops = 0;         // of a frame
  std::vector<FilmStrip> strips;
};

std::vector<CardFilm> films_of(Family family, const DigitCards& cards, const Sizes& sizes,
                               std::uint64_t seed) {
  RandomStream random(seed, std::string("deep-lk films of ") + family_names[family]);
  std::vector<CardFilm> films;
  for (int k = 0; k < sizes.films; ++k) {
    Card card = family == textures ? texture_card(random) : cards.unseen[random.index(cards.unseen.size())];
    if (family == inverted_digits) card = inverted(std::move(card));
    films.push_back(card_film(card, sizes.frames, random));
  }
  return films;
}

class Trial {
public:
  Trial(std::uint64_t seed, const Sizes& sizes)
      : seed_(seed), sizes_(sizes), cards_(digit_cards(seed, 4000)) {}

  Study run(const DemoOptions& options) {
    train(options);
    for (int f = 0; f < families; ++f) {
      const auto films = films_of(static_cast<Family>(f), cards_, sizes_, seed_);
      for (std::size_t k = 0; k < films.size(); ++k) follow(static_cast<Family>(f), films[k], k == 0);
    }
    return std::move(study_);
  }

private:
  void train(const DemoOptions& options) {
    const MotionPairs pairs = card_pairs(cards_.known, static_cast<std::size_t>(sizes_.steps) * 32, seed_);
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
    estimators_.push_back(lucas_kanade(learned_features(features.parameters)));
    estimators_.push_back(constant_regression(regression.parameters));
    estimators_.push_back(lucas_kanade(grey_features));
    estimators_.push_back(lucas_kanade(normalised_features));
  }

  void follow(Family family, const CardFilm& film, bool keep) {
    FilmStrip strip{family_names[family], film, {}};
    for (int m = 0; m < methods; ++m) {
      std::vector<TrackBox> boxes{film.boxes.front()};
      study_.seconds[m] += processor_seconds_of([&] {
        Tracker tracker(*estimators_[m], film.frames.front().view(), film.boxes.front());
        for (std::size_t k = 1; k < film.frames.size(); ++k) {
          const TrackedFrame tracked = tracker.follow(film.frames[k].view());
          study_.most_crops = std::max(study_.most_crops, tracked.crops);
          boxes.push_back(tracked.box);
        }
      });
      study_.followed[m] += static_cast<int>(film.frames.size()) - 1;
      score(family, static_cast<Method>(m), film, boxes);
      strip.followed.push_back({method_names[m], std::move(boxes)});
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
  std::vector<std::unique_ptr<MotionEstimator>> estimators_;
  Study study_;
};

template <class Figure> double least(const std::vector<Study>& studies, const Figure& figure) {
  double smallest = std::numeric_limits<double>::infinity();
  for (const Study& study : studies) smallest = std::min(smallest, static_cast<double>(figure(study)));
  return smallest;
}

void add_claims(report::ToolReport& report, const std::vector<Study>& studies) {
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
  report.claims.push_back(report::at_most("crops of a frame, largest",
                                          -least(studies, [](const Study& s) { return -s.most_crops; }), 4));
}

void add_tables(report::ToolReport& report, const std::vector<Study>& studies, const Seeds& seeds) {
  report::Table table{{{"seed"}, {"followed"}}, {}};
  for (const char* name : method_names) {
    table.columns.push_back({name});
    table.columns.push_back({"above a half"});
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
      training += m < 2 ? s.training_seconds[m] / static_cast<double>(studies.size()) : 0;
    }
    speed.rows.push_back({method_names[m], Cell::fixed(frames / seconds, 0),
                          m < 2 ? Cell::significant(training, 3) : Cell("none")});
  }
  report.tables.push_back(
      {"overlap", "Mean overlap with the true box, and the share of frames in which it is above a half",
       table});
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
      report::Series series{.name = method_names[m], .y = study.by_frame[f][m]};
      for (std::size_t k = 0; k < series.y.size(); ++k) series.x.push_back(static_cast<double>(k + 1));
      plot.series.push_back(std::move(series));
    }
    plots.push_back(std::move(plot));
  }
  report.figures.push_back({"overlap-by-frame", {plots, {880, 720}, "Mean overlap with the true box"}});
  report::Plot losses{"", {"Step", "", report::Scale::count}, {"Loss", "", report::Scale::logarithmic}, {}};
  for (int m = 0; m < 2; ++m) {
    report::Series series{.name = method_names[m]};
    constexpr std::size_t window = 10;
    for (std::size_t k = 0; k + window <= study.losses[m].size(); k += window) {
      double mean = 0;
      for (std::size_t j = 0; j < window; ++j) mean += study.losses[m][k + j] / window;
      series.x.push_back(static_cast<double>(k + window));
      series.y.push_back(mean);
    }
    losses.series.push_back(std::move(series));
  }
  report.figures.push_back({"loss", {{losses}, {880, 300}, "Training loss, means of ten steps"}});
  report.images.push_back({"films", film_strips(study.strips),
                           "A film of each kind: true box (green), Deep-LK (blue), the network with constant "
                           "weights (orange), Lucas-Kanade on grey levels (purple)"});
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
  report.paragraphs.push_back(
      "Trained on digits 0 to 4 alone, Deep-LK follows other digits, inverted ones and textures. The network "
      "with constant weights is as good on digits and loses what it never saw within a few frames.");
  add_claims(report, studies);
  add_tables(report, studies, seeds);
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
