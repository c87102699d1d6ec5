#include "optim/tools/signals/one_bit_report.h"

#include "dsp/error.h"
#include "optim/data/npy.h"
#include "optim/data/png_image.h"
#include "optim/data/split.h"
#include "optim/report/text.h"
#include "optim/tools/signals/one_bit_bounds.h"
#include "optim/tools/signals/one_bit_problems.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {
namespace {

using report::Cell;
using report::ToolReport;

void check_range(const RowMatrix& values, const std::string& name) {
  constexpr double least = 1e-100, most = 1e100;
  const double largest = values.cwiseAbs().maxCoeff();
  if (largest != 0 && (largest < least || largest > most))
    throw InputError(name + ": its largest value is " + report::format_significant(largest, 3)
                     + ", from 1e-100 to 1e100 would be right");
}

/// A network with what it takes to keep it.
struct Entrant {
  const char* name;
  Unrolled network;
  Storage storage = {};
  std::vector<double> held_out = {}, training = {}; ///< NMSE by layer
};

struct Comparison {
  Examples training, held_out;
  std::vector<Entrant> entrants;
  OneBitModel model;
};

enum { classic, full, signs_alone, one_bit }; // of the entrants

Comparison compare(const OneBitRun& run) {
  const RowMatrix& a = run.a;
  const auto count = static_cast<std::size_t>(run.examples.x.rows());
  if (run.examples.x.cols() != a.cols())
    throw InputError(run.x_name + ": " + std::to_string(run.examples.x.cols()) + " columns, " + run.a_name
                     + " has " + std::to_string(a.cols()) + ": as many unknowns are needed");
  if (count < 10)
    throw InputError(run.x_name + ": " + std::to_string(count) + " examples, at least 10 are needed");
  if ((run.examples.x.array() == 0).all()) throw InputError(run.x_name + ": all examples are zero");
  check_range(a, run.a_name);
  check_range(run.examples.x, run.x_name);
  Examples all = run.examples;
  if (all.y.size() == 0) all.y = observe(a, all.x, run.noise_db, run.options.seed);
  if (all.y.rows() != all.x.rows() || all.y.cols() != a.rows())
    throw InputError(run.y_name + ": " + std::to_string(all.y.rows()) + " x " + std::to_string(all.y.cols())
                     + "; with " + run.x_name + " and " + run.a_name + " it is to be " + std::to_string(count)
                     + " x " + std::to_string(a.rows()));
  const data::Split split = data::split_rows(count, count - count / 5, count / 5, run.options.seed);
  Comparison c;
  c.training = {all.x(split.training, Eigen::all), all.y(split.training, Eigen::all)};
  c.held_out = {all.x(split.held_out, Eigen::all), all.y(split.held_out, Eigen::all)};
  const UnrollingOptions& o = run.options;
  const Unrolled precise = train_full_precision(a, c.training, o);
  const OneBitNetwork network = train_one_bit(precise, a, c.training, o);
  c.model = pack(network, a, o.prior);
  c.entrants = {
      {"classic iteration", tuned_classic_iteration(a, c.training.y, c.training.x, o.layers, o.prior)},
      {"full precision on A's support", precise, full_storage(a, o.layers, false)},
      {"its signs alone", to_one_bit(precise, a).expanded(a), one_bit_storage(a, o.layers)},
      {"one-bit", c.model.expanded(), one_bit_storage(a, o.layers)}};
  for (Entrant& e : c.entrants) {
    e.held_out = nmse_by_layer(e.network, a, c.held_out.y, c.held_out.x);
    e.training = nmse_by_layer(e.network, a, c.training.y, c.training.x);
  }
  return c;
}

report::NamedTable comparison_table(const Comparison& c) {
  report::Table table{{{"network"},
                       {"NMSE, held out (dB)"},
                       {"training (dB)"},
                       {"gap: held out less training (dB)"},
                       {"bits a link"},
                       {"bytes"}},
                      {}};
  for (const Entrant& e : c.entrants) {
    const bool stored = e.storage.bytes > 0;
    table.rows.push_back({e.name, Cell::fixed(e.held_out.back(), 2), Cell::fixed(e.training.back(), 2),
                          Cell::fixed(e.held_out.back() - e.training.back(), 2),
                          stored ? Cell(e.storage.bits_a_link) : Cell("-"),
                          stored ? Cell(e.storage.bytes) : Cell("-")});
  }
  return {"errors", "The same number of steps each; A itself is stored beside", table};
}

report::NamedTable layer_table(const Comparison& c, const UnrollingBounds& bounds) {
  report::Table table{{{"layer"},
                       {"theta"},
                       {"c = |I - W A|, spectral norm"},
                       {"|W|, spectral norm"},
                       {"NMSE after it, held out (dB)"}},
                      {}};
  for (std::size_t k = 0; k < c.model.layers(); ++k)
    table.rows.push_back({k + 1, double{c.model.theta[k]}, bounds.contraction[k], bounds.weight_norm[k],
                          Cell::fixed(c.entrants[one_bit].held_out[k], 2)});
  return {"layers", "The one-bit network, layer by layer", table};
}

report::NamedFigure layer_figure(const Comparison& c) {
  report::Plot plot{"", {"Layer", "", report::Scale::count}, {"NMSE, held out", "dB"}, {}};
  for (const int k : {classic, full, one_bit}) {
    const Entrant& e = c.entrants[static_cast<std::size_t>(k)];
    report::Series series{.name = e.name, .y = e.held_out};
    for (std::size_t i = 1; i <= e.held_out.size(); ++i) series.x.push_back(static_cast<double>(i));
    plot.series.push_back(std::move(series));
  }
  return {"error-by-layer", {{plot}, {640, 380}, "Error of x after each layer"}};
}

void add_warnings(const Comparison& c, const OneBitRun& run, const UnrollingBounds& bounds, ToolReport& out) {
  const double one = c.entrants[one_bit].held_out.back(), plain = c.entrants[classic].held_out.back(),
               precise = c.entrants[full].held_out.back();
  if (precise > plain)
    out.warnings.push_back(
        "training did not reach the classic iteration, even in full precision it is worse by "
        + report::format_fixed(precise - plain, 1)
        + " dB: more --epochs, more examples or another --rate would be right");
  else if (one > plain)
    out.warnings.push_back(
        "one bit is worse here than the classic iteration with as many steps, by "
        + report::format_fixed(one - plain, 1)
        + " dB: signs of one scale cannot follow weights of many sizes; use the iteration, "
          "or more layers");
  if (c.model.supported() == static_cast<std::size_t>(run.a.size()))
    out.warnings.push_back(
        "A has no zeros: there is no structure to save by, and one bit a link is the floor");
  const auto contracting = std::count_if(bounds.contraction.begin(), bounds.contraction.end(),
                                         [](double value) { return value < 1; });
  out.paragraphs.push_back(
      contracting == std::ssize(bounds.contraction)
          ? "Every layer brings any error closer (c < 1): convergence is certain, by a factor of "
                + report::format_significant(bounds.error, 3) + " at least without noise and prior."
          : std::to_string(contracting) + " of " + std::to_string(bounds.contraction.size())
                + " layers bring any error closer (c < 1): convergence is not certain for every x"
                + (run.a.rows() < run.a.cols() ? ", as it cannot be with fewer observations than unknowns; "
                                                 "on such x as it was trained "
                                                 "on the error is as below."
                                               : ", on such x as it was trained on the error is as below."));
}

} // namespace

RowMatrix read_rows(const std::filesystem::path& file) {
  const data::NpyArray array = data::read_npy(file);
  if (array.shape.size() > 2)
    throw InputError(file.string() + ": an array of " + std::to_string(array.shape.size())
                     + " axes, rows of a matrix are needed");
  const auto columns = static_cast<Eigen::Index>(array.shape.back());
  const RowMatrix rows = Eigen::Map<const RowMatrix>(
      array.values.data(), static_cast<Eigen::Index>(array.values.size()) / columns, columns);
  for (Eigen::Index i = 0; i < rows.size(); ++i)
    if (!std::isfinite(rows.data()[i]))
      throw InputError(file.string() + ": row " + std::to_string(i / columns + 1) + ", column "
                       + std::to_string(i % columns + 1) + " is not finite");
  return rows;
}

RowMatrix audio_unknowns(const std::filesystem::path& file, std::size_t frame) {
  if (std::filesystem::is_directory(file))
    throw InputError("--audio " + file.string() + ": a folder; one recording would be right");
  RowMatrix unknowns = loud_frames(data::read_clips(file), frame);
  if (unknowns.rows() < 10)
    throw InputError(file.string() + ": " + std::to_string(unknowns.rows()) + " frames of "
                     + std::to_string(frame)
                     + " samples are louder than -30 dB of full scale, at least 10 are needed");
  return unknowns;
}

report::NamedImage matrix_picture(const std::string& name, const RowMatrix& matrix,
                                  const std::string& caption) {
  const double largest = matrix.cwiseAbs().maxCoeff();
  const int scale = std::max(1, static_cast<int>(320 / std::max(matrix.rows(), matrix.cols())));
  const RowMatrix levels = (0.5 + 0.5 / (largest > 0 ? largest : 1) * matrix.array()).matrix();
  return {name, data::png_bytes(data::grey_image(levels, scale)), caption};
}

ToolReport one_bit_training_report(const OneBitRun& run) {
  const Comparison c = compare(run);
  const UnrollingBounds bounds = bounds_of(c.entrants[one_bit].network, run.a);
  std::string model = to_bytes(c.model);
  ToolReport out{.title = "A solver of y = A x in " + std::to_string(run.options.layers) + " one-bit layers"};
  out.values = {{"unknowns", static_cast<long>(run.a.cols())},
                {"observations", static_cast<long>(run.a.rows())},
                {"entries of A that are not zero", c.model.supported()},
                {"training examples", static_cast<long>(c.training.x.rows())},
                {"held-out examples", static_cast<long>(c.held_out.x.rows())},
                {"scale of all weights", double{c.model.scale}},
                {"bits a link", one_bit_storage(run.a, run.options.layers).bits_a_link},
                {"full precision, dense (bytes)", full_storage(run.a, run.options.layers, true).bytes},
                {"one-bit (bytes)", one_bit_storage(run.a, run.options.layers).bytes},
                {"model.onebit (bytes)", model.size()},
                {"of which A", sizeof(double) * static_cast<std::size_t>(run.a.size())},
                {"bound of the error, prod c", bounds.error},
                {"bound of the change of x by that of y", bounds.sensitivity}};
  out.tables = {comparison_table(c), layer_table(c, bounds)};
  out.figures.push_back(layer_figure(c));
  out.images = {matrix_picture("operator", run.a, "A: white above zero, black below, grey where it is zero"),
                matrix_picture("signs", c.entrants[one_bit].network.w.back(),
                               "The signs of the last layer, zero where the transpose of A is")};
  add_warnings(c, run, bounds, out);
  out.files.push_back({"model.onebit", std::move(model)});
  return out;
}

ToolReport one_bit_apply_report(const OneBitModel& model, const RowMatrix& y, const RowMatrix& x,
                                std::size_t threads) {
  const RowMatrix estimate = apply(model, y, threads);
  ToolReport out{.title = "x from y by a one-bit network"};
  const std::size_t additions = model.layers() * model.supported();
  out.values = {{"rows", static_cast<long>(y.rows())},
                {"layers", model.layers()},
                {"additions a row in place of products with W", additions}};
  check_range(y, "Y");
  if (y.norm() > 0)
    out.values.emplace_back("|y - A x| / |y|", (y - estimate * model.a.transpose()).norm() / y.norm());
  if (x.size() > 0) {
    if (x.rows() != estimate.rows() || x.cols() != estimate.cols())
      throw InputError("--truth is " + std::to_string(x.rows()) + " x " + std::to_string(x.cols()) + ", "
                       + std::to_string(estimate.rows()) + " x " + std::to_string(estimate.cols())
                       + " is needed");
    out.values.emplace_back("NMSE (dB)", nmse_db(estimate, x));
  }
  const std::size_t shape[] = {static_cast<std::size_t>(estimate.rows()),
                               static_cast<std::size_t>(estimate.cols())};
  out.files.push_back(
      {"x.npy", data::npy_bytes(shape, std::span<const double>(estimate.data(),
                                                               static_cast<std::size_t>(estimate.size())))});
  return out;
}

} // namespace raphson::optim::tools
