#include "optim/tools/solvers/pama_rewards.h"

#include "dsp/error.h"
#include "optim/data/csv.h"
#include "optim/data/read_file.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <sstream>

namespace raphson::optim::tools {
namespace {

// UTF-8: bytes 10xxxxxx go on from the byte before.
std::vector<std::string> characters(const std::string& line) {
  std::vector<std::string> result;
  for (const char c : line) {
    const bool goes_on = (static_cast<unsigned char>(c) & 0xC0) == 0x80;
    if (goes_on && !result.empty()) {
      result.back() += c;
    } else {
      result.emplace_back(1, c);
    }
  }
  return result;
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> result;
  for (std::string word; stream >> word;) result.push_back(word);
  return result;
}

Reward lexicon_reward(const std::string& spec, const std::string& file,
                      const std::vector<std::string>& words) {
  const auto table = data::read_csv(file);
  std::vector<double> values(words.size(), 0.0);
  int known = 0;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto found = std::find(words.begin() + 1, words.end(), table.text(row, "token"));
    if (found == words.end()) continue;
    values[static_cast<std::size_t>(found - words.begin())] = table.number(row, "value");
    ++known;
  }
  if (known == 0) throw InputError(file + ": no token of it is in the corpus (--chars or --words?)");
  return mean_value_reward(spec, std::move(values));
}

} // namespace

Reward length_reward(double target) {
  if (!(target > 0) || !std::isfinite(target))
    throw InputError("--reward length:TARGET: TARGET must be above 0");
  std::ostringstream name;
  name << "length:" << target;
  return {name.str(), [target](std::span<const int> tokens) {
            return std::clamp(static_cast<double>(tokens.size()) / target, 0.25, 2.0);
          }};
}

Reward mean_value_reward(std::string name, std::vector<double> values) {
  return {std::move(name), [values = std::move(values)](std::span<const int> tokens) {
            double sum = 0;
            for (const int token : tokens) sum += values[static_cast<std::size_t>(token)];
            return tokens.empty() ? 0 : sum / static_cast<double>(tokens.size());
          }};
}

Reward novelty_reward(std::span<const Sequence> corpus, int tokens) {
  auto known = std::make_shared<std::set<std::int64_t>>();
  const auto key = [tokens](std::span<const int> run) {
    return (std::int64_t{run[0]} * tokens + run[1]) * tokens + run[2];
  };
  for (const Sequence& sequence : corpus) {
    for (std::size_t t = 0; t + 3 <= sequence.size(); ++t)
      known->insert(key(std::span(sequence).subspan(t, 3)));
  }
  return {"novelty", [known, key](std::span<const int> sequence) {
            if (sequence.size() < 3) return 0.0;
            std::size_t seen = 0;
            for (std::size_t t = 0; t + 3 <= sequence.size(); ++t)
              seen += known->contains(key(sequence.subspan(t, 3)));
            return 1 - static_cast<double>(seen) / static_cast<double>(sequence.size() - 2);
          }};
}

Reward reward_of(const std::string& spec, std::span<const Sequence> corpus,
                 const std::vector<std::string>& words) {
  if (spec == "novelty") return novelty_reward(corpus, static_cast<int>(words.size()));
  if (spec.starts_with("lexicon:")) return lexicon_reward(spec, spec.substr(8), words);
  if (spec.starts_with("length:")) {
    double target = 0;
    const char *from = spec.data() + 7, *to = spec.data() + spec.size();
    const auto [end, error] = std::from_chars(from, to, target);
    if (error == std::errc() && end == to) return length_reward(target);
  }
  throw InputError("--reward " + spec + ": it must be length:TARGET, lexicon:FILE.csv or novelty");
}

Corpus read_corpus(const std::filesystem::path& path, bool by_words, int longest) {
  std::istringstream text(data::read_file(path));
  std::vector<std::vector<std::string>> lines;
  for (std::string line; std::getline(text, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    auto parts = by_words ? words_of(line) : characters(line);
    if (parts.empty()) continue;
    if (std::ssize(parts) > longest) parts.resize(static_cast<std::size_t>(longest));
    lines.push_back(std::move(parts));
  }
  if (lines.size() < 20) {
    throw InputError(path.string() + ": " + std::to_string(lines.size())
                     + " lines with text; at least 20 are needed");
  }
  std::map<std::string, int> numbers;
  for (const auto& line : lines) {
    for (const auto& word : line) numbers[word] = 0;
  }
  Corpus corpus{{}, {""}, by_words ? " " : ""};
  for (auto& [word, number] : numbers) {
    number = static_cast<int>(corpus.words.size());
    corpus.words.push_back(word);
  }
  for (const auto& line : lines) {
    Sequence sequence;
    for (const auto& word : line) sequence.push_back(numbers[word]);
    corpus.sequences.push_back(std::move(sequence));
  }
  return corpus;
}

std::string written(const Sequence& sequence, const Corpus& corpus) {
  std::string line;
  for (const int token : sequence) {
    line += (line.empty() ? "" : corpus.separator) + corpus.words[static_cast<std::size_t>(token)];
  }
  return line;
}

} // namespace raphson::optim::tools
