// A strict reader of the XML that reports write: throws std::runtime_error at the first thing that is not
// well-formed. Knows elements, attributes, text and the five entities and character references of XML 1.0; no
// doctype, comments or CDATA, which reports do not use.
#pragma once

#include <cctype>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace raphson::tests {

class XmlChecker {
public:
  explicit XmlChecker(std::string_view text) : text_(text) {}

  // Element names, in the order they open.
  std::vector<std::string> read() {
    skip_space();
    element();
    skip_space();
    if (at_ != text_.size()) fail("content after the root element");
    return names_;
  }

private:
  [[noreturn]] void fail(const std::string& why) const {
    throw std::runtime_error(why + " at " + std::to_string(at_) + ": "
                             + std::string(text_.substr(at_ > 20 ? at_ - 20 : 0, 60)));
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void expect(char c) {
    if (peek() != c) fail(std::string("expected ") + c);
    ++at_;
  }
  void skip_space() {
    while (std::isspace(static_cast<unsigned char>(peek()))) ++at_;
  }
  std::string name() {
    const std::size_t start = at_;
    while (std::isalnum(static_cast<unsigned char>(peek())) || peek() == '-' || peek() == ':'
           || peek() == '_')
      ++at_;
    if (at_ == start || std::isdigit(static_cast<unsigned char>(text_[start]))) fail("expected a name");
    return std::string(text_.substr(start, at_ - start));
  }
  void reference() {
    expect('&');
    const std::size_t end = text_.find(';', at_);
    if (end == text_.npos) fail("unfinished entity");
    const std::string entity(text_.substr(at_, end - at_));
    static const std::set<std::string> known{"amp", "lt", "gt", "quot", "apos", "#39"};
    if (!known.count(entity)) fail("unknown entity " + entity);
    at_ = end + 1;
  }
  void characters(std::string_view stops) {
    while (at_ < text_.size() && stops.find(peek()) == stops.npos) {
      const auto c = static_cast<unsigned char>(peek());
      if (c == '&') {
        reference();
        continue;
      }
      if (c == '<') fail("< inside text");
      if (c < 0x20 && c != '\t' && c != '\n' && c != '\r') fail("control character");
      ++at_;
    }
  }
  void attributes() {
    std::set<std::string> seen;
    for (skip_space(); peek() != '>' && peek() != '/'; skip_space()) {
      if (!std::isspace(static_cast<unsigned char>(text_[at_ - 1]))) fail("no space before an attribute");
      if (!seen.insert(name()).second) fail("attribute twice");
      expect('=');
      expect('"');
      characters("\"");
      expect('"');
    }
  }
  void element() {
    expect('<');
    const std::string tag = name();
    names_.push_back(tag);
    attributes();
    if (peek() == '/') {
      ++at_;
      return expect('>');
    }
    expect('>');
    for (characters("<"); text_.substr(at_, 2) != "</"; characters("<")) element();
    at_ += 2;
    if (name() != tag) fail("closing tag does not match " + tag);
    expect('>');
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::string> names_;
};

} // namespace raphson::tests
