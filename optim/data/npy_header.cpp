#include "optim/data/npy_header.h"

#include "dsp/error.h"

#include <charconv>

namespace raphson::optim::data {
namespace {

constexpr std::string_view magic("\x93NUMPY", 6);

/// Reads the dictionary from left to right.
class Reader {
public:
  Reader(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  [[noreturn]] void fail(const std::string& what) const {
    throw InputError("cannot read " + name_ + ": " + what);
  }
  void skip_space() {
    while (!text_.empty() && (text_.front() == ' ' || text_.front() == '\n')) text_.remove_prefix(1);
  }
  bool take(std::string_view token) {
    skip_space();
    if (!text_.starts_with(token)) return false;
    text_.remove_prefix(token.size());
    return true;
  }
  void expect(std::string_view token) {
    if (!take(token)) fail("its NPY header is damaged");
  }
  std::string quoted() {
    skip_space();
    const char quote = text_.empty() ? '\0' : text_.front();
    const std::size_t end = quote == '\'' || quote == '"' ? text_.find(quote, 1) : std::string_view::npos;
    if (end == std::string_view::npos) fail("its NPY header is damaged");
    std::string word(text_.substr(1, end - 1));
    text_.remove_prefix(end + 1);
    return word;
  }
  std::string type() {
    skip_space();
    if (text_.starts_with('[')) fail("NPY of records with named fields, plain numbers expected");
    return quoted();
  }
  bool boolean() {
    if (take("True")) return true;
    expect("False");
    return false;
  }
  std::vector<std::size_t> tuple() {
    std::vector<std::size_t> sizes;
    expect("(");
    while (!take(")")) {
      skip_space();
      std::size_t size = 0;
      const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), size);
      if (error != std::errc()) fail("NPY of an impossible shape");
      text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
      take("L"); // as Python 2 wrote long integers
      sizes.push_back(size);
      if (take(")")) break;
      expect(",");
    }
    return sizes;
  }

private:
  std::string_view text_;
  const std::string& name_;
};

NpyHeader parse_dictionary(std::string_view text, const std::string& name) {
  Reader reader(text, name);
  NpyHeader header;
  bool has_descr = false, has_order = false, has_shape = false;
  reader.expect("{");
  while (!reader.take("}")) {
    const std::string key = reader.quoted();
    reader.expect(":");
    if (key == "descr" && !has_descr) {
      header.descr = reader.type();
      has_descr = true;
    } else if (key == "fortran_order" && !has_order) {
      header.fortran_order = reader.boolean();
      has_order = true;
    } else if (key == "shape" && !has_shape) {
      header.shape = reader.tuple();
      has_shape = true;
    } else {
      reader.fail("its NPY header is damaged");
    }
    if (!reader.take(",")) {
      reader.expect("}");
      break;
    }
  }
  if (!has_descr || !has_order || !has_shape) reader.fail("its NPY header is damaged");
  if (header.shape.empty() || header.shape.size() > 8)
    reader.fail("NPY of " + std::to_string(header.shape.size()) + " dimensions, 1 to 8 expected");
  return header;
}

} // namespace

NpyHeader parse_npy_header(std::string_view file, const std::string& name) {
  const auto byte = [&file](std::size_t i) { return std::size_t{static_cast<unsigned char>(file[i])}; };
  if (!file.starts_with(magic))
    throw InputError("cannot read " + name + ": not NPY: it does not begin as such");
  if (file.size() < 12) throw InputError("cannot read " + name + ": cut off in its header");
  const std::size_t version = byte(6);
  if (version < 1 || version > 3)
    throw InputError("cannot read " + name + ": NPY of version " + std::to_string(version)
                     + ", 1 to 3 expected");
  const std::size_t start = version == 1 ? 10 : 12;
  std::size_t length = byte(8) | byte(9) << 8;
  if (version > 1) length |= byte(10) << 16 | byte(11) << 24;
  if (file.size() - start < length) throw InputError("cannot read " + name + ": cut off in its header");
  NpyHeader header = parse_dictionary(file.substr(start, length), name);
  header.bytes = start + length;
  return header;
}

std::string npy_header(std::span<const std::size_t> shape, const std::string& descr) {
  std::string text = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (";
  for (std::size_t d = 0; d < shape.size(); ++d) text += (d == 0 ? "" : ", ") + std::to_string(shape[d]);
  text += shape.size() == 1 ? ",), }" : "), }";
  constexpr std::size_t before = 10; // magic, version, length
  text.append(63 - (before + text.size()) % 64, ' ');
  text += '\n';
  std::string header(magic);
  header += {'\x01', '\x00', static_cast<char>(text.size() & 255), static_cast<char>(text.size() >> 8)};
  return header + text;
}

} // namespace raphson::optim::data
