// TENON_ARG: an option of a builder (`SGDOptions(0.1).momentum(0.9)`): a setter that returns the builder, a getter of the same name.
#pragma once
#include <utility>

#define TENON_ARG(T, name)                                                                                                                 \
public:                                                                                                                                    \
  auto name(const T &new_##name) -> decltype(*this) {                                                                                      \
    this->name##_ = new_##name;                                                                                                            \
    return *this;                                                                                                                          \
  }                                                                                                                                        \
  auto name(T &&new_##name) -> decltype(*this) {                                                                                           \
    this->name##_ = std::move(new_##name);                                                                                                 \
    return *this;                                                                                                                          \
  }                                                                                                                                        \
  const T &name() const noexcept { return this->name##_; }                                                                                 \
  T &name() noexcept { return this->name##_; }                                                                                             \
                                                                                                                                           \
private:                                                                                                                                   \
  T name##_
