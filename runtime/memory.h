// Memory without the C++ library: arrays of plain data and aligned blocks. Failure is a false or a NULL, never an exception.
#pragma once
#include <assert.h>
#include <new>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <type_traits>

namespace tenon::rt {

/// A zeroed array of plain data whose size is set once.
template <class T> class Array {
  static_assert(std::is_trivially_copyable_v<T>);

public:
  Array() = default;
  Array(const Array &) = delete;
  Array &operator=(const Array &) = delete;
  ~Array() { free(data_); }

  [[nodiscard]] bool allocate(size_t size) {
    free(data_);
    size_ = size;
    return (data_ = static_cast<T *>(calloc(size ? size : 1, sizeof(T))));
  }
  T &operator[](size_t i) { return assert(i < size_), data_[i]; }
  const T &operator[](size_t i) const { return assert(i < size_), data_[i]; }
  T *data() { return data_; }
  const T *data() const { return data_; }
  size_t size() const { return size_; }
  T *begin() { return data_; }
  T *end() { return data_ + size_; }
  const T *begin() const { return data_; }
  const T *end() const { return data_ + size_; }

private:
  T *data_ = nullptr;
  size_t size_ = 0;
};

/// Zeroed memory at a multiple of 64 bytes, or NULL. Pages that nobody touches cost nothing; large blocks ask for huge pages.
void *allocateAligned(size_t bytes);
void freeAligned(void *memory);

/// Objects that are made by C functions: their constructors and destructors run, operator new does not.
template <class T> T *create() {
  void *memory = allocateAligned(sizeof(T));
  return memory ? new (memory) T() : nullptr;
}
template <class T> void destroy(T *object) {
  if (!object)
    return;
  object->~T();
  freeAligned(object);
}

} // namespace tenon::rt
