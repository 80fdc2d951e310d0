// A strict reader for the JSON of a safetensors header: a cursor over untrusted bytes that never leaves them.
#pragma once
#include "runtime/text.h"
#include <stddef.h>
#include <stdint.h>

namespace tenon::rt {

class Json {
public:
  Json(const char *bytes, size_t size) : at_(bytes), begin_(bytes), end_(bytes + size) {}

  /// Each is false if something else comes next; the cursor then stays near the place of the mistake.
  bool take(char punctuation);
  /// The decoded string is appended to `text`. No zero bytes.
  bool string(Text &text);
  /// A number without sign, fraction or exponent, below 2^63.
  bool number(uint64_t &value);
  /// Any value at all, nested at most 32 deep.
  bool skip(int depth = 0);
  /// Whether only white space is left.
  bool done();
  size_t position() const { return at_ - begin_; }

private:
  void space();
  bool escape(Text &text);
  bool hex(uint32_t &code);
  const char *at_, *begin_, *end_;
};

} // namespace tenon::rt
