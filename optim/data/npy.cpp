#include "optim/data/npy.h"

#include "dsp/error.h"
#include "dsp/io/atomic_file.h"
#include "optim/data/npy_header.h"
#include "optim/data/read_file.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <type_traits>

namespace raphson::optim::data {
namespace {

static_assert(std::endian::native == std::endian::little, "values are copied as they lie in the file");

template <class T> void convert(std::string_view bytes, std::vector<double>& values) {
  values.resize(bytes.size() / sizeof(T));
  for (std::size_t i = 0; i < values.size(); ++i) {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    values[i] = static_cast<double>(value);
  }
}

struct Type {
  const char* descr;
  std::size_t bytes;
  bool whole_numbers;
  void (*convert)(std::string_view, std::vector<double>&);
};

constexpr Type types[] = {
    {"<f8", 8, false, convert<double>},      {"<f4", 4, false, convert<float>},
    {"|i1", 1, true, convert<std::int8_t>},  {"|u1", 1, true, convert<std::uint8_t>},
    {"<i2", 2, true, convert<std::int16_t>}, {"<u2", 2, true, convert<std::uint16_t>},
    {"<i4", 4, true, convert<std::int32_t>}, {"<u4", 4, true, convert<std::uint32_t>},
    {"<i8", 8, true, convert<std::int64_t>}, {"<u8", 8, true, convert<std::uint64_t>},
    {"|b1", 1, true, convert<std::uint8_t>},
};

const Type& type_of(const std::string& descr, const std::string& name) {
  const auto found = std::find_if(std::begin(types), std::end(types),
                                  [&descr](const Type& type) { return descr == type.descr; });
  if (found != std::end(types)) return *found;
  if (descr.starts_with('>'))
    throw InputError("cannot read " + name + ": NPY of type '" + descr + "', little-endian expected");
  throw InputError("cannot read " + name + ": NPY of type '" + descr
                   + "', float32, float64, an integer type or bool expected");
}

/// Fortran order, the first index fastest, into C order.
std::vector<double> to_c_order(const std::vector<double>& values, const std::vector<std::size_t>& shape) {
  std::vector<double> ordered(values.size());
  std::vector<std::size_t> index(shape.size(), 0);
  for (const double value : values) {
    std::size_t at = 0;
    for (std::size_t d = 0; d < shape.size(); ++d) at = at * shape[d] + index[d];
    ordered[at] = value;
    for (std::size_t d = 0; d < shape.size() && ++index[d] == shape[d]; ++d) index[d] = 0;
  }
  return ordered;
}

std::size_t product(std::span<const std::size_t> shape) {
  std::size_t count = 1;
  for (const std::size_t size : shape) {
    if (size != 0 && count > std::numeric_limits<std::size_t>::max() / 8 / size) return 0;
    count *= size;
  }
  return count;
}

template <class T>
std::string bytes_of(std::span<const std::size_t> shape, std::span<const T> values, const char* descr) {
  if (shape.empty() || values.empty() || product(shape) != values.size())
    throw InputError("an NPY's shape and its number of values (" + std::to_string(values.size())
                     + ") do not match");
  std::string bytes = npy_header(shape, descr);
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  return bytes;
}

} // namespace

NpyArray parse_npy(std::string_view bytes, const std::string& name) {
  const NpyHeader header = parse_npy_header(bytes, name);
  const Type& type = type_of(header.descr, name);
  const std::size_t count = product(header.shape);
  const std::string_view values = bytes.substr(header.bytes);
  if (count == 0)
    throw InputError("cannot read " + name + ": NPY that holds no values, or of an impossible shape");
  if (values.size() < count * type.bytes)
    throw InputError("cannot read " + name + ": cut off after " + std::to_string(values.size() / type.bytes)
                     + " of " + std::to_string(count) + " values");
  if (values.size() > count * type.bytes)
    throw InputError("cannot read " + name + ": longer than its shape says (" + std::to_string(count)
                     + " values)");
  NpyArray array{.shape = header.shape, .values = {}, .whole_numbers = type.whole_numbers};
  type.convert(values, array.values);
  if (header.fortran_order && array.shape.size() > 1) array.values = to_c_order(array.values, array.shape);
  return array;
}

NpyArray read_npy(const std::filesystem::path& path) { return parse_npy(read_file(path), path.string()); }

std::string npy_bytes(std::span<const std::size_t> shape, std::span<const double> values) {
  return bytes_of(shape, values, "<f8");
}
std::string npy_bytes(std::span<const std::size_t> shape, std::span<const float> values) {
  return bytes_of(shape, values, "<f4");
}
std::string npy_bytes(std::span<const std::size_t> shape, std::span<const std::int64_t> values) {
  return bytes_of(shape, values, "<i8");
}

template <class T>
void write_npy(const std::filesystem::path& path, std::span<const std::size_t> shape,
               std::span<const T> values) {
  dsp::write_file(path, npy_bytes(shape, values));
}

template void write_npy(const std::filesystem::path&, std::span<const std::size_t>, std::span<const double>);
template void write_npy(const std::filesystem::path&, std::span<const std::size_t>, std::span<const float>);
template void write_npy(const std::filesystem::path&, std::span<const std::size_t>,
                        std::span<const std::int64_t>);

} // namespace raphson::optim::data
