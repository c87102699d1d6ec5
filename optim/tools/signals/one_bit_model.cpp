#include "optim/tools/signals/one_bit_model.h"

#include "dsp/error.h"
#include "optim/data/read_file.h"
#include "optim/engine/fingerprint.h"
#include "optim/engine/parallel.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;

constexpr std::string_view heading{"RaphsonOneBit\0\0\0", 16};
constexpr std::uint32_t version = 1;
static_assert(std::endian::native == std::endian::little, "the file's numbers are written as they lie");

/// The entries of A that are not zero, by unknown: where row i of A^T has them.
struct Entries {
  std::vector<std::size_t> begin; ///< [unknown], one more at the end
  std::vector<Index> row;         ///< of A
  std::vector<double> value;
};

Entries entries_of(const RowMatrix& a) {
  Entries entries;
  for (Index i = 0; i < a.cols(); ++i) {
    entries.begin.push_back(entries.row.size());
    for (Index j = 0; j < a.rows(); ++j)
      if (a(j, i) != 0) {
        entries.row.push_back(j);
        entries.value.push_back(a(j, i));
      }
  }
  entries.begin.push_back(entries.row.size());
  return entries;
}

/// Examples side by side, so that one sign serves them all.
constexpr Index lanes = 16;
using Lanes = Eigen::Array<double, lanes, Eigen::Dynamic>; ///< [example][unknown or observation]

void add_layer(const OneBitModel& model, const Entries& entries, const std::uint8_t* bits, double theta,
               const Lanes& residual, Lanes& x) {
  std::size_t at = 0;
  for (Index i = 0; i < x.cols(); ++i) {
    Eigen::Array<double, lanes, 1> sum = Eigen::Array<double, lanes, 1>::Zero();
    for (const std::size_t end = entries.begin[static_cast<std::size_t>(i) + 1]; at < end; ++at)
      if ((bits[at / 8] >> at % 8 & 1) != 0)
        sum += residual.col(entries.row[at]);
      else
        sum -= residual.col(entries.row[at]);
    sum = x.col(i) + double{model.scale} * sum;
    x.col(i) = theta > 0 ? Eigen::Array<double, lanes, 1>(sum - sum.max(-theta).min(theta)) : sum;
  }
}

void apply_to(const OneBitModel& model, const Entries& entries, const Lanes& y, Lanes& x) {
  x.setZero();
  Lanes residual = y;
  for (std::size_t k = 0; k < model.layers(); ++k) {
    if (k > 0) {
      residual = y;
      for (Index i = 0; i < x.cols(); ++i)
        for (std::size_t at = entries.begin[static_cast<std::size_t>(i)];
             at < entries.begin[static_cast<std::size_t>(i) + 1]; ++at)
          residual.col(entries.row[at]) -= entries.value[at] * x.col(i);
    }
    add_layer(model, entries, model.bits.data() + k * model.bytes_a_layer(), double{model.theta[k]}, residual,
              x);
  }
}

class Reader {
public:
  Reader(std::string bytes, std::string name) : bytes_(std::move(bytes)), name_(std::move(name)) {}
  template <class V> V value() {
    V v;
    std::memcpy(&v, take(sizeof v), sizeof v);
    return v;
  }
  const char* take(std::size_t size) {
    if (size > bytes_.size() - at_) fail("cut off");
    at_ += size;
    return bytes_.data() + at_ - size;
  }
  std::size_t left() const { return bytes_.size() - at_; }
  std::uint64_t fingerprint() const { return Fingerprint().add(bytes_.data(), at_).value(); }
  [[noreturn]] void fail(const std::string& what) const {
    throw InputError(name_ + ": " + what + "; a model of one-bit-unrolling train is needed");
  }

private:
  std::string bytes_, name_;
  std::size_t at_ = 0;
};

template <class V> void append(std::string& bytes, const V& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

Storage storage(double bits, const RowMatrix& a, std::size_t layers) {
  return {bits / (static_cast<double>(layers) * static_cast<double>(a.size())),
          static_cast<std::size_t>(std::ceil(bits / 8))};
}

} // namespace

std::size_t OneBitModel::supported() const { return static_cast<std::size_t>((a.array() != 0).count()); }

Unrolled OneBitModel::expanded() const {
  OneBitNetwork network{scale, theta, {}};
  const std::size_t count = supported();
  for (std::size_t k = 0; k < layers(); ++k) {
    auto& signs = network.signs.emplace_back(count);
    for (std::size_t i = 0; i < count; ++i) signs[i] = (bits[k * bytes_a_layer() + i / 8] >> i % 8 & 1) != 0;
  }
  return network.expanded(a);
}

OneBitModel pack(const OneBitNetwork& network, const RowMatrix& a, Prior prior) {
  OneBitModel model{a, prior, network.scale, network.theta, {}};
  const std::size_t each = model.bytes_a_layer();
  model.bits.assign(each * network.signs.size(), 0);
  for (std::size_t k = 0; k < network.signs.size(); ++k)
    for (std::size_t i = 0; i < network.signs[k].size(); ++i)
      if (network.signs[k][i]) model.bits[k * each + i / 8] |= static_cast<std::uint8_t>(1u << i % 8);
  return model;
}

RowMatrix apply(const OneBitModel& model, const RowMatrix& y, std::size_t threads) {
  if (y.cols() != model.a.rows())
    throw InputError("y has " + std::to_string(y.cols()) + " values a row, the model takes "
                     + std::to_string(model.a.rows()));
  const Entries entries = entries_of(model.a);
  RowMatrix result(y.rows(), model.a.cols());
  const auto groups = static_cast<std::size_t>((y.rows() + lanes - 1) / lanes);
  parallel_for(groups, threads, [&](std::size_t group, std::size_t) {
    const Index first = static_cast<Index>(group) * lanes, count = std::min(lanes, y.rows() - first);
    Lanes some = Lanes::Zero(lanes, y.cols()), x(lanes, model.a.cols());
    some.topRows(count) = y.middleRows(first, count).array();
    apply_to(model, entries, some, x);
    result.middleRows(first, count) = x.topRows(count).matrix();
  });
  return result;
}

std::string to_bytes(const OneBitModel& model) {
  std::string bytes{heading};
  for (const std::uint32_t number :
       {version, static_cast<std::uint32_t>(model.a.rows()), static_cast<std::uint32_t>(model.a.cols()),
        static_cast<std::uint32_t>(model.layers()), model.prior == Prior::sparse ? 0u : 1u})
    append(bytes, number);
  append(bytes, model.scale);
  for (const float theta : model.theta) append(bytes, theta);
  for (Index i = 0; i < model.a.size(); ++i) append(bytes, model.a.data()[i]);
  bytes.append(reinterpret_cast<const char*>(model.bits.data()), model.bits.size());
  append(bytes, Fingerprint().add(bytes.data(), bytes.size()).value());
  return bytes;
}

OneBitModel read_one_bit_model(const std::filesystem::path& path) {
  Reader reader(data::read_file(path), path.string());
  if (reader.left() < heading.size()
      || std::string_view(reader.take(heading.size()), heading.size()) != heading)
    reader.fail("not a one-bit model");
  if (const auto v = reader.value<std::uint32_t>(); v != version)
    reader.fail("version " + std::to_string(v) + " of the model file, this program reads 1");
  const auto m = reader.value<std::uint32_t>(), n = reader.value<std::uint32_t>(),
             layers = reader.value<std::uint32_t>(), prior = reader.value<std::uint32_t>();
  const double size = 8.0 * m * n;
  if (m == 0 || n == 0 || layers == 0 || prior > 1 || size > static_cast<double>(reader.left())
      || layers > reader.left())
    reader.fail("damaged or cut off");
  OneBitModel model{RowMatrix(m, n), prior == 0 ? Prior::sparse : Prior::none, reader.value<float>(), {}, {}};
  for (std::uint32_t k = 0; k < layers; ++k) model.theta.push_back(reader.value<float>());
  for (Index i = 0; i < model.a.size(); ++i) model.a.data()[i] = reader.value<double>();
  const std::size_t count = layers * model.bytes_a_layer();
  const char* const bits = reader.take(count);
  model.bits.assign(bits, bits + count);
  const std::uint64_t fingerprint = reader.fingerprint();
  if (reader.left() != sizeof fingerprint || reader.value<std::uint64_t>() != fingerprint)
    reader.fail("damaged");
  return model;
}

Storage one_bit_storage(const RowMatrix& a, std::size_t layers) {
  const auto signs = static_cast<double>((a.array() != 0).count()) * static_cast<double>(layers);
  return storage(signs + 32 * static_cast<double>(layers + 1), a, layers);
}

Storage full_storage(const RowMatrix& a, std::size_t layers, bool dense) {
  const auto links = static_cast<double>(dense ? a.size() : (a.array() != 0).count());
  return storage(32 * static_cast<double>(layers) * (links + 1), a, layers);
}

Storage ternary_storage(const RowMatrix& a, std::size_t layers) {
  const auto count = static_cast<double>(layers);
  return storage(std::log2(3.0) * static_cast<double>(a.size()) * count + 64 * count, a, layers);
}

} // namespace raphson::optim::tools
