#include "optim/cli/network_options.h"

#include <CLI/CLI.hpp>

namespace raphson::cli {

void add_network_options(CLI::App& app, optim::tools::UserNetworkOptions& o) {
  app.add_option("DATA", o.table.file, "A table: CSV, NPY, IDX, a folder of PNG or of recordings")
      ->required();
  app.add_option("--task", o.task, "classify, regress or autoencode")
      ->check(CLI::IsMember({"classify", "regress", "autoencode"}))
      ->type_name("")
      ->capture_default_str();
  app.add_option("--target", o.table.target, "Column of the CSV, or a file of labels: NPY, IDX, CSV")
      ->type_name("COLUMN|FILE");
  app.add_option("--hidden", o.hidden, "Hidden layers; an autoencoder's are mirrored")
      ->delimiter(',')
      ->type_name("N,N")
      ->capture_default_str();
  app.add_option("--code", o.code, "Width of an autoencoder's code")->type_name("N")->capture_default_str();
  app.add_option("--valid", o.held_out, "Share of the rows held out")
      ->type_name("SHARE")
      ->capture_default_str();
  app.add_option("--rows", o.table.rows, "The first so many alone")->type_name("N");
  app.add_option("--leave-out", o.table.leave_out, "Columns of the CSV that are no features")
      ->delimiter(',')
      ->type_name("COLUMNS");
  app.add_option("--sounds", o.table.sounds,
                 "Features of recordings: mfcc, simple, log-mel, log-spectrum, frames")
      ->type_name("KIND")
      ->capture_default_str();
}

} // namespace raphson::cli
