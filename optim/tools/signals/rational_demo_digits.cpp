#include "optim/data/digits.h"
#include "optim/data/image_transforms.h"
#include "optim/tools/signals/rational_demo_parts.h"
#include "optim/tools/signals/rational_sequence.h"

namespace raphson::optim::tools {
namespace {

struct Digits {
  data::Dataset training, held_out;
};

/// 14 x 14 pixels, read row by row as 196 steps of a scalar signal.
Digits pooled(std::uint64_t seed, std::size_t training, std::size_t held_out) {
  const auto split = data::digits_split(training, held_out, seed);
  return {data::pool(split.training, 14, 14), data::pool(split.held_out, 14, 14)};
}

double accuracy(const Digits& digits, SequenceKernel kernel, Index order, std::uint64_t seed, int epochs,
                const DemoOptions& options) {
  const SequenceClassifier classifier({196, 1, 10}, {.kernel = kernel, .channels = 32, .order = order});
  SequenceTraining training{.epochs = epochs};
  training.observer = [&](int epoch, double) {
    options.say("digits, seed " + std::to_string(seed) + ", epoch " + std::to_string(epoch));
  };
  return classifier.accuracy(classifier.train(digits.training, training, seed), digits.held_out);
}

} // namespace

void rational_digits(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options) {
  const int epochs = options.brief ? 4 : 6;
  report::Table table{{{"seed"},
                       {"rational, n = 16"},
                       {"FIR, which hears 33 steps"},
                       {"diagonal, 33 numbers"},
                       {options.brief ? "" : "rational, n = 64"}},
                      {}};
  for (const std::uint64_t seed : seeds) {
    const Digits digits = options.brief ? pooled(seed, 2000, 1000) : pooled(seed, 4000, 2000);
    const auto of = [&](SequenceKernel kernel, Index order) {
      return accuracy(digits, kernel, order, seed, epochs, options);
    };
    const double rational = of(SequenceKernel::rational, 16), fir = of(SequenceKernel::fir, 16);
    const double diagonal = of(SequenceKernel::diagonal, 16);
    const report::Cell larger =
        options.brief ? report::Cell("") : report::Cell(of(SequenceKernel::rational, 64));
    table.rows.push_back({seed, rational, fir, diagonal, larger});
    const std::string name = ", seed " + std::to_string(seed);
    report.claims.push_back(report::at_least("digits pixel by pixel, rational layer" + name, rational,
                                             options.brief ? 0.45 : 0.62));
    report.claims.push_back(report::at_most("FIR layer of as many numbers" + name, fir, 0.45));
    report.claims.push_back(
        report::at_least("rational less FIR" + name, rational - fir, options.brief ? 0.1 : 0.25));
  }
  report.tables.push_back(
      {"digits", "Held-out accuracy on digits read pixel by pixel, one layer of 32 channels", table});
}

} // namespace raphson::optim::tools
