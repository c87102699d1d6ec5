#include "optim/engine/cosine_dictionary.h"
#include "optim/tools/signals/best_terms.h"
#include "optim/tools/signals/dictionary_plots.h"
#include "optim/tools/signals/lp_demo_parts.h"

namespace raphson::optim::tools {

void lp_digits(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options) {
  constexpr Eigen::Index most = 32, terms = 5;
  report::Table table{{{"seed"}, {"p = 3"}, {"p = 4"}, {"cosines (DCT)"}, {"principal axes"}}, {}};
  for (const std::uint64_t seed : seeds) {
    options.say("digits, seed " + std::to_string(seed));
    const SignalColumns patches = digit_patches(options.brief ? 4000 : 8000, 1000, seed);
    const auto learnt = [&](double p) {
      return learn_lp_dictionary(columns_of(patches.training),
                                 {.p = p,
                                  .orthogonal = true,
                                  .restarts = 1,
                                  .maximum_iterations = options.brief ? 50 : 100,
                                  .seed = seed})
          .dictionary;
    };
    const auto errors = [&](const Matrix& d) { return orthonormal_term_errors(d, patches.held_out, most); };
    const Matrix third = learnt(3);
    const auto p3 = errors(third), p4 = errors(learnt(4)), cosines = errors(cosine_dictionary(8, 8, 8, 8)),
               axes = errors(principal_basis(patches.training));
    table.rows.push_back({seed, p3[terms - 1], p4[terms - 1], cosines[terms - 1], axes[terms - 1]});
    const std::string name = ", seed " + std::to_string(seed);
    report.claims.push_back(
        report::at_least("digits, 5 of 64 coefficients: DCT's error less that of p = 3" + name,
                         cosines[terms - 1] - p3[terms - 1], 0.015));
    report.claims.push_back(report::at_least("principal axes' error less that of p = 3" + name,
                                             axes[terms - 1] - p3[terms - 1], 0.015));
    if (seed != seeds.front()) continue;
    report.figures.push_back(
        term_figure({{"p = 3", p3}, {"p = 4", p4}, {"cosines (DCT)", cosines}, {"principal axes", axes}},
                    "Held-out patches of digits from their best coefficients"));
    add_atoms(report, third, patches, "Atoms learnt on patches of digits, p = 3");
  }
  report.tables.push_back(
      {"digits", "Held-out 8 x 8 patches of digits from 5 of 64 coefficients, relative error", table});
}

} // namespace raphson::optim::tools
