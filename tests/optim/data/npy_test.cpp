#include "catch.h"
#include "dsp/error.h"
#include "optim/data/npy.h"
#include "scratch_folder.h"

#include <fstream>
#include <numeric>

using namespace raphson;
using namespace raphson::optim::data;
using Catch::Matchers::Contains;

namespace {

/// A file as numpy.save writes it, put together by hand from the format's description.
std::string npy(const std::string& dictionary, const std::string& values, char version = 1) {
  std::string text = dictionary;
  const std::size_t before = version == 1 ? 10 : 12;
  while ((before + text.size() + 1) % 64 != 0) text += ' ';
  text += '\n';
  std::string bytes = "\x93NUMPY";
  bytes += version;
  bytes += '\0';
  const std::size_t length = version == 1 ? 2 : 4;
  for (std::size_t i = 0; i < length; ++i) bytes += static_cast<char>(text.size() >> 8 * i & 255);
  return bytes + text + values;
}

template <class T> std::string raw(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

std::string refusal(const std::string& bytes) {
  try {
    parse_npy(bytes, "a.npy");
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

template <class T> void check_type(const std::string& descr, std::vector<T> values, bool whole) {
  INFO(descr);
  const NpyArray array = parse_npy(
      npy("{'descr': '" + descr + "', 'fortran_order': False, 'shape': (3,), }", raw(values)), "a.npy");
  CHECK(array.shape == std::vector<std::size_t>{3});
  CHECK(array.values == std::vector<double>(values.begin(), values.end()));
  CHECK(array.whole_numbers == whole);
}

} // namespace

TEST_CASE("NPY: every type that is read") {
  check_type<double>("<f8", {1.5, -2.25, 1e300}, false);
  check_type<float>("<f4", {1.5f, -0.1f, 1e30f}, false);
  check_type<std::int8_t>("|i1", {-128, 0, 127}, true);
  check_type<std::uint8_t>("|u1", {0, 1, 255}, true);
  check_type<std::int16_t>("<i2", {-32768, 5, 32767}, true);
  check_type<std::uint16_t>("<u2", {0, 5, 65535}, true);
  check_type<std::int32_t>("<i4", {-2147483647, 5, 2147483647}, true);
  check_type<std::uint32_t>("<u4", {0, 5, 4294967295u}, true);
  check_type<std::int64_t>("<i8", {-9007199254740992, 5, 9007199254740992}, true);
  check_type<std::uint64_t>("<u8", {0, 5, 9007199254740992u}, true);
  check_type<std::uint8_t>("|b1", {0, 1, 1}, true);
}

TEST_CASE("NPY: versions, dimensions and Fortran order") {
  const std::vector<double> counting = {0, 1, 2, 3, 4, 5};
  for (const char version : {char{1}, char{2}, char{3}}) {
    const NpyArray array = parse_npy(
        npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }", raw(counting), version), "a.npy");
    CHECK(array.shape == std::vector<std::size_t>{2, 3});
    CHECK(array.values == counting);
  }
  // numpy.asfortranarray([[0, 1, 2], [3, 4, 5]]) lies in the file as 0 3 1 4 2 5.
  const std::vector<double> columns = {0, 3, 1, 4, 2, 5};
  CHECK(parse_npy(npy("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }", raw(columns)), "a.npy")
            .values
        == counting);
  // Four dimensions: value 1000 i + 100 j + 10 k + l at [i][j][k][l], the first index fastest in the file.
  std::vector<double> fortran, c_order;
  for (int l = 0; l < 2; ++l)
    for (int k = 0; k < 3; ++k)
      for (int j = 0; j < 1; ++j)
        for (int i = 0; i < 4; ++i) fortran.push_back(1000 * i + 100 * j + 10 * k + l);
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 1; ++j)
      for (int k = 0; k < 3; ++k)
        for (int l = 0; l < 2; ++l) c_order.push_back(1000 * i + 100 * j + 10 * k + l);
  CHECK(parse_npy(npy("{'descr': '<f8', 'fortran_order': True, 'shape': (4, 1, 3, 2), }", raw(fortran)),
                  "a.npy")
            .values
        == c_order);
  // Keys in any order and Python 2's long integers, as older files have them.
  CHECK(
      parse_npy(npy("{'shape': (2L, 3L), 'fortran_order': False, 'descr': \"<f8\"}", raw(counting)), "a.npy")
          .shape
      == std::vector<std::size_t>{2, 3});
}

TEST_CASE("NPY: what is written is numpy's own bytes, and is read back") {
  const std::vector<std::size_t> shape = {2, 3}, line = {6};
  const std::vector<double> values = {0.1, -1, 2.5, 1e-300, 4, 5};
  CHECK(npy_bytes(shape, values)
        == npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }", raw(values)));
  CHECK(npy_bytes(line, values)
        == npy("{'descr': '<f8', 'fortran_order': False, 'shape': (6,), }", raw(values)));
  CHECK(npy_bytes(line, values).size() == 128 + 48);
  const std::vector<float> floats(values.begin(), values.end());
  const std::vector<std::int64_t> whole = {1, -2, 3, 4, 5, 1000000000000};
  CHECK(parse_npy(npy_bytes(shape, floats), "a.npy").values
        == std::vector<double>(floats.begin(), floats.end()));
  CHECK(parse_npy(npy_bytes(shape, whole), "a.npy").values
        == std::vector<double>(whole.begin(), whole.end()));
  const ScratchFolder folder;
  write_npy(folder / "a.npy", shape, std::span<const double>(values));
  CHECK(read_npy(folder / "a.npy").values == values);
  const std::vector<std::size_t> wrong = {7};
  CHECK_THROWS_AS(npy_bytes(wrong, values), InputError);
}

TEST_CASE("NPY: what is wrong is said") {
  const std::string two = raw(std::vector<double>{1, 2});
  const auto of = [&](const std::string& descr, const std::string& shape) {
    return npy("{'descr': " + descr + ", 'fortran_order': False, 'shape': " + shape + ", }", two);
  };
  CHECK_THAT(refusal(of("'<f8'", "(2,)")), Contains("accepted"));
  CHECK_THAT(refusal("PK\x03\x04 an npz"), Contains("a.npy: not NPY"));
  CHECK_THAT(refusal(std::string("\x93NUMPY\x01\x00", 8)), Contains("cut off in its header"));
  CHECK_THAT(refusal(of("'<f8'", "(2,)").substr(0, 60)), Contains("cut off in its header"));
  CHECK_THAT(refusal(npy("{}", two, 4)), Contains("version 4, 1 to 3 expected"));
  CHECK_THAT(refusal(of("'>f8'", "(2,)")), Contains("type '>f8', little-endian expected"));
  for (const char* descr : {"'<f2'", "'<c16'", "'|O'", "'<U5'", "'|S8'", "'<M8[ns]'", "''"})
    CHECK_THAT(refusal(of(descr, "(2,)")), Contains(std::string("type ") + descr + ", float32, float64"));
  CHECK_THAT(refusal(of("[('a', '<f4'), ('b', '<f4')]", "(2,)")), Contains("records with named fields"));
  CHECK_THAT(refusal(of("'<f8'", "()")), Contains("0 dimensions, 1 to 8 expected"));
  CHECK_THAT(refusal(of("'<f8'", "(1, 1, 1, 1, 1, 1, 1, 1, 2)")), Contains("9 dimensions"));
  CHECK_THAT(refusal(of("'<f8'", "(0, 2)")), Contains("no values"));
  CHECK_THAT(refusal(of("'<f8'", "(-2,)")), Contains("impossible shape"));
  CHECK_THAT(refusal(of("'<f8'", "(3,)")), Contains("cut off after 2 of 3 values"));
  CHECK_THAT(refusal(of("'<f8'", "(1,)")), Contains("longer than its shape says"));
  for (const char* dictionary :
       {"", "{", "{'descr': '<f8'}",
        "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f8', 'fortran_order': Maybe, 'shape': (2,)}", "{'descr': '<f8, 'fortran_order': False",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), 'more': 1}"})
    CHECK_THAT(refusal(npy(dictionary, two)), Contains("header is damaged"));
}

TEST_CASE("NPY: a promise of many terabytes costs no memory") {
  const std::string three = "abc";
  CHECK_THAT(refusal(npy("{'descr': '<f8', 'fortran_order': True, 'shape': (1000000, 1000000), }", three)),
             Contains("cut off after 0 of 1000000000000 values"));
  CHECK_THAT(
      refusal(npy("{'descr': '<f8', 'fortran_order': True, 'shape': (4294967296, 4294967296, 16), }", three)),
      Contains("impossible shape"));
  CHECK_THAT(
      refusal(npy("{'descr': '<f8', 'fortran_order': True, 'shape': (99999999999999999999,), }", three)),
      Contains("impossible shape"));
}
