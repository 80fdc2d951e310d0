// A string that grows, for messages and file headers.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace tenon::rt {

class Text {
public:
  Text() = default;
  Text(const Text &) = delete;
  Text &operator=(const Text &) = delete;
  ~Text();

  [[gnu::format(printf, 2, 3)]] void add(const char *format, ...);
  void append(const char *bytes, size_t size);
  /// Never NULL; what fitted into memory.
  const char *c_str() const { return data_ ? data_ : ""; }
  size_t size() const { return size_; }
  bool failed() const { return failed_; }
  /// Hands the string over, to be freed with free(); NULL if memory ran out.
  char *release();

private:
  bool reserve(size_t more);
  char *data_ = nullptr;
  size_t size_ = 0, capacity_ = 0;
  bool failed_ = false;
};

} // namespace tenon::rt
