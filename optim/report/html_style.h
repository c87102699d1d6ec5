// The style sheet of report pages.
#pragma once

#include <string>

namespace raphson::optim::report {

// Colours are custom properties on :root, one set for light and one for dark, so that a test can hold their
// contrast: --ink, --muted, --good and --warning-ink on --page, --card; --warning-ink on --warning-ground.
std::string page_css();

} // namespace raphson::optim::report
