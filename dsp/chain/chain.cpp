#include "dsp/chain/chain.h"

#include "dsp/error.h"

#include <algorithm>
#include <utility>

namespace raphson::dsp {

const char* to_string(BlockType type) {
  if (type == BlockType::gru_makeup) return "gru";
  return type == BlockType::compressor ? "compressor" : "eq";
}

std::span<const Parameter> parameters(BlockType type) {
  if (type == BlockType::gru_makeup) return {};
  return type == BlockType::compressor ? Compressor<double>::parameters()
                                       : ParametricEqualiser<double>::parameters();
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
  for (const BlockSettings& block : blocks) {
    const auto list = parameters(block.type);
    if (index < list.size())
      return (block.type == BlockType::compressor ? std::string() : std::string(to_string(block.type)) + ".")
             + list[index].name;
    index -= list.size();
  }
  throw InputError("the chain " + to_string(*this) + " has no such parameter");
}

std::size_t ChainSettings::index(const std::string& wanted) const {
  for (std::size_t i = 0; i < size(); ++i)
    if (name(i) == wanted) return i;
  throw InputError("unknown parameter '" + wanted + "' in the chain " + to_string(*this));
}

ChainSettings parse_chain(const std::string& text) {
  ChainSettings chain;
  bool seen[2] = {};
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t to = std::min(text.find('+', from), text.size());
    const std::string word = text.substr(from, to - from);
    BlockSettings block{
        word == to_string(BlockType::equaliser) ? BlockType::equaliser : BlockType::compressor, {}};
    if (word == to_string(BlockType::gru_makeup))
      throw InputError("unknown model '" + text
                       + "': a network's weights are no matter of its name; raphson match --gru trains them");
    const bool repeated = std::exchange(seen[static_cast<int>(block.type)], true);
    if (repeated || word != to_string(block.type))
      throw InputError("unknown model '" + text
                       + "': known are compressor, compressor+eq, eq+compressor and eq");
    for (const Parameter& p : parameters(block.type)) block.values.push_back(p.initial);
    chain.blocks.push_back(std::move(block));
    from = to + 1;
  }
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
  for (const BlockSettings& block : chain.blocks)
    text += (text.empty() ? "" : "+") + std::string(to_string(block.type));
  return text;
}

} // namespace raphson::dsp
