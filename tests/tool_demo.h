// What the test of a tool's experiment asks of it:
//
//   TEST_CASE("Adam's experiment, in short") { check_claims(tools::adam_demo({.brief = true})); }
#pragma once

#include "catch.h"
#include "optim/report/tool_page.h"

/// Every claim, with its figures where it fails; and that the report can be written.
inline void check_claims(const raphson::optim::report::ToolReport& report) {
  CHECK_FALSE(report.claims.empty());
  for (const raphson::optim::report::Claim& claim : report.claims) {
    INFO(claim_text(claim));
    CHECK(claim.holds());
  }
  CHECK_FALSE(report_files(report, {}).empty());
}
