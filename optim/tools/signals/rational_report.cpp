#include "optim/tools/signals/rational_report.h"

#include "dsp/error.h"
#include "dsp/model/model_file.h"
#include "optim/data/audio_file.h"
#include "optim/data/wav_bytes.h"
#include "optim/match/align.h"
#include "optim/report/text.h"
#include "optim/tools/signals/rational_plots.h"
#include "optim/tools/signals/transfer_estimate.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {
namespace {

using report::ToolReport;

std::vector<double> impulse_response(const dsp::RationalSections<double>& filter, std::size_t length) {
  std::vector<double> impulse(length);
  impulse[0] = 1;
  return render(filter, impulse);
}

/// Without its first samples, if so many are above 0.
Recording from_sample(Recording recording, std::ptrdiff_t samples) {
  auto& x = recording.samples;
  x.erase(x.begin(), x.begin() + std::clamp<std::ptrdiff_t>(samples, 0, std::ssize(x)));
  return recording;
}

double root_mean_square_db(const TransferEstimate& estimate, const dsp::RationalSections<double>& filter,
                           double sample_rate) {
  double sum = 0;
  int count = 0;
  for (std::size_t k = 0; k < estimate.hz.size(); ++k) {
    if (estimate.coherence[k] < 0.95 || std::abs(estimate.response[k]) == 0) continue;
    const double ratio =
        std::abs(dsp::response(filter, estimate.hz[k], sample_rate)) / std::abs(estimate.response[k]);
    sum += std::pow(20 * std::log10(ratio), 2);
    ++count;
  }
  return count > 0 ? std::sqrt(sum / count) : NAN;
}

void add_filter(ToolReport& result, const RationalFit& fit, double sample_rate, std::size_t length) {
  result.tables.push_back(pole_table(fit.filter, sample_rate));
  const std::size_t shown = std::min(length, settling_samples(fit.filter, sample_rate));
  result.figures.push_back(kernel_figure(impulse_response(fit.filter, shown), sample_rate));
  result.figures.push_back(pole_figure(fit.filter));
  const auto recursion = dsp::to_polynomials(fit.filter);
  const CoefficientFile file{from_recursion(recursion, length), length, sample_rate};
  result.files.push_back({"coefficients.json", to_json(file, fit.filter)});
}

std::string file_name(const Recording& recording) {
  return std::filesystem::path(recording.name).filename().string();
}

/// For the plugin and `raphson render`, where a chain's block can hold the filter.
void add_model(ToolReport& result, const RationalFit& fit, const std::string& name, dsp::Provenance source) {
  const double rate = *source.sample_rate;
  source.esr = fit.esr;
  source.program = "raphson rational-transfer-function";
  try {
    dsp::Model model;
    model.name = name;
    model.chain.blocks = {{dsp::BlockType::rational, dsp::stage_values(fit.filter, rate)}};
    model.chain.blocks[0].fitted_rate = rate;
    model.source = std::move(source);
    result.files.push_back({"clone.raphson.json", dsp::to_json(model)});
  } catch (const InputError& fault) {
    result.warnings.push_back(std::string("no clone.raphson.json: ") + fault.what()
                              + "; coefficients.json has the sections");
  }
}

RationalFit fit_pair(const Recording& dry, const Recording& wet, const CloneOptions& o, ToolReport& result) {
  if (!o.any_order) return fit_rational(dry.samples, wet.samples, dry.sample_rate, o.fit);
  const RationalOrders orders = fit_rational_of_any_order(dry.samples, wet.samples, dry.sample_rate, o.fit);
  report::Table table{{{"order"}, {"ESR"}, {"steps"}}, {}};
  for (const RationalFit& fit : orders.fits)
    table.rows.push_back({2 * fit.filter.sections.size(), fit.esr, fit.iterations});
  result.tables.push_back({"orders", "Orders tried", table});
  if (!orders.ended)
    result.warnings.push_back("each order up to " + std::to_string(2 * orders.fits.size())
                              + ", the highest possible, left a tenth less: a higher one might again");
  return orders.fits[orders.chosen];
}

/// What there is to distrust about the fit itself.
void add_warnings(ToolReport& result, const RationalFit& fit) {
  if (fit.esr > 0.1)
    result.warnings.push_back(
        report::format_significant(100 * std::min(fit.esr, 1.0), 3)
        + " % of the sound is not explained: the device is not linear, or the recordings "
          "do not belong together");
  if (fit.stop_reason == StopReason::iteration_limit)
    result.warnings.push_back("the fit had not ended after " + std::to_string(fit.iterations)
                              + " steps: another --order may fit better");
  double radius = 0;
  for (const auto& pole : dsp::poles(fit.filter)) radius = std::max(radius, std::abs(pole));
  if (radius > largest_radius - 1e-5)
    result.warnings.push_back("a pole ran to the largest radius, "
                              + report::format_significant(largest_radius, 4)
                              + ": the recording does not say how slow the device is there");
}

void add_values(ToolReport& result, const RationalFit& fit) {
  const auto order = 2 * fit.filter.sections.size();
  result.values = {{"order", order},          {"numbers in the clone", 2 * order + 1},
                   {"ESR", fit.esr},          {"ESR (dB)", report::Cell::fixed(10 * std::log10(fit.esr), 1)},
                   {"steps", fit.iterations}, {"stopped because", to_string(fit.stop_reason)}};
}

void check_heard(const Recording& recording) {
  const auto& x = recording.samples;
  if (std::all_of(x.begin(), x.end(), [](double sample) { return sample == 0; }))
    throw InputError(recording.name + " is silent: nothing to learn from");
}

} // namespace

Recording read_recording(const std::filesystem::path& path, int channel) {
  const data::Audio audio = data::read_audio(path);
  const auto channels = static_cast<int>(audio.channels.size());
  if (channel == 0 && channels > 1)
    throw InputError(path.string() + " has " + std::to_string(channels)
                     + " channels: say which with --channel 1 to " + std::to_string(channels));
  if (channel > channels)
    throw InputError(path.string() + " has " + std::to_string(channels)
                     + (channels == 1 ? " channel" : " channels") + ", no channel "
                     + std::to_string(channel));
  const auto& samples = audio.channels[static_cast<std::size_t>(std::max(channel, 1) - 1)];
  return {{samples.begin(), samples.end()}, audio.sample_rate, path.string()};
}

std::ptrdiff_t constant_delay(const Recording& dry, const Recording& wet) {
  const std::vector<float> x(dry.samples.begin(), dry.samples.end()),
      y(wet.samples.begin(), wet.samples.end());
  const std::ptrdiff_t peak = std::lround(match::align(x, y, dry.sample_rate).delay_samples);
  return match::causal_delay(dry.samples, wet.samples, peak, match::lowest_causal_delay(peak));
}

ToolReport clone_report(const Recording& dry_file, const Recording& wet_file, const CloneOptions& o) {
  if (dry_file.sample_rate != wet_file.sample_rate)
    throw InputError(wet_file.name + " has " + std::to_string(std::lround(wet_file.sample_rate)) + " Hz, "
                     + dry_file.name + " " + std::to_string(std::lround(dry_file.sample_rate))
                     + " Hz: one rate for both expected");
  const double rate = dry_file.sample_rate;
  check_heard(dry_file);
  check_heard(wet_file);
  const std::ptrdiff_t delay = constant_delay(dry_file, wet_file);
  Recording dry = from_sample(dry_file, -delay), wet = from_sample(wet_file, delay);
  const std::size_t common = std::min(dry.samples.size(), wet.samples.size());
  dry.samples.resize(common);
  wet.samples.resize(common);

  ToolReport result{.title = "A rational clone of " + wet_file.name};
  RationalFit fit;
  try {
    fit = fit_pair(dry, wet, o, result);
  } catch (const InputError& fault) {
    throw InputError(dry_file.name + " and " + wet_file.name + ": " + fault.what());
  }
  add_warnings(result, fit);
  const TransferEstimate estimate = estimate_transfer(dry.samples, wet.samples, rate);
  add_values(result, fit);
  result.values.push_back(
      {"response off where coherent (dB rms)", root_mean_square_db(estimate, fit.filter, rate)});
  result.values.push_back({"delay taken off (samples)", delay});
  if (const double share = incoherent_share(estimate); share > 0.5)
    result.warnings.push_back(
        "over " + std::to_string(std::lround(100 * share))
        + " % of the band the coherence is below 0.5: the device is not linear, changes in "
          "time or is noisy, and no linear clone can be close");
  result.figures.push_back(response_figure(fit.filter, estimate, rate));
  add_filter(result, fit, rate, o.fit.length);
  dsp::Provenance source;
  source.dry = file_name(dry_file);
  source.wet = file_name(wet_file);
  source.delay_samples = static_cast<double>(delay);
  source.sample_rate = rate;
  add_model(result, fit, "Clone of " + *source.wet, source);
  result.files.push_back({"clone.wav", data::wav_bytes(render(fit.filter, dry_file.samples), rate)});
  return result;
}

ToolReport impulse_report(const Recording& response, const CloneOptions& options) {
  CloneOptions o = options;
  o.fit.length = std::min(o.fit.length, response.samples.size());
  ToolReport result{.title = "A rational clone of the impulse response " + response.name};
  check_heard(response);
  RationalFit fit;
  try {
    if (!o.any_order) {
      fit = fit_impulse_response(response.samples, response.sample_rate, o.fit);
    } else {
      std::vector<double> impulse(response.samples.size());
      impulse[0] = 1;
      o.fit.score_all = true;
      o.fit.pre_emphasis_pole = 1;
      fit = fit_pair({impulse, response.sample_rate}, response, o, result);
    }
  } catch (const InputError& fault) {
    throw InputError(response.name + ": " + fault.what());
  }
  add_values(result, fit);
  add_warnings(result, fit);
  add_filter(result, fit, response.sample_rate, o.fit.length);
  dsp::Provenance source;
  source.wet = file_name(response);
  source.sample_rate = response.sample_rate;
  add_model(result, fit, "Clone of " + *source.wet, source);
  result.files.push_back({"clone.wav", data::wav_bytes(impulse_response(fit.filter, response.samples.size()),
                                                       response.sample_rate)});
  return result;
}

} // namespace raphson::optim::tools
