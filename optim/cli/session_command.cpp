#include "optim/cli/session_command.h"

#include "dsp/error.h"
#include "dsp/model/model_file.h"
#include "optim/cli/interrupt.h"
#include "optim/cli/output_folder.h"
#include "optim/match/session/session_report.h"
#include "optim/report/text.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <iostream>

namespace raphson::cli {
namespace {

using namespace raphson::optim;
namespace fs = std::filesystem;

/// No result may replace a recording or the manifest; they can only meet by name in the folder for results.
void check_distinct(const match::Session& session, const fs::path& folder, const std::string& model_name,
                    const std::string& state_name) {
  std::vector<fs::path> inputs{session.file};
  for (const match::SessionTake& take : session.takes) inputs.insert(inputs.end(), {take.dry, take.wet});
  for (const std::string& name :
       {model_name, state_name, std::string("report.json"), std::string("report.html"),
        std::string("map.svg"), std::string("table.csv")})
    for (const fs::path& input : inputs) {
      std::error_code code;
      if (fs::equivalent(folder / name, input, code))
        throw InputError(input.string() + " would be overwritten by the result: choose another --out");
    }
}

void print(const match::SessionReport& r, const std::string& files) {
  std::cout << r.session.name << ", " << to_string(r.session.chain) << ", " << r.session.takes.size()
            << " settings, " << dsp::to_string(r.session.interpolation) << " in between";
  if (r.fitted.resumed > 0) std::cout << "; " << r.fitted.resumed << " of them were fitted before";
  std::cout << "\n\n" << to_text(esr_table(r)) << '\n' << to_text(parameter_table(r));
  bool ends = false;
  for (const match::SettingScore& score : r.scores) ends = ends || score.extrapolated;
  std::cout << '\n';
  for (const std::string& line : direction_lines(r)) std::cout << line << '\n';
  if (ends) std::cout << "* at an end: without it the map holds its neighbour's value\n";
  std::cout << "Written: " << files << std::endl;
}

} // namespace

match::SessionObserver session_observer(ProgressBar& bar, const Common& common) {
  match::SessionObserver o;
  o.begin = [&](std::size_t index, std::size_t count, const std::string& setting) {
    throw_if_interrupted();
    bar.title(setting + " (" + std::to_string(index + 1) + " of " + std::to_string(count) + ")");
  };
  o.phase = [&](const char* phase) {
    throw_if_interrupted();
    bar.show(phase, 0);
  };
  o.match = [&](const match::MatchProgress& progress) {
    throw_if_interrupted();
    bar.show(progress.phase, progress.fraction,
             std::isfinite(progress.esr) ? "ESR " + report::format_significant(progress.esr, 3) : "");
    return Control::proceed;
  };
  o.say = [&](const std::string& line) {
    bar.clear();
    warn(common, line);
  };
  return o;
}

void match_session(const fs::path& manifest, const match::MatchOptions& options, const Common& common) {
  const match::Session session = match::read_session(manifest, options.model);
  const std::string model_name = session.name + ".raphson.json", state_name = session.name + ".session.json";
  check_distinct(session, common.out, model_name, state_name);
  match::check_session_recordings(session);

  const InterruptGuard guard;
  OutputFolder out(common.out);
  const fs::path state_path = out.path() / state_name;
  match::SessionState state(state_path, session);
  if (!state.note().empty()) warn(common, state.note());
  match::FittedSession fitted;
  match::UnitMap map;
  std::vector<match::SettingScore> scores;
  try {
    ProgressBar bar(!common.quiet);
    const match::SessionObserver observer = session_observer(bar, common);
    fitted = fit_session(session, options, program_version, &state, observer);
    map = make_unit_map(session, fitted.fits);
    scores = score_session(session, fitted, map, options.threads, observer);
    map.model.source.program = program_version;
    map.model.source.sample_rate = fitted.fits.front().source.sample_rate;
    map.model.source.date = fitted.fits.front().source.date;
    dsp::write_model(out.staging() / model_name, map.model);
    match::write_session_report(out.staging(), {session, fitted, map, scores});
    throw_if_interrupted();
  } catch (const Interrupted&) {
    if (!fs::exists(state_path)) throw;
    out.keep();
    throw Interrupted("interrupted; the settings finished so far are kept in " + state_path.string());
  } catch (...) {
    if (fs::exists(state_path)) out.keep();
    throw;
  }
  out.commit();

  const match::SessionReport report{session, fitted, map, scores};
  for (const std::string& warning : fitted.warnings) warn(common, warning);
  if (common.json)
    std::cout << to_json(report).dump(2) << std::endl;
  else if (!common.quiet)
    print(report, model_name + ", report.html, report.json, table.csv"
                      + (session.continuous_knobs() > 0 ? ", map.svg in " : " in ") + out.path().string());
}

} // namespace raphson::cli
