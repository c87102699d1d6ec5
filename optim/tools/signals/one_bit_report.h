// `raphson one-bit-unrolling train` and `apply` as reports, and the arrays they read.
#pragma once

#include "optim/report/tool_report.h"
#include "optim/tools/signals/one_bit_model.h"

#include <filesystem>
#include <functional>
#include <string>

namespace raphson::optim::tools {

/// An .npy of one or two axes (one: a single row). Throws InputError for others and for values that are not
/// finite.
RowMatrix read_rows(const std::filesystem::path& file);

/// Unknowns from a recording, by loud_frames; channels are averaged. Throws InputError where there are fewer
/// than 10.
RowMatrix audio_unknowns(const std::filesystem::path& file, std::size_t frame);

struct OneBitRun {
  RowMatrix a = {};
  Examples examples = {};                               ///< y empty: simulated
  std::string a_name = "A", x_name = "X", y_name = "Y"; ///< the files, for messages
  double noise_db = 40;                                 ///< of a simulation
  UnrollingOptions options = {};
};

report::ToolReport one_bit_training_report(const OneBitRun& run);

/// x.npy for the rows of y; `x` are the true ones, or empty. Throws InputError for rows of another width.
report::ToolReport one_bit_apply_report(const OneBitModel& model, const RowMatrix& y, const RowMatrix& x,
                                        std::size_t threads);

/// Where A's and a layer's weights lie and which sign they have.
report::NamedImage matrix_picture(const std::string& name, const RowMatrix& matrix,
                                  const std::string& caption);

} // namespace raphson::optim::tools
