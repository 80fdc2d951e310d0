// Growing strings.
#include "runtime/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

namespace tenon::rt {

Text::~Text() { free(data_); }

bool Text::reserve(size_t more) {
  if (failed_ || more > SIZE_MAX / 4 - size_)
    return failed_ = true, false;
  if (size_ + more + 1 <= capacity_)
    return true;
  size_t capacity = (size_ + more + 1) * 2;
  char *grown = static_cast<char *>(realloc(data_, capacity));
  if (!grown)
    return failed_ = true, false;
  data_ = grown, capacity_ = capacity;
  return true;
}

void Text::append(const char *bytes, size_t size) {
  if (!reserve(size))
    return;
  memcpy(data_ + size_, bytes, size);
  data_[size_ += size] = 0;
}

void Text::add(const char *format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  int size = vsnprintf(nullptr, 0, format, arguments);
  if (size >= 0 && reserve(size))
    vsnprintf(data_ + size_, size + 1, format, again), size_ += size;
  va_end(again);
  va_end(arguments);
}

char *Text::release() {
  append("", 0); // an empty string is still a string
  char *data = failed_ ? nullptr : data_;
  if (failed_)
    free(data_);
  data_ = nullptr, size_ = capacity_ = 0;
  return data;
}

} // namespace tenon::rt
