#include "optim/engine/cosine_dictionary.h"
#include "optim/tools/signals/dictionary_plots.h"
#include "optim/tools/signals/fast_demo_parts.h"
#include "optim/tools/signals/fast_dictionary.h"
#include "optim/tools/signals/signal_columns.h"

#include <algorithm>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;
using report::Cell;

constexpr Index atoms = 128, nonzeros = 5, held_out = 1000;

/// Held-out errors of one training set's dictionaries.
struct Scores {
  double fast, dense, cosines, svd, cut, fast_gap, dense_gap, gain;
};

struct Trained {
  FastDictionary learnt;
  Scores scores;
};

Trained train(const SignalColumns& signals, const Matrix& cosines, std::uint64_t seed,
              const DemoOptions& options, const std::string& what) {
  FastDictionaryOptions learning{.atoms = atoms, .nonzeros = nonzeros, .seed = seed};
  if (options.brief) learning.split_sweeps = 20, learning.refine_sweeps = 15, learning.k_svd_iterations = 8;
  learning.progress = [&](const std::string& line) { options.say(what + ": " + line); };
  FastDictionary learnt = learn_fast_dictionary(signals.training, learning);
  const auto error = [&](const Dictionary& d, const Matrix& y) { return held_out_error(d, y, nonzeros); };
  const FastTransform& fast = learnt.fast.transform;
  const DenseDictionary dense(learnt.dense.dictionary);
  Scores s{};
  s.fast = error(fast, signals.held_out);
  s.dense = error(dense, signals.held_out);
  s.cosines = error(DenseDictionary(cosines), signals.held_out);
  s.svd = error(DenseDictionary(truncated_to(learnt.dense.dictionary, fast.nonzeros())), signals.held_out);
  s.cut = error(DenseDictionary(thresholded_to(learnt.dense.dictionary, fast.nonzeros())), signals.held_out);
  s.fast_gap = s.fast - error(fast, signals.training);
  s.dense_gap = s.dense - error(dense, signals.training);
  s.gain = fast.complexity_gain();
  return {std::move(learnt), s};
}

report::Table score_table(const char* first) {
  return {{{first},
           {"seed"},
           {"fast"},
           {"RCG"},
           {"cosines"},
           {"K-SVD, dense"},
           {"truncated SVD of that"},
           {"largest entries of that"},
           {"gap, fast"},
           {"gap, dense"}},
          {}};
}

std::vector<Cell> score_row(const Cell& first, std::uint64_t seed, const Scores& s) {
  const auto three = [](double value) { return Cell::fixed(value, 3); };
  return {first,          seed,         three(s.fast), Cell::fixed(s.gain, 2), three(s.cosines),
          three(s.dense), three(s.svd), three(s.cut),  three(s.fast_gap),      three(s.dense_gap)};
}

} // namespace

double fast_digits(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options) {
  report::Table table = score_table("patches");
  const Matrix cosines = cosine_dictionary(8, 8, 11, 11);
  double rise = 0;
  for (const std::uint64_t seed : seeds) {
    const SignalColumns all = digit_patches(2000, held_out, seed);
    for (const Index count : {300, 2000}) {
      SignalColumns signals = all;
      signals.training = all.training.leftCols(count);
      const std::string what = "digits, " + std::to_string(count) + " patches, seed " + std::to_string(seed);
      const Trained trained = train(signals, cosines, seed, options, what);
      const Scores& s = trained.scores;
      rise = std::max(rise, trained.learnt.fast.largest_rise);
      table.rows.push_back(score_row(count, seed, s));
      report.claims.push_back(report::at_most("error of the fast dictionary, " + what, s.fast, 0.46));
      report.claims.push_back(report::at_least("its relative complexity gain, " + what, s.gain, 4.5));
      report.claims.push_back(
          report::at_least("truncated SVD's error less that, " + what, s.svd - s.fast, 0.05));
      report.claims.push_back(
          report::at_least("largest entries' error less that, " + what, s.cut - s.fast, 0));
      if (count == 2000)
        report.claims.push_back(
            report::at_least("the cosines' error less that, " + what, s.cosines - s.fast, 0));
      else
        report.claims.push_back(report::at_most("held-out less training error, fast over dense, " + what,
                                                s.fast_gap / s.dense_gap, 0.6));
      if (count == 2000 && seed == seeds.front())
        add_atoms(report, trained.learnt.fast.transform.dense(), signals,
                  "Atoms of a fast dictionary of digits");
    }
  }
  report.tables.push_back(
      {"digits",
       "Held-out 8 x 8 patches of digits, 128 atoms, 5 a patch: relative error (gap: held-out less "
       "training error)",
       table});
  return rise;
}

double fast_speech(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options) {
  report::Table table = score_table("signals");
  const Matrix cosines = cosine_dictionary(64, 128);
  double rise = 0;
  for (const std::uint64_t seed : seeds)
    for (const bool spectra : {false, true}) {
      const SignalColumns signals =
          spectra ? speech_spectra(2000, held_out, seed) : speech_frames(2000, held_out, seed);
      const char* name = spectra ? "log spectra" : "frames";
      const Trained trained =
          train(signals, cosines, seed, options, std::string(name) + ", seed " + std::to_string(seed));
      rise = std::max(rise, trained.learnt.fast.largest_rise);
      table.rows.push_back(score_row(name, seed, trained.scores));
    }
  report.tables.push_back(
      {"speech",
       "The speaker jackson: held-out frames of 64 samples, and log spectra of 64 bins, 128 atoms, 5 each",
       table});
  return rise;
}

} // namespace raphson::optim::tools
