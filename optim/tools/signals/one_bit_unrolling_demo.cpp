#include "optim/tools/signals/one_bit_unrolling_demo.h"

#include "optim/data/npy.h"
#include "optim/engine/parallel.h"
#include "optim/engine/processor_time.h"
#include "optim/report/text.h"
#include "optim/tools/signals/one_bit_model.h"
#include "optim/tools/signals/one_bit_problems.h"
#include "optim/tools/signals/one_bit_report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

namespace raphson::optim::tools {
namespace {

using report::at_least;
using report::at_most;
using report::Cell;

struct Error {
  double held_out = 0, training = 0; ///< NMSE in dB
  double gap() const { return held_out - training; }
};

Error error_of(const Unrolled& network, const UnrollingProblem& p) {
  return {nmse_db(solve(network, p.a, p.held_out.y), p.held_out.x),
          nmse_db(solve(network, p.a, p.training.y), p.training.x)};
}

/// Of what is stored, run as it is stored.
Error error_of(const OneBitModel& model, const UnrollingProblem& p) {
  return {nmse_db(apply(model, p.held_out.y), p.held_out.x),
          nmse_db(apply(model, p.training.y), p.training.x)};
}

/// What one seed and one number of layers give; the rivals only where they are asked for.
struct Trial {
  Error classic, full, signs, one_bit, dense, ternary;
  double stored_differs = 0; ///< dB, the error of what is stored from that of the network as it was trained
  std::vector<double> classic_layers, full_layers, one_bit_layers; ///< held out, by layer
  OneBitModel model;
};

struct Rivals {
  bool dense = false, ternary = false;
};

Trial run_trial(const UnrollingProblem& p, const UnrollingOptions& o, Rivals rivals) {
  Trial t;
  const Unrolled classic = tuned_classic_iteration(p.a, p.training.y, p.training.x, o.layers, o.prior);
  const Unrolled full = train_full_precision(p.a, p.training, o);
  const OneBitNetwork trained = train_one_bit(full, p.a, p.training, o);
  const Unrolled one_bit = trained.expanded(p.a);
  t.model = pack(trained, p.a, o.prior);
  t.classic = error_of(classic, p);
  t.full = error_of(full, p);
  t.signs = error_of(to_one_bit(full, p.a).expanded(p.a), p);
  t.one_bit = error_of(t.model, p);
  t.stored_differs = std::abs(t.one_bit.held_out - error_of(one_bit, p).held_out);
  t.classic_layers = nmse_by_layer(classic, p.a, p.held_out.y, p.held_out.x);
  t.full_layers = nmse_by_layer(full, p.a, p.held_out.y, p.held_out.x);
  t.one_bit_layers = nmse_by_layer(one_bit, p.a, p.held_out.y, p.held_out.x);
  if (!rivals.dense && !rivals.ternary) return t;
  UnrollingOptions everywhere = o;
  everywhere.dense = true;
  const Unrolled dense = train_full_precision(p.a, p.training, everywhere);
  t.dense = error_of(dense, p);
  if (rivals.ternary) t.ternary = error_of(train_ternary(dense, p.a, p.training, o), p);
  return t;
}

std::string db(double value) { return report::format_fixed(value, 2); }
Cell cell(const Error& e) { return {db(e.held_out) + " (" + db(e.training) + ")"}; }

/// Runs body(i) for all i, on all processors unless brief.
void side_by_side(std::size_t count, const DemoOptions& options,
                  const std::function<void(std::size_t)>& body) {
  parallel_for(count, options.brief ? 1 : default_threads(), [&](std::size_t i, std::size_t) { body(i); });
}

std::function<void(int, int, double)> observer_of(const DemoOptions& options, const std::string& what,
                                                  std::size_t index) {
  if (index != 0) return {}; // progress is for the caller's thread
  return [&options, what](int stage, int epoch, double) {
    options.say(what + ", stage " + std::to_string(stage) + ", epoch " + std::to_string(epoch));
  };
}

void claim_blocks(report::ToolReport& report, const std::string& name, const Trial& five, const Trial& ten,
                  const Trial* twenty) {
  const auto least = [&](const std::string& what, double value, double limit) {
    report.claims.push_back(at_least("blocks: " + what + " (dB)" + name, value, limit));
  };
  least("ISTA less one-bit, 10 layers", ten.classic.held_out - ten.one_bit.held_out, 2);
  least("signs alone less one-bit", ten.signs.held_out - ten.one_bit.held_out, 1.5);
  least("dense ternary less one-bit", ten.ternary.held_out - ten.one_bit.held_out, 2);
  report.claims.push_back(at_most("blocks: one-bit as stored against as trained (dB)" + name,
                                  std::max(five.stored_differs, ten.stored_differs), 1e-6));
  const auto falls = [&](const Trial& before, const Trial& after, const std::string& what) {
    least("one-bit falls, " + what + ", held out", before.one_bit.held_out - after.one_bit.held_out, 0);
    least("one-bit falls, " + what + ", training", before.one_bit.training - after.one_bit.training, 0);
  };
  falls(five, ten, "5 to 10 layers");
  if (!twenty) return;
  falls(ten, *twenty, "10 to 20 layers");
  report.claims.push_back(at_most("blocks: one-bit of 20 layers less full precision of 10 (dB)" + name,
                                  twenty->one_bit.held_out - ten.full.held_out, 0.5));
}

void show_blocks(report::ToolReport& report, const Trial& first) {
  report::Plot plot{"", {"Layer", "", report::Scale::count}, {"NMSE, held out", "dB"}, {}};
  const auto add = [&](const char* what, const std::vector<double>& errors) {
    report::Series series{.name = what, .y = errors};
    for (std::size_t k = 1; k <= errors.size(); ++k) series.x.push_back(static_cast<double>(k));
    plot.series.push_back(std::move(series));
  };
  add("ISTA", first.classic_layers);
  add("full precision", first.full_layers);
  add("one-bit", first.one_bit_layers);
  report.figures.push_back({"error-by-layer", {{plot}, {640, 380}, "Blocks, 10 layers: error after each"}});
  report.images.push_back(matrix_picture("operator", first.model.a, "A: grey where it is zero"));
  report.images.push_back(matrix_picture("signs", first.model.expanded().w.back(),
                                         "The signs of the one-bit network's last layer"));
}

void blocks(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options) {
  const std::vector<std::size_t> depths =
      options.brief ? std::vector<std::size_t>{10, 5} : std::vector<std::size_t>{20, 10, 5};
  const std::size_t training = options.brief ? 1000 : 2000;
  std::vector<Trial> trials(seeds.size() * depths.size());
  side_by_side(trials.size(), options, [&](std::size_t i) {
    const std::size_t layers = depths[i / seeds.size()];
    const UnrollingProblem p = block_problem(seeds[i % seeds.size()], training, 1000);
    UnrollingOptions o{.layers = layers, .epochs = options.brief ? 20 : 15, .seed = seeds[i % seeds.size()]};
    o.observer = observer_of(options, "blocks", i);
    trials[i] = run_trial(p, o, {.dense = layers >= 10, .ternary = layers >= 10});
  });
  const auto trial = [&](std::size_t layers, std::size_t seed) -> const Trial& {
    const auto at = std::find(depths.begin(), depths.end(), layers) - depths.begin();
    return trials[static_cast<std::size_t>(at) * seeds.size() + seed];
  };
  report::Table table{{{"seed"},
                       {"layers"},
                       {"ISTA, tuned"},
                       {"full precision"},
                       {"its signs alone"},
                       {"one-bit"},
                       {"dense"},
                       {"dense ternary"}},
                      {}};
  for (std::size_t s = 0; s < seeds.size(); ++s) {
    for (auto layers = depths.rbegin(); layers != depths.rend(); ++layers) {
      const Trial& t = trial(*layers, s);
      const bool rivals = *layers >= 10;
      table.rows.push_back({seeds[s], *layers, db(t.classic.held_out), cell(t.full), db(t.signs.held_out),
                            cell(t.one_bit), rivals ? cell(t.dense) : Cell(""),
                            rivals ? Cell(db(t.ternary.held_out)) : Cell("")});
    }
    claim_blocks(report, of_seed("", seeds[s]), trial(5, s), trial(10, s),
                 options.brief ? nullptr : &trial(20, s));
  }
  report.tables.push_back({"blocks",
                           "NMSE in dB on 1,000 held-out vectors (training vectors): four blocks 12 x 16, "
                           "sparse unknowns",
                           table});
  show_blocks(report, trial(10, 0));
}

void storage(report::ToolReport& report) {
  const RowMatrix a = block_operator(0, false);
  report::Table table{{{"network of 10 layers"}, {"bits a link"}, {"bytes"}}, {}};
  const auto add = [&](const char* name, const Storage& s) {
    table.rows.push_back({name, Cell::significant(s.bits_a_link, 3), s.bytes});
  };
  add("one-bit on A's support", one_bit_storage(a, 10));
  add("dense ternary", ternary_storage(a, 10));
  add("full precision on A's support", full_storage(a, 10, false));
  add("dense, full precision", full_storage(a, 10, true));
  report.tables.push_back({"storage", "What is stored, A aside", table});
  report.claims.push_back(
      at_most("bits a link of the one-bit network", one_bit_storage(a, 10).bits_a_link, 0.265));
}

void few_examples(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options) {
  std::vector<Trial> trials(seeds.size());
  side_by_side(seeds.size(), options, [&](std::size_t i) {
    UnrollingOptions o{.epochs = 100, .seed = seeds[i]};
    o.observer = observer_of(options, "few examples", i);
    trials[i] = run_trial(block_problem(seeds[i], 300, 1000), o, {.dense = true});
  });
  report::Table table{{{"seed"},
                       {"one-bit"},
                       {"gap (dB)"},
                       {"dense"},
                       {"gap, dense (dB)"},
                       {"full precision on the support"}},
                      {}};
  for (std::size_t s = 0; s < seeds.size(); ++s) {
    const Trial& t = trials[s];
    table.rows.push_back({seeds[s], cell(t.one_bit), Cell::fixed(t.one_bit.gap(), 2), cell(t.dense),
                          Cell::fixed(t.dense.gap(), 2), cell(t.full)});
    const std::string name = of_seed("", seeds[s]);
    report.claims.push_back(at_least("few examples: gap of the dense network less one-bit's (dB)" + name,
                                     t.dense.gap() - t.one_bit.gap(), 4));
    report.claims.push_back(at_most("few examples: one-bit less dense, held out (dB)" + name,
                                    t.one_bit.held_out - t.dense.held_out, 0.3));
  }
  report.tables.push_back(
      {"few-examples",
       "Blocks again, 10 layers, 300 training vectors, 100 epochs: NMSE in dB held out (training)", table});
}

void speech(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options) {
  std::vector<Trial> trials(seeds.size());
  side_by_side(seeds.size(), options, [&](std::size_t i) {
    UnrollingOptions o{.epochs = options.brief ? 8 : 12, .seed = seeds[i]};
    o.observer = observer_of(options, "speech", i);
    trials[i] = run_trial(speech_problem(seeds[i], options.brief ? 1500 : 3000, 1000), o,
                          {.dense = !options.brief, .ternary = !options.brief});
  });
  report::Table table{{{"seed"}, {"ISTA, tuned"}, {"full precision"}, {"one-bit"}, {"dense ternary"}}, {}};
  for (std::size_t s = 0; s < seeds.size(); ++s) {
    const Trial& t = trials[s];
    table.rows.push_back({seeds[s], db(t.classic.held_out), cell(t.full), cell(t.one_bit),
                          options.brief ? Cell("") : Cell(db(t.ternary.held_out))});
    const std::string name = of_seed("", seeds[s]);
    report.claims.push_back(
        at_most("speech: one-bit less full precision (dB)" + name, t.one_bit.held_out - t.full.held_out, 2));
    report.claims.push_back(
        at_least("speech: ISTA less one-bit (dB)" + name, t.classic.held_out - t.one_bit.held_out, 5));
  }
  report.tables.push_back(
      {"speech",
       "The DCT of 64 samples of spoken digits, coefficient j in block j mod 4, 10 layers: NMSE in dB",
       table});
}

void deconvolution(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options) {
  std::vector<Trial> trials(seeds.size());
  side_by_side(seeds.size(), options, [&](std::size_t i) {
    UnrollingOptions o{.prior = Prior::none, .seed = seeds[i]};
    o.observer = observer_of(options, "deconvolution", i);
    trials[i] = run_trial(deconvolution_problem(seeds[i], 2000, 1000), o, {});
  });
  report::Table table{{{"seed"}, {"plain gradient steps"}, {"full precision"}, {"one-bit"}}, {}};
  for (std::size_t s = 0; s < seeds.size(); ++s)
    table.rows.push_back(
        {seeds[s], db(trials[s].classic.held_out), cell(trials[s].full), cell(trials[s].one_bit)});
  report.tables.push_back({"deconvolution",
                           "A known limit: a filter 1, 0.4, 0.16 ... of five taps undone without a prior, 10 "
                           "steps: signs of one scale cannot follow weights of many sizes",
                           table});
}

/// The packed file's additions against products with the same network's matrices.
void speed(report::ToolReport& report, const DemoOptions& options) {
  options.say("speed");
  const UnrollingProblem p = block_problem(0, 200, 5000);
  UnrollingOptions o{.epochs = 1};
  const OneBitModel model =
      pack(to_one_bit(train_full_precision(p.a, p.training, o), p.a), p.a, Prior::sparse);
  const Unrolled expanded = model.expanded();
  RowMatrix by_signs, by_products;
  const double packed = least_processor_seconds([&] { by_signs = apply(model, p.held_out.y); });
  const double products = least_processor_seconds([&] { by_products = solve(expanded, p.a, p.held_out.y); });
  report.tables.push_back({"speed",
                           "5,000 vectors through 10 layers on one thread",
                           {{{"way"}, {"microseconds a vector"}},
                            {{"additions, from the packed signs", packed * 1e6 / 5000},
                             {"products of dense matrices", products * 1e6 / 5000}}}});
  report.claims.push_back(at_most("packed against matrices: largest difference of x",
                                  (by_signs - by_products).cwiseAbs().maxCoeff(), 1e-6));
}

} // namespace

report::ToolReport one_bit_unrolling_demo(const DemoOptions& options) {
  report::ToolReport report{.title = "Unrolled solvers with one-bit weights"};
  const Seeds three = options.seeds_or({0, 1, 2}), two = options.seeds_or({0, 1});
  blocks(report, three, options);
  storage(report);
  if (!options.brief) few_examples(report, two, options);
  speech(report, two, options);
  if (!options.brief) deconvolution(report, two, options);
  speed(report, options);
  const RowMatrix a = block_operator(0, true);
  const std::size_t shape[] = {static_cast<std::size_t>(a.rows()), static_cast<std::size_t>(a.cols())};
  report.files.push_back(
      {"block-operator.npy",
       data::npy_bytes(shape, std::span<const double>(a.data(), static_cast<std::size_t>(a.size())))});
  return report;
}

} // namespace raphson::optim::tools
