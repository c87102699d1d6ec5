// Pictures and tables of a rational transfer function.
#pragma once

#include "dsp/filters/rational.h"
#include "optim/report/tool_report.h"
#include "optim/tools/signals/transfer_estimate.h"

#include <vector>

namespace raphson::optim::tools {

/// Until the slowest pole has fallen by 60 dB, a millisecond at least.
std::size_t settling_samples(const dsp::RationalSections<double>& filter, double sample_rate);

/// Each section's poles: frequency, radius, T60 (the time in which they fall by 60 dB).
report::NamedTable pole_table(const dsp::RationalSections<double>& filter, double sample_rate);
report::NamedFigure response_figure(const dsp::RationalSections<double>& filter,
                                    const TransferEstimate& estimate, double sample_rate);
report::NamedFigure kernel_figure(const std::vector<double>& kernel, double sample_rate);
report::NamedFigure pole_figure(const dsp::RationalSections<double>& filter);

} // namespace raphson::optim::tools
