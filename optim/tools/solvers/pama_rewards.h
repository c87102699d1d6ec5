// Rewards of token sequences: a number for every sequence, and for every beginning of one, which the value
// functions use as a feature.
#pragma once

#include "optim/tools/solvers/pama_generator.h"

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace raphson::optim::tools {

struct Reward {
  std::string name = {};
  std::function<double(std::span<const int>)> of = {};
  double factor = 1; // of the reward, not of the feature
};

/// clip(length / target, 0.25, 2). Throws InputError unless target > 0.
Reward length_reward(double target);

/// The mean of the tokens' values; 0 for no token. values[0] is that of the end, not used.
Reward mean_value_reward(std::string name, std::vector<double> values);

/// 1 less the share of a sequence's runs of three tokens that the corpus has; 0 for fewer than three tokens.
Reward novelty_reward(std::span<const Sequence> corpus, int tokens);

/// "length:8", "lexicon:FILE.csv" (columns token, value; other tokens count 0) or "novelty". Throws
/// InputError for another, and where a lexicon has no token of the corpus.
Reward reward_of(const std::string& spec, std::span<const Sequence> corpus,
                 const std::vector<std::string>& words);

/// The lines of a text as sequences of characters or of words.
struct Corpus {
  std::vector<Sequence> sequences;
  std::vector<std::string> words; // [token]; the end is ""
  std::string separator;          // between words, when written
};
/// Empty lines are left out, longer ones cut. Throws InputError for fewer than 20 lines.
Corpus read_corpus(const std::filesystem::path& path, bool by_words, int longest);

std::string written(const Sequence& sequence, const Corpus& corpus);

} // namespace raphson::optim::tools
