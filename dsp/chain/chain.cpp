#include "dsp/chain/chain.h"

#include "dsp/error.h"

#include <algorithm>
#include <utility>

namespace raphson::dsp {

const char* to_string(BlockType type) {
  switch (type) {
  case BlockType::compressor:
    return "compressor";
  case BlockType::dynamics:
    return "dynamics";
  case BlockType::saturation:
    return "saturation";
  case BlockType::gru_makeup:
    return "gru";
  case BlockType::rational:
    return "rational";
  case BlockType::equaliser:
    break;
  }
  return "eq";
}

std::span<const Parameter> parameters(BlockType type) {
  switch (type) {
  case BlockType::compressor:
    return Compressor<double>::parameters();
  case BlockType::dynamics:
    return Dynamics<double>::parameters();
  case BlockType::saturation:
    return Saturation<double>::parameters();
  case BlockType::gru_makeup:
    return {};
  case BlockType::rational:
    return RationalStage<double>::parameters();
  case BlockType::equaliser:
    break;
  }
  return ParametricEqualiser<double>::parameters();
}

std::size_t ChainSettings::size() const {
  std::size_t count = 0;
  for (const BlockSettings& block : blocks) count += block.values.size();
  return count;
}

std::vector<double> ChainSettings::values() const {
  std::vector<double> all;
  for (const BlockSettings& block : blocks) all.insert(all.end(), block.values.begin(), block.values.end());
  return all;
}

void ChainSettings::set_values(std::span<const double> values) {
  std::size_t from = 0;
  for (BlockSettings& block : blocks)
    for (double& value : block.values) value = values[from++];
}

const Parameter& ChainSettings::parameter(std::size_t index) const {
  for (const BlockSettings& block : blocks) {
    const auto list = parameters(block.type);
    if (index < list.size()) return list[index];
    index -= list.size();
  }
  throw InputError("the chain " + to_string(*this) + " has no such parameter");
}

std::string ChainSettings::name(std::size_t index) const {
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    const BlockType type = blocks[b].type;
    const auto list = parameters(type);
    if (index >= list.size()) {
      index -= list.size();
      continue;
    }
    if (compresses(type)) return list[index].name;
    const auto earlier = std::count_if(blocks.begin(), blocks.begin() + static_cast<std::ptrdiff_t>(b),
                                       [&](const BlockSettings& other) { return other.type == type; });
    return to_string(type) + (earlier == 0 ? "" : std::to_string(earlier + 1)) + "." + list[index].name;
  }
  throw InputError("the chain " + to_string(*this) + " has no such parameter");
}

std::size_t ChainSettings::index(const std::string& wanted) const {
  for (std::size_t i = 0; i < size(); ++i)
    if (name(i) == wanted) return i;
  throw InputError("unknown parameter '" + wanted + "' in the chain " + to_string(*this));
}

const BlockSettings* ChainSettings::compressor() const {
  for (const BlockSettings& block : blocks)
    if (compresses(block.type)) return &block;
  return nullptr;
}

BlockSettings* ChainSettings::compressor() {
  return const_cast<BlockSettings*>(std::as_const(*this).compressor());
}

std::size_t ChainSettings::first_value(const BlockSettings& wanted) const {
  std::size_t from = 0;
  for (const BlockSettings& block : blocks) {
    if (&block == &wanted) return from;
    from += block.values.size();
  }
  throw InputError("the chain " + to_string(*this) + " has no such block");
}

StaticCurve static_curve(const BlockSettings& block) { return static_curve(block, block.values); }

StaticCurve static_curve(const BlockSettings& block, std::span<const double> values) {
  return block.type == BlockType::dynamics ? StaticCurve::of_dynamics(block.structure, values)
                                           : StaticCurve::of_compressor(values);
}

std::string chain_fault(const ChainSettings& chain) {
  const auto more_than = [&](std::size_t most, auto counts) {
    return static_cast<std::size_t>(std::count_if(chain.blocks.begin(), chain.blocks.end(), counts)) > most;
  };
  const auto of = [](BlockType type) { return [type](const BlockSettings& b) { return b.type == type; }; };
  if (chain.blocks.empty()) return "a chain has at least one block";
  if (more_than(1, [](const BlockSettings& b) { return compresses(b.type); }))
    return "a chain has one compressor or dynamics block";
  if (more_than(1, of(BlockType::saturation))) return "a chain has one block of type \"saturation\"";
  if (more_than(1, of(BlockType::gru_makeup))) return "a chain has one block of type \"gru\"";
  if (more_than(1, of(BlockType::rational))) return "a chain has one block of type \"rational\"";
  if (more_than(2, of(BlockType::equaliser))) return "a chain has two blocks of type \"eq\" at most";
  return "";
}

namespace {

BlockSettings initial_block(BlockType type) {
  BlockSettings block{type, {}};
  for (const Parameter& p : parameters(type)) block.values.push_back(p.initial);
  return block;
}

template <class Enum, std::size_t N>
bool take_word(const std::array<std::string_view, N>& words, std::string_view word, Enum& value) {
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) return false;
  value = static_cast<Enum>(found - words.begin());
  return true;
}

/// One word of "dynamics[...]".
bool take_option(std::string_view word, BlockSettings& block) {
  DynamicsStructure& s = block.structure;
  if (take_word(smoothed_words, word, s.smoothed) || take_word(ballistics_words, word, s.ballistics)
      || take_word(topology_words, word, s.topology) || take_word(rectifier_words, word, s.rectifier))
    return true;
  for (const DynamicsFeature& feature : dynamics_features)
    if (word == feature.word) {
      block.values[feature.switched] = feature.on;
      return true;
    }
  return false;
}

std::string all_options() {
  std::string text;
  const auto add = [&](std::string_view word) { (text += text.empty() ? "" : ", ") += word; };
  for (const std::string_view word : smoothed_words) add(word);
  for (const std::string_view word : ballistics_words) add(word);
  for (const std::string_view word : topology_words) add(word);
  for (const std::string_view word : rectifier_words) add(word);
  for (const DynamicsFeature& feature : dynamics_features) add(feature.word);
  return text;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text)
    if (c == separator)
      parts.emplace_back();
    else
      parts.back() += c;
  return parts;
}

BlockSettings parse_block(const std::string& word, const std::string& text) {
  const std::size_t bracket = word.find('[');
  const std::string name = word.substr(0, bracket);
  if (name == to_string(BlockType::gru_makeup))
    throw InputError("unknown model '" + text
                     + "': a network's weights are no matter of its name; raphson match --gru trains them");
  for (const BlockType type : all_block_types) {
    if (name != to_string(type)) continue;
    BlockSettings block = initial_block(type);
    if (bracket == std::string::npos) return block;
    if (type != BlockType::dynamics)
      throw InputError("unknown model '" + text + "': only dynamics takes options in brackets");
    if (word.back() != ']') throw InputError("unknown model '" + text + "': a ']' is missing");
    for (const std::string& option : split(word.substr(bracket + 1, word.size() - bracket - 2), ','))
      if (!take_option(option, block))
        throw InputError("unknown model '" + text + "': dynamics has no '" + option + "', but "
                         + all_options());
    return block;
  }
  throw InputError("unknown model '" + text
                   + "': known are compressor, dynamics, saturation, eq and rational, joined by + such as"
                     " compressor+eq or dynamics[gain-db,knee]+eq");
}

} // namespace

ChainSettings parse_chain(const std::string& text) {
  ChainSettings chain;
  for (const std::string& word : split(text, '+')) chain.blocks.push_back(parse_block(word, text));
  if (const std::string fault = chain_fault(chain); !fault.empty())
    throw InputError("unknown model '" + text + "': " + fault);
  return chain;
}

const GruWeights* correction(const ChainSettings& chain) {
  for (const BlockSettings& block : chain.blocks)
    if (block.type == BlockType::gru_makeup) return &block.gru;
  return nullptr;
}

void check_corrections(const ChainSettings& chain) {
  const BlockSettings* before = nullptr;
  for (const BlockSettings& block : chain.blocks) {
    if (block.type == BlockType::gru_makeup && (!before || before->type != BlockType::compressor))
      throw InputError("the chain " + to_string(chain)
                       + ": \"gru\" must directly follow the compressor whose gain it corrects");
    before = &block;
  }
}

std::string to_string(const ChainSettings& chain) {
  std::string text;
  for (const BlockSettings& block : chain.blocks) {
    text += (text.empty() ? "" : "+") + std::string(to_string(block.type));
    if (block.type != BlockType::dynamics) continue;
    std::string options;
    const auto add = [&](bool differs, std::string_view word) {
      if (differs) (options += options.empty() ? "" : ",") += word;
    };
    const DynamicsStructure& s = block.structure;
    add(s.smoothed != SmoothedQuantity{}, to_string(s.smoothed));
    add(s.ballistics != Ballistics{}, to_string(s.ballistics));
    add(s.topology != Topology{}, to_string(s.topology));
    add(s.rectifier != Rectifier{}, to_string(s.rectifier));
    for (const DynamicsFeature& feature : dynamics_features) add(is_on(feature, block.values), feature.word);
    if (!options.empty()) text += "[" + options + "]";
  }
  return text;
}

} // namespace raphson::dsp
