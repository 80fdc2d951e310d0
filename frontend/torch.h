// For LibTorch programs: include this instead of <torch/torch.h>.
#pragma once
#include <tenon/tenon.h>

// What programs of LibTorch get from its headers.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <sstream>

namespace torch = tenon;

namespace tenon {
using std::nullopt;
using std::optional;
} // namespace tenon
namespace c10 {
using std::nullopt;
using std::optional;
using tenon::Error;
} // namespace c10
namespace at {
using tenon::Tensor;
} // namespace at

namespace tenon::detail {
template <typename... Parts> [[noreturn]] void check_failed(Location where, const char *condition, const Parts &...parts) {
  std::ostringstream text;
  if constexpr (sizeof...(parts) == 0)
    text << "expected " << condition;
  ((void)(text << parts), ...);
  throw Error(text.str(), where);
}
} // namespace tenon::detail

/// Throws torch::Error with the rest of its arguments, printed one after the other, unless `condition`.
#define TORCH_CHECK(condition, ...)                                                                                                        \
  do {                                                                                                                                     \
    if (!(condition))                                                                                                                      \
      ::tenon::detail::check_failed(::tenon::Location::current(), #condition __VA_OPT__(, ) __VA_ARGS__);                                  \
  } while (false)

#define AT_ASSERT(...) TORCH_CHECK(__VA_ARGS__)
#define TORCH_ARG(T, name) TENON_ARG(T, name)
#define TORCH_MODULE(Name) TENON_MODULE(Name)
#define TORCH_MODULE_IMPL(Name, ImplType) TENON_MODULE_IMPL(Name, ImplType)
