// Example: one sample, or one batch of them, as data and target.
#pragma once
#include <tenon/tensor/tensor.h>

#include <type_traits>

namespace tenon::data {

template <typename Data = Tensor, typename Target = Tensor> struct Example {
  using DataType = Data;
  using TargetType = Target;

  Example() = default;
  Example(Data data, Target target) : data(std::move(data)), target(std::move(target)) {}

  Data data;
  Target target;
};

namespace example {
using NoTarget = void;
} // namespace example

template <typename Data> struct Example<Data, example::NoTarget> {
  using DataType = Data;
  using TargetType = example::NoTarget;

  Example() = default;
  Example(Data data) : data(std::move(data)) {}
  operator Data &() { return data; }
  operator const Data &() const { return data; }

  Data data;
};

/// Computes what an example's tensors wait for, so that the trace of a batch does not depend on which examples are in it: it is compiled once.
template <typename Part> void settle(const Part &part) {
  if constexpr (std::is_same_v<Part, Tensor>) {
    if (part.defined() && part.is_cpu())
      part.const_data_ptr();
  } else if constexpr (requires { part.data; }) {
    settle(part.data);
    if constexpr (requires { part.target; })
      settle(part.target);
  }
}

using TensorExample = Example<Tensor, example::NoTarget>;

} // namespace tenon::data
