// raphson knobs: one model with a knob, from pairs of recordings at its positions or from models of them.
#include "dsp/error.h"
#include "dsp/model/model_file.h"
#include "optim/cli/command.h"
#include "optim/cli/interrupt.h"
#include "optim/cli/knob_table.h"
#include "optim/cli/output_folder.h"
#include "optim/cli/session_command.h"
#include "optim/engine/parallel.h"
#include "optim/match/filter_rate.h"
#include "optim/match/session/fit_session.h"
#include "optim/report/table.h"
#include "optim/report/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iostream>

namespace raphson::cli {
namespace {

using namespace raphson::optim;
using report::format_significant;

struct Options {
  std::vector<std::string> pairs; ///< VALUE DRY WET, one after the other
  std::vector<std::string> models;
  std::string knob, name, interpolation = "best";
  std::filesystem::path out;
  match::MatchOptions match;
  std::size_t threads = 0;
};

struct PairAt {
  double position;
  std::filesystem::path dry, wet;
};

/// A position with its fit, and the errors of the fit and of what its neighbours say of it.
struct Fitted {
  double position;
  match::SettingFit fit;
  double linear_esr = std::nan(""), spline_esr = std::nan("");
};

double position(const std::string& text, const std::string& option) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    throw InputError(option + ": '" + text + "' must be the knob's position, a number");
  return value;
}

/// From the highest position down: there a unit works hardest, and its recording says most about it.
std::vector<PairAt> pairs(const Options& options) {
  std::vector<PairAt> list;
  for (std::size_t i = 0; i + 2 < options.pairs.size(); i += 3)
    list.push_back({position(options.pairs[i], "--pair"), options.pairs[i + 1], options.pairs[i + 2]});
  std::sort(list.begin(), list.end(),
            [](const PairAt& a, const PairAt& b) { return a.position > b.position; });
  return list;
}

/// The pairs as a session of one knob, in their order.
match::Session session_of(const std::vector<PairAt>& list, const Options& options) {
  match::Session session;
  session.name = options.name;
  session.knobs = {
      {options.knob, knob_key(options.knob), "", list.back().position, list.front().position, {}, 0}};
  session.chain = dsp::parse_chain(options.match.model);
  session.interpolation = dsp::Interpolation::linear;
  for (const PairAt& pair : list)
    session.takes.push_back(
        {{pair.position}, pair.dry, pair.wet, "--pair " + format_significant(pair.position, 6)});
  return session;
}

/// Fits every position and scores it when left out; its row of the table, made monotone where the fits allow,
/// becomes a point, of values for `chain`.
std::vector<Fitted> fit_all(match::Session session, const Options& options, const Common& common,
                            std::vector<KnobPoint>& points, dsp::ChainSettings& chain,
                            std::vector<std::string>& warnings) {
  ProgressBar bar(!common.quiet);
  const match::SessionObserver observer = session_observer(bar, common);
  const match::FittedSession fits = fit_session(session, options.match, program_version, nullptr, observer);
  match::UnitMap map = make_unit_map(session, fits.fits);
  const auto linear = score_session(session, fits, map, options.match.threads, observer);
  session.interpolation = dsp::Interpolation::spline;
  const auto spline = score_session(session, fits, map, options.match.threads, observer);
  std::vector<Fitted> fitted;
  for (std::size_t t = 0; t < session.takes.size(); ++t) {
    const double at = session.takes[t].knobs[0];
    points.push_back({at, map.model.table[t].values, map.model.table[t].source});
    fitted.push_back({at, fits.fits[t]});
    if (linear[t].extrapolated) continue;
    fitted.back().linear_esr = linear[t].left_out_esr;
    fitted.back().spline_esr = spline[t].left_out_esr;
  }
  chain = map.model.chain;
  warnings = fits.warnings;
  return fitted;
}

/// The mean over the positions that were left out; NaN where none was.
double mean(const std::vector<Fitted>& fitted, double Fitted::*esr) {
  double sum = 0;
  int count = 0;
  for (const Fitted& f : fitted)
    if (!std::isnan(f.*esr)) {
      sum += f.*esr;
      ++count;
    }
  return count ? sum / count : std::nan("");
}

void print(const std::vector<Fitted>& fitted, const dsp::Model& model) {
  report::Table table;
  table.columns = {{model.knobs[0].name, report::Align::right},
                   {"ESR", report::Align::right},
                   {"left out, linear", report::Align::right},
                   {"spline", report::Align::right}};
  std::vector<std::size_t> parameters; // the fitted ones
  for (std::size_t i = 0; i < model.chain.size(); ++i) {
    if (std::isnan(fitted[0].fit.errors[i])) continue;
    const dsp::Parameter& p = model.chain.parameter(i);
    parameters.push_back(i);
    table.columns.push_back(
        {p.label + (p.unit[0] == 0 ? "" : " (" + std::string(p.unit) + ")"), report::Align::right});
  }
  const auto text = [](double esr) { return std::isnan(esr) ? "-" : format_significant(esr, 3); };
  for (std::size_t row = 0; row < fitted.size(); ++row) {
    const Fitted& f = fitted[fitted.size() - 1 - row]; // the table rises
    table.rows.push_back(
        {format_significant(f.position, 6), text(f.fit.esr()), text(f.linear_esr), text(f.spline_esr)});
    for (const std::size_t i : parameters)
      table.rows.back().push_back(format_significant(model.table[row].values[i], 4));
  }
  std::cout << to_text(table);
  const double linear = mean(fitted, &Fitted::linear_esr), spline = mean(fitted, &Fitted::spline_esr);
  if (!std::isnan(linear))
    std::cout << "\nMean ESR where a position is left out: linear " << text(linear) << ", spline "
              << text(spline) << '\n';
}

nlohmann::json to_json(const std::vector<Fitted>& fitted, const dsp::Model& model) {
  const auto number = [](double x) { return std::isfinite(x) ? nlohmann::json(x) : nlohmann::json(); };
  nlohmann::json positions = nlohmann::json::array();
  for (std::size_t row = 0; row < model.table.size(); ++row) {
    nlohmann::json entry{{"position", model.table[row].knobs[0]}, {"parameters", nlohmann::json::object()}};
    for (std::size_t i = 0; i < model.chain.size(); ++i)
      entry["parameters"][model.chain.name(i)] = model.table[row].values[i];
    if (!fitted.empty()) {
      const Fitted& f = fitted[fitted.size() - 1 - row];
      entry["esr"] = number(f.fit.esr());
      entry["converged"] = f.fit.converged;
      entry["left_out_esr"] = {{"linear", number(f.linear_esr)}, {"spline", number(f.spline_esr)}};
    }
    positions.push_back(entry);
  }
  return {{"schema", "raphson.knobs/1"},
          {"knob", model.knobs[0].key},
          {"interpolation", dsp::to_string(model.interpolation)},
          {"left_out_esr",
           {{"linear", number(mean(fitted, &Fitted::linear_esr))},
            {"spline", number(mean(fitted, &Fitted::spline_esr))}}},
          {"positions", positions}};
}

/// MODEL@VALUE: the chain that the file holds, at its knobs' initial positions should it have any.
dsp::ChainSettings add_model(const std::string& argument, std::vector<KnobPoint>& points) {
  const std::size_t at = argument.rfind('@');
  if (at == std::string::npos || at == 0)
    throw InputError("'" + argument + "' must be MODEL@VALUE: a model file and the knob's position");
  const double value = position(argument.substr(at + 1), argument);
  const dsp::Model model = dsp::read_model(argument.substr(0, at));
  if (dsp::correction(model.chain) != nullptr)
    throw InputError(argument + ": its chain, " + to_string(model.chain)
                     + ", has a network, and there is no network between two: match it without --gru");
  points.push_back({value, model.chain.values(), model.source});
  return model.chain;
}

dsp::ChainSettings read_models(const Options& options, std::vector<KnobPoint>& points) {
  dsp::ChainSettings chain;
  for (const std::string& argument : options.models) {
    dsp::ChainSettings next = add_model(argument, points);
    if (chain.blocks.empty()) chain = next;
    if (to_string(next) != to_string(chain))
      throw InputError(argument + ": its chain is " + to_string(next) + ", that of the first model "
                       + to_string(chain) + ": all must be the same");
    if (match::filter_rate(next) > 0 && match::filter_rate(chain) > 0) {
      match::move_filters(next, match::filter_rate(chain));
      points.back().values = next.values();
    }
  }
  return chain;
}

void check(const Options& options) {
  // The parser takes any three words after --pair, the next option's name as well.
  for (const std::string& word : options.pairs)
    if (word.starts_with("--"))
      throw InputError("--pair: it needs three arguments, VALUE DRY WET, before " + word);
  if (options.knob.empty()) throw InputError("--knob is missing: the knob's name");
  if (options.out.empty()) throw InputError("--out is missing: the model file to write");
  if (options.pairs.empty() == options.models.empty())
    throw InputError(options.pairs.empty() ? "give --pair VALUE DRY WET for every position, or MODEL@VALUE"
                                           : "give either --pair or MODEL@VALUE, not both");
  try {
    dsp::parse_chain(options.match.model);
  } catch (const InputError& error) {
    throw InputError(std::string("--model: ") + error.what());
  }
  knob_key(options.knob);
  check_writable_file(options.out);
}

dsp::Interpolation better(const Options& options, const std::vector<Fitted>& fitted) {
  if (options.interpolation == "linear") return dsp::Interpolation::linear;
  if (options.interpolation == "spline") return dsp::Interpolation::spline;
  return mean(fitted, &Fitted::spline_esr) < mean(fitted, &Fitted::linear_esr) ? dsp::Interpolation::spline
                                                                               : dsp::Interpolation::linear;
}

void run(const Options& given, const Common& common) {
  Options options = given;
  check(options);
  options.match.threads = options.threads ? options.threads : default_threads();
  if (options.name.empty()) options.name = options.out.stem().stem().string();
  const InterruptGuard guard;
  std::vector<KnobPoint> points;
  std::vector<Fitted> fitted;
  std::vector<std::string> warnings;
  dsp::ChainSettings chain;
  if (options.pairs.empty()) {
    chain = read_models(options, points);
  } else {
    const std::vector<PairAt> list = pairs(options);
    std::vector<double> positions;
    for (const PairAt& pair : list) positions.push_back(pair.position);
    check_positions(positions); // before the long work
    fitted = fit_all(session_of(list, options), options, common, points, chain, warnings);
  }
  dsp::Model model =
      knob_model(options.name, options.knob, chain, std::move(points), dsp::Interpolation::linear);
  model.interpolation = better(options, fitted);
  throw_if_interrupted();
  dsp::write_model(options.out, model);

  for (const std::string& warning : warnings) warn(common, warning);
  if (common.json) std::cout << to_json(fitted, model).dump(2) << std::endl;
  if (common.json || common.quiet) return;
  if (!fitted.empty()) print(fitted, model);
  std::cout << "Written: " << options.out.string() << ", " << model.table.size() << " positions, "
            << dsp::to_string(model.interpolation) << " in between" << std::endl;
}

Action set_up(CLI::App& app, Common& common) {
  auto o = std::make_shared<Options>();
  app.add_option("--pair", o->pairs, "The knob's position and the recordings there; once for each position")
      ->type_name("VALUE DRY WET")
      ->type_size(3)
      ->expected(1, 4096)
      ->allow_extra_args(false);
  app.add_option("MODEL@VALUE", o->models, "Instead of recordings: models of the positions");
  app.add_option("--knob", o->knob, "What the knob is called")->type_name("NAME");
  app.add_option("--out", o->out, "The model file to write, *.raphson.json")->type_name("MODEL");
  app.add_option("--name", o->name, "Of the unit; that of the file unless given")->type_name("NAME");
  app.add_option("--model", o->match.model, "compressor, compressor+eq, eq+compressor or eq")
      ->type_name("CHAIN")
      ->capture_default_str();
  app.add_option("--interpolation", o->interpolation,
                 "linear, spline, or the better one where a position is left out")
      ->check(CLI::IsMember({"best", "linear", "spline"}))
      ->type_name("")
      ->capture_default_str();
  add_threads(app, o->threads);
  return [o, &common] { run(*o, common); };
}

const Registration registration{
    {"Sound matching", "knobs", "Build a model with a knob from recordings at its positions", set_up,
     "--knob \"Peak Reduction\" --out unit.raphson.json \\\n    --pair 40 dry.wav wet40.wav --pair 70 dry.wav"
     " wet70.wav --pair 100 dry.wav wet100.wav"}};

} // namespace
} // namespace raphson::cli
