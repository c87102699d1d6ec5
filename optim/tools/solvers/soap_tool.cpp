// raphson soap: trains a small network on a table, images or sounds by SOAP, beside Adam and Shampoo.
#include "optim/cli/network_options.h"
#include "optim/cli/tool.h"

#include "dsp/error.h"
#include "optim/data/npy.h"
#include "optim/data/split.h"
#include "optim/report/text.h"
#include "optim/tools/solvers/soap_demo.h"
#include "optim/tools/solvers/soap_report.h"
#include "optim/tools/solvers/user_network.h"

#include <algorithm>
#include <array>
#include <memory>

namespace raphson::cli {
namespace {

using namespace optim::tools;
using namespace optim;

struct Options {
  UserNetworkOptions network;
  std::vector<double> rates;
  std::vector<std::string> compare{"adam", "shampoo"};
  std::size_t batch = 250;
  int epochs = 10, steps = 0, refresh = 10;
  double decay = 0.01, beta1 = 0.95, beta2 = 0.95;
  bool one_sided = false, factorised = false, eigh = false;
};

std::vector<OptimiserGrid> grids_of(const Options& o, int steps) {
  const Schedule schedule = cosine(steps, steps / 10);
  std::vector<OptimiserGrid> grids{
      {"soap",
       SoapSettings{.beta1 = o.beta1,
                    .beta2 = o.beta2,
                    .decoupled_decay = o.decay,
                    .refresh = o.refresh,
                    .one_sided = o.one_sided,
                    .factorised = o.factorised,
                    .basis = o.eigh ? SoapSettings::Basis::eigh : SoapSettings::Basis::qr},
       {},
       schedule}};
  for (const std::string& name : o.compare) {
    RuleSettings rule = rule_named(name);
    if (auto* adam = std::get_if<AdamSettings>(&rule)) adam->decoupled_decay = o.decay;
    if (auto* shampoo = std::get_if<ShampooSettings>(&rule)) {
      shampoo->refresh = o.refresh;
      shampoo->decoupled_decay = o.decay;
    }
    grids.push_back({name, rule, {}, schedule});
  }
  const std::vector<double> alike{.003, .01, .03}; // for those whose steps are of about Adam's length
  for (OptimiserGrid& grid : grids) {
    const bool is_alike = std::holds_alternative<SoapSettings>(grid.rule)
                          || std::holds_alternative<AdamSettings>(grid.rule)
                          || std::holds_alternative<ShampooSettings>(grid.rule);
    grid.steps = !o.rates.empty() ? o.rates : is_alike ? alike : usual_steps(grid.rule);
  }
  return grids;
}

report::ToolReport run(const Options& o, const ToolRun& tool) {
  const UserNetwork user(o.network, tool.seed);
  if (o.batch < 1 || o.batch > user.training.size())
    throw InputError("--batch: " + std::to_string(o.batch) + " of " + std::to_string(user.training.size())
                     + " training rows, it must be from 1 to as many");
  if (o.epochs < 1 || o.steps < 0) throw InputError("--epochs, --steps-total: at least 1");
  const int per_epoch = static_cast<int>((user.training.size() + o.batch - 1) / o.batch);
  const int steps = o.steps > 0 ? o.steps : o.epochs * per_epoch;
  const OptimiserStudy study =
      run_study<float>(*user.network, user.training, user.held_out_or_null(), grids_of(o, steps),
                       {.batch_size = o.batch,
                        .steps = steps,
                        .look_every = std::max(1, steps / 40),
                        .seed = tool.seed,
                        .threads = tool.threads,
                        .progress = tool.progress});
  const std::size_t g = study.best_grid();
  const GridRun& best = study.best(g);
  if (!best.finite) throw std::runtime_error("every solver diverged at every step size, give smaller --lr");
  report::ToolReport report{.title = "SOAP on " + o.network.table.file.filename().string()};
  const data::Dataset& scored = user.held_out.size() > 0 ? user.held_out : user.training;
  report.values = {
      {"network", nn::to_string(user.network->mlp().spec())},
      {"parameters", static_cast<long>(user.network->layout().size())},
      {"training rows", static_cast<long>(user.training.size())},
      {"held-out rows", static_cast<long>(user.held_out.size())},
      {"steps", steps},
      {"best solver", study.grids[g].name},
      {std::string("held-out ") + user.network->score_name(), user.network->score(best.parameters, scored)}};
  const bool has_adam = std::find(o.compare.begin(), o.compare.end(), "adam") != o.compare.end();
  add_soap_study(study, "soap", has_adam ? "adam" : "soap", "steps", report);
  report.files.push_back({"model.network.json", nn::to_json(user.file(best.parameters))});
  if (user.network->model() == TableModel::autoencoder) {
    const data::RowMatrix codes = user.network->codes(best.parameters, user.all.features);
    const std::array shape{static_cast<std::size_t>(codes.rows()), static_cast<std::size_t>(codes.cols())};
    report.files.push_back(
        {"codes.npy", data::npy_bytes(shape, std::span<const double>(
                                                 codes.data(), static_cast<std::size_t>(codes.size())))});
  }
  return report;
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  add_network_options(app, o->network);
  app.add_option("--epochs", o->epochs, "Times through the rows")->type_name("N")->capture_default_str();
  app.add_option("--steps-total", o->steps, "Steps in place of epochs")->type_name("N");
  app.add_option("--batch", o->batch, "Rows a step")->type_name("N")->capture_default_str();
  app.add_option("--lr", o->rates, "Step sizes to try for each solver; by default three or more that suit it")
      ->delimiter(',')
      ->type_name("LIST");
  app.add_option("--refresh", o->refresh, "Steps between refreshes of the bases")
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--beta1", o->beta1, "Of SOAP: decay of the mean gradient")
      ->type_name("B")
      ->capture_default_str();
  app.add_option("--beta2", o->beta2, "Of SOAP: decay of squares and covariances")
      ->type_name("B")
      ->capture_default_str();
  app.add_option("--decay", o->decay, "Decoupled weight decay of all that have it")
      ->type_name("D")
      ->capture_default_str();
  app.add_flag("--one-sided", o->one_sided, "Rotate the shorter side of each matrix alone");
  app.add_flag("--factorised", o->factorised, "Second moments by rows and columns: Adafactor in the basis");
  app.add_flag("--eigh", o->eigh, "An eigensolver at each refresh in place of a QR");
  app.add_option("--compare", o->compare, "Other solvers beside it")
      ->delimiter(',')
      ->type_name("LIST")
      ->capture_default_str();
  return [o](const ToolRun& r) { return run(*o, r); };
}

const ToolRegistration registration{
    {.family = "Solvers",
     .name = "soap",
     .summary = "A small network trained by SOAP, beside Adam and Shampoo",
     .paper = {"N. Vyas, D. Morwani, R. Zhao, M. Kwun, I. Shapira, D. Brandfonbrener, L. Janson, S. Kakade",
               "SOAP: Improving and Stabilizing Shampoo using Adam", "ICLR 2025", "2409.11321"},
     .about = "SOAP keeps the running covariances of the rows and columns of each weight matrix's gradient, "
              "rotates the "
              "gradient into their eigenvectors, takes Adam's step there and rotates back: fewer steps than "
              "Adam for one "
              "more option, how often the bases are refreshed (by one QR a side).\n\n"
              "This command trains a multilayer perceptron (tanh) on a table, images, or features of "
              "recordings: to "
              "classify, to regress, or as an autoencoder, whose code vectors it writes as codes.npy. Inputs "
              "of an "
              "autoencoder must be in [0, 1] and are scaled into it where they are not. It reports for each "
              "solver the best "
              "step size, the losses, the steps and seconds to the final loss of the best Adam, the share of "
              "time in rotations "
              "and refreshes and the memory of its state, and writes the best model (model.network.json, "
              "which raphson "
              "m-fac prunes). Meant for networks up to some hundred thousand parameters.",
     .set_up = set_up,
     .demo = soap_demo,
     .example = "assets/data/mnist/mnist-10k-images.idx3.gz --task autoencode --rows 1000 --hidden 32 --code "
                "8 --epochs 5 "
                "--compare adam --lr 0.01,0.03"}};

} // namespace
} // namespace raphson::cli
