// ExpandingArray<D>: D numbers, one per spatial dimension; one number stands for all.
#pragma once
#include <tenon/tensor/types.h>

#include <array>
#include <cstddef>
#include <optional>
#include <ostream>
#include <string>

namespace tenon {

template <size_t D, typename T = int64_t> class ExpandingArray {
public:
  /// All D are `all`.
  ExpandingArray(T all) { values_.fill(all); }
  /// D numbers, or one. Throws Error on another count.
  ExpandingArray(std::initializer_list<T> list) { assign(list.begin(), list.size()); }
  ExpandingArray(const std::vector<T> &list) { assign(list.data(), list.size()); }
  ExpandingArray(IntArrayRef list)
    requires std::is_same_v<T, int64_t>
  {
    assign(list.data(), list.size());
  }
  ExpandingArray(const std::array<T, D> &list) : values_(list) {}

  const T &operator[](size_t i) const { return values_[i]; }
  T &operator[](size_t i) { return values_[i]; }
  static constexpr size_t size() { return D; }
  const T *begin() const { return values_.data(); }
  const T *end() const { return values_.data() + D; }
  const std::array<T, D> &operator*() const { return values_; }
  const std::array<T, D> *operator->() const { return &values_; }
  std::vector<T> vec() const { return {begin(), end()}; }
  operator IntArrayRef() const
    requires std::is_same_v<T, int64_t>
  {
    return IntArrayRef(values_.data(), D);
  }

private:
  void assign(const T *from, size_t count) {
    if (count != D && count != 1)
      throw Error("expected " + std::to_string(D) + " values or one for all, got " + std::to_string(count));
    for (size_t i = 0; i < D; ++i)
      values_[i] = from[count == 1 ? 0 : i];
  }
  std::array<T, D> values_;
};

/// Sizes of which some may be "as it is" (nullopt).
template <size_t D> using ExpandingArrayWithOptionalElem = ExpandingArray<D, std::optional<int64_t>>;

/// [3, 3]
template <size_t D> std::ostream &operator<<(std::ostream &out, const ExpandingArray<D> &a) {
  for (size_t i = 0; i < D; ++i)
    out << (i ? ", " : "[") << a[i];
  return out << ']';
}
template <size_t D> std::ostream &operator<<(std::ostream &out, const ExpandingArrayWithOptionalElem<D> &a) {
  for (size_t i = 0; i < D; ++i) {
    out << (i ? ", " : "[");
    a[i] ? out << *a[i] : out << "None";
  }
  return out << ']';
}

} // namespace tenon
