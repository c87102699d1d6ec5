#include "optim/data/npy.h"

#include "optim/data/complex_npy.h"

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

template <class T, class To = double> void convert(std::string_view bytes, std::vector<To>& values) {
  values.resize(bytes.size() / sizeof(T));
  for (std::size_t i = 0; i < values.size(); ++i) {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    values[i] = static_cast<To>(value);
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
template <class T>
std::vector<T> to_c_order(const std::vector<T>& values, const std::vector<std::size_t>& shape) {
  std::vector<T> ordered(values.size());
  std::vector<std::size_t> index(shape.size(), 0);
  for (const T& value : values) {
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

namespace {

/// The values' bytes, as many as the shape says.
std::string_view checked_values(std::string_view bytes, const NpyHeader& header, std::size_t bytes_each,
                                const std::string& name) {
  const std::size_t count = product(header.shape);
  const std::string_view values = bytes.substr(header.bytes);
  if (count == 0)
    throw InputError("cannot read " + name + ": NPY that holds no values, or of an impossible shape");
  if (values.size() < count * bytes_each)
    throw InputError("cannot read " + name + ": cut off after " + std::to_string(values.size() / bytes_each)
                     + " of " + std::to_string(count) + " values");
  if (values.size() > count * bytes_each)
    throw InputError("cannot read " + name + ": longer than its shape says (" + std::to_string(count)
                     + " values)");
  return values;
}

} // namespace

NpyArray parse_npy(std::string_view bytes, const std::string& name) {
  const NpyHeader header = parse_npy_header(bytes, name);
  const Type& type = type_of(header.descr, name);
  const std::string_view values = checked_values(bytes, header, type.bytes, name);
  NpyArray array{.shape = header.shape, .values = {}, .whole_numbers = type.whole_numbers};
  type.convert(values, array.values);
  if (header.fortran_order && array.shape.size() > 1) array.values = to_c_order(array.values, array.shape);
  return array;
}

NpyArray read_npy(const std::filesystem::path& path) { return parse_npy(read_file(path), path.string()); }

ComplexNpyArray parse_complex_npy(std::string_view bytes, const std::string& name) {
  const NpyHeader header = parse_npy_header(bytes, name);
  const bool is_single = header.descr == "<c8";
  if (!is_single && header.descr != "<c16") {
    NpyArray array = parse_npy(bytes, name);
    return {std::move(array.shape), {array.values.begin(), array.values.end()}, false};
  }
  const std::string_view values = checked_values(bytes, header, is_single ? 8 : 16, name);
  ComplexNpyArray array{.shape = header.shape, .values = {}, .complex = true};
  if (is_single)
    convert<std::complex<float>>(values, array.values);
  else
    convert<std::complex<double>>(values, array.values);
  if (header.fortran_order && array.shape.size() > 1) array.values = to_c_order(array.values, array.shape);
  return array;
}

ComplexNpyArray read_complex_npy(const std::filesystem::path& path) {
  return parse_complex_npy(read_file(path), path.string());
}

std::string complex_npy_bytes(std::span<const std::size_t> shape,
                              std::span<const std::complex<double>> values) {
  return bytes_of(shape, values, "<c16");
}

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
