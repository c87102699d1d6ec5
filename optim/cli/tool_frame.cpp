#include "optim/cli/tool_frame.h"

#include "dsp/error.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace raphson::cli {
namespace {

constexpr std::size_t most_seeds = 10000;

[[noreturn]] void refuse_seeds(const std::string& list) {
  throw InputError("--seeds: '" + list + "' is no list of seeds, such as 1,2,3 or 1-5, of at most "
                   + std::to_string(most_seeds));
}

std::uint64_t parse_seed(std::string_view text, const std::string& list) {
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc() || end != text.data() + text.size()) refuse_seeds(list);
  return seed;
}

} // namespace

std::string paper_text(const Paper& paper) {
  std::string out = std::string(paper.authors) + ", \"" + paper.title + "\"";
  if (*paper.venue) out += std::string(", ") + paper.venue;
  if (*paper.arxiv) out += std::string(", arXiv ") + paper.arxiv;
  return out;
}

std::vector<std::uint64_t> parse_seeds(const std::string& list) {
  std::vector<std::uint64_t> seeds;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    const std::string_view item = std::string_view(list).substr(at, end - at);
    const std::size_t dash = std::min(item.find('-'), item.size());
    const std::uint64_t first = parse_seed(item.substr(0, dash), list);
    const std::uint64_t last = dash < item.size() ? parse_seed(item.substr(dash + 1), list) : first;
    if (last < first || last - first >= most_seeds - seeds.size()) refuse_seeds(list);
    for (std::uint64_t i = 0; i <= last - first; ++i) seeds.push_back(first + i);
    at = end + 1;
  }
  return seeds;
}

} // namespace raphson::cli
