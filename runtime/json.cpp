// Reads JSON, RFC 8259.
#include "runtime/json.h"
#include <initializer_list>
#include <string.h>

namespace tenon::rt {

void Json::space() {
  while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t'))
    ++at_;
}

bool Json::done() { return space(), at_ == end_; }

bool Json::take(char punctuation) {
  space();
  return at_ < end_ && *at_ == punctuation ? ++at_, true : false;
}

bool Json::number(uint64_t &value) {
  space();
  const char *first = at_;
  value = 0;
  for (; at_ < end_ && *at_ >= '0' && *at_ <= '9'; ++at_)
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, uint64_t(*at_ - '0'), &value) || value > INT64_MAX)
      return false;
  bool leadingZero = at_ - first > 1 && *first == '0';
  return at_ > first && !leadingZero && (at_ == end_ || (*at_ != '.' && *at_ != 'e' && *at_ != 'E'));
}

bool Json::hex(uint32_t &code) {
  code = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    if (at_ == end_)
      return false;
    char c = *at_;
    int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    if (digit < 0)
      return false;
    code = code << 4 | digit;
  }
  return true;
}

bool Json::escape(Text &text) {
  if (at_ == end_)
    return false;
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  char c = *at_++;
  if (const char *found = c ? strchr(from, c) : nullptr)
    return text.append(to + (found - from), 1), true;
  uint32_t code, low;
  if (c != 'u' || !hex(code) || code == 0)
    return false;
  if (code >= 0xd800 && code < 0xe000) { // half of a pair
    if (code >= 0xdc00 || end_ - at_ < 6 || at_[0] != '\\' || at_[1] != 'u')
      return false;
    at_ += 2;
    if (!hex(low) || low < 0xdc00 || low >= 0xe000)
      return false;
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  }
  char bytes[4];
  size_t size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
  for (size_t i = size; i-- > 1; code >>= 6)
    bytes[i] = char(0x80 | (code & 0x3f));
  bytes[0] = char(lead[size] | code);
  return text.append(bytes, size), true;
}

bool Json::string(Text &text) {
  if (!take('"'))
    return false;
  for (;;) {
    const char *first = at_;
    while (at_ < end_ && *at_ != '"' && *at_ != '\\' && static_cast<unsigned char>(*at_) >= 0x20)
      ++at_;
    text.append(first, at_ - first);
    if (at_ == end_)
      return false;
    if (*at_ == '"')
      return ++at_, true;
    if (*at_ != '\\' || (++at_, !escape(text)))
      return false;
  }
}

bool Json::skip(int depth) {
  space();
  if (at_ == end_ || depth > 32)
    return false;
  if (*at_ == '"') {
    Text ignored;
    return string(ignored);
  }
  if (*at_ == '{' || *at_ == '[') {
    bool object = *at_++ == '{';
    char close = object ? '}' : ']';
    if (take(close))
      return true;
    do {
      Text key;
      if (object && (!string(key) || !take(':')))
        return false;
      if (!skip(depth + 1))
        return false;
    } while (take(','));
    return take(close);
  }
  for (const char *word : {"true", "false", "null"})
    if (size_t size = strlen(word); size_t(end_ - at_) >= size && !memcmp(at_, word, size))
      return at_ += size, true;
  const char *first = at_;
  while (at_ < end_ && *at_ && strchr("+-.eE0123456789", *at_))
    ++at_;
  return at_ > first;
}

} // namespace tenon::rt
