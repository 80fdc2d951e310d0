// A layer of LSTM whose output is projected: a scan.
#include <tenon/functional/functional.h>
#include <tenon/nn/rnn.h>
#include <tenon/tensor/control.h>
#include <tenon/tensor/value.h>

#include "frontend/tensor/record.h"

namespace tenon::nn::detail {

using tenon::detail::Value;

TensorList RecurrentBase::projected_lstm(const Tensor &x, const TensorList &states, const TensorList &weights, const Tensor &lengths, bool reverse, Location loc) {
  bool biased = weights.size() == 5;
  int64_t hidden = weights.back().size(1);
  TensorList xs{tenon::linear(x, weights[0], biased ? weights[2] : Tensor(), loc)};
  if (lengths.defined())
    xs.push_back(arange(x.size(0), x.options().dtype(kLong), loc));
  auto body = [&](const TensorList &before, const TensorList &slices) {
    Value h{before[0], loc}, c{before[1], loc}, sum = Value{slices[0], loc} + Value{tenon::linear(h.tensor, weights[1], biased ? weights[3] : Tensor(), loc), loc};
    auto part = [&](int64_t k) { return sum.tensor.narrow(1, k * hidden, hidden, loc); };
    auto gate = [&](int64_t k) { return Value{part(k).sigmoid(loc), loc}; };
    Value next = gate(1) * c + gate(0) * Value{part(2).tanh(loc), loc};
    Value y{tenon::linear((gate(3) * Value{next.tensor.tanh(loc), loc}).tensor, weights.back(), {}, loc), loc};
    if (!lengths.defined())
      return std::pair(TensorList{y.tensor, next.tensor}, TensorList{y.tensor});
    Value live = (Value{slices[1], loc} < Value{lengths, loc}).unsqueeze(1);
    return std::pair(TensorList{where(live, y, h).tensor, where(live, next, c).tensor}, TensorList{where(live, y, 0.0).tensor});
  };
  auto [last, outputs] = scan(body, states, xs, ScanOptions().reverse(reverse), loc);
  return {outputs[0], last[0], last[1]};
}

} // namespace tenon::nn::detail
