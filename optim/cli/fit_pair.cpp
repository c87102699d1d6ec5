#include "optim/cli/fit_pair.h"

#include "optim/cli/interrupt.h"
#include "optim/report/text.h"

#include <cmath>

namespace raphson::cli {

using namespace raphson::optim;

match::Recordings read_recordings(const std::filesystem::path& dry, const std::filesystem::path& wet,
                                  ProgressBar& bar) {
  match::Recordings recordings = match::read_recordings(dry, wet, [&](const char* phase) {
    throw_if_interrupted();
    bar.show(phase, 0);
  });
  throw_if_interrupted();
  return recordings;
}

match::MatchResult fit(match::Recordings& recordings, const match::MatchOptions& options, bool keep_partial,
                       ProgressBar& bar) {
  const auto observer = [&](const match::MatchProgress& progress) {
    const bool fitted = std::isfinite(progress.esr);
    bar.show(progress.phase, progress.fraction,
             fitted ? "ESR " + report::format_significant(progress.esr, 3) : "");
    if (!interrupted()) return Control::proceed;
    if (!keep_partial) throw Interrupted();
    return Control::cancel;
  };
  match::MatchResult result = match::match_in_place(recordings, options, observer);
  if (!keep_partial && options.ranks->rank() == 0) throw_if_interrupted();
  return result;
}

tools::MatchBootstrap bootstrap(const match::Pair& pair, const dsp::ChainSettings& chain,
                                tools::MatchBootstrapOptions options, ProgressBar& bar) {
  options.progress = [&](int done, int all) {
    bar.show("bootstrap", static_cast<double>(done) / all);
    throw_if_interrupted();
  };
  return tools::bootstrap_match(pair, chain, options);
}

} // namespace raphson::cli
