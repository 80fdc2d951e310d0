// Recurrent layers: parameters, layers and directions around the ops of one layer.
#include <tenon/functional/functional.h>
#include <tenon/nn/init.h>
#include <tenon/nn/rnn.h>

#include "frontend/nn/computed.h"
#include "frontend/tensor/record.h"
#include <cmath>
#include <ostream>

namespace tenon::nn {
namespace detail {

namespace ir = tenon::ir::nn;

static std::string suffix(int64_t layer, bool reverse) { return "_l" + std::to_string(layer) + (reverse ? "_reverse" : ""); }

void RecurrentBase::make(const Settings &s) {
  if (s.input_size <= 0 || s.hidden_size <= 0 || s.num_layers <= 0)
    throw Error(name() + ": expected positive sizes, came input_size " + std::to_string(s.input_size) + ", hidden_size " + std::to_string(s.hidden_size) +
                " and num_layers " + std::to_string(s.num_layers));
  if (s.proj_size < 0 || s.proj_size >= s.hidden_size)
    throw Error(name() + ": expected a proj_size from 0 to below hidden_size " + std::to_string(s.hidden_size) + ", came " + std::to_string(s.proj_size));
  if (!(s.dropout >= 0 && s.dropout <= 1))
    throw Error(name() + ": expected a dropout in [0, 1], came " + std::to_string(s.dropout));
  for (int64_t layer = 0; layer < s.num_layers; ++layer)
    for (bool reverse : {false, true}) {
      if (reverse && !s.bidirectional)
        continue;
      int64_t in = layer == 0 ? s.input_size : s.output_size() * (s.bidirectional ? 2 : 1);
      register_parameter("weight_ih" + suffix(layer, reverse), empty({s.gates * s.hidden_size, in}));
      register_parameter("weight_hh" + suffix(layer, reverse), empty({s.gates * s.hidden_size, s.output_size()}));
      if (s.bias) {
        register_parameter("bias_ih" + suffix(layer, reverse), empty({s.gates * s.hidden_size}));
        register_parameter("bias_hh" + suffix(layer, reverse), empty({s.gates * s.hidden_size}));
      }
      if (s.proj_size)
        register_parameter("weight_hr" + suffix(layer, reverse), empty({s.proj_size, s.hidden_size}));
    }
  reset_parameters();
}

void RecurrentBase::reset_parameters() {
  auto named = named_parameters(false);
  auto *projection = named.find("weight_hr_l0");
  auto hidden = (projection ? *projection : named["weight_hh_l0"]).size(1);
  double bound = 1.0 / std::sqrt(static_cast<double>(hidden));
  for (auto &item : named)
    init::uniform_(item.value(), -bound, bound);
}

TensorList RecurrentBase::run(const Settings &s, const Tensor &given, const TensorList &given_states, const Tensor &lengths, Location loc) const {
  auto [input] = record::autocast<ir::RnnOp>(loc, given); // as all recurrent layers
  TensorList first;
  for (auto &t : given_states)
    first.push_back(record::autocast(ir::RnnOp::getAutocast(), t, loc));
  auto refuse = [&](const std::string &expected, const Tensor &t) { return Error(name() + ": expected " + expected + ", came " + (t.defined() ? record::text(t) : "an undefined tensor"), loc); };
  if (!input.defined() || (input.dim() != 3 && input.dim() != 2) || input.size(-1) != s.input_size || !is_floating_point(input.scalar_type()))
    throw refuse("an input of floating point [steps, batch, " + std::to_string(s.input_size) + "], or without a batch", input);
  bool single = input.dim() == 2, turned = s.batch_first && !single;
  auto x = single ? input.unsqueeze(1, loc) : turned ? input.transpose(0, 1, loc) : input;
  int64_t steps = x.size(0), batch = x.size(1), directions = s.bidirectional ? 2 : 1, all = s.num_layers * directions;
  if (lengths.defined() && (single || lengths.dim() != 1 || lengths.size(0) != batch || lengths.scalar_type() != kLong))
    throw refuse("lengths of dtype int64, one for each of " + std::to_string(batch) + " sequences", lengths);
  TensorList states;
  for (int64_t i = 0; i < s.states; ++i) {
    auto t = size_t(i) < first.size() ? first[size_t(i)] : Tensor();
    Shape shape = single ? Shape{all, s.state_size(i)} : Shape{all, batch, s.state_size(i)};
    if (t.defined() && (t.sizes() != IntArrayRef(shape) || t.scalar_type() != x.scalar_type()))
      throw refuse("a first state of " + std::string(tenon::name(x.scalar_type())) + record::shape_text(shape), t);
    states.push_back(!t.defined() ? record::constant(0, x.scalar_type(), {all, batch, s.state_size(i)}, loc) : single ? t.unsqueeze(1, loc) : t);
  }
  auto dict = named_parameters(false);
  std::vector<TensorList> last(static_cast<size_t>(s.states));
  auto hidden = record::tensor_type({batch, s.hidden_size}, x.scalar_type());
  for (int64_t layer = 0; layer < s.num_layers; ++layer) {
    TensorList outputs;
    for (int64_t d = 0; d < directions; ++d) {
      llvm::SmallVector<Tensor> operands{x};
      TensorList weights, own;
      for (auto &t : states)
        own.push_back(t.select(0, layer * directions + d, loc));
      for (const char *what : {"weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"})
        if (auto name = what + suffix(layer, d == 1); auto *p = dict.find(name))
          weights.push_back(*p);
        else if (auto *computed = detail::Computed::find(*this, name))
          weights.push_back(*computed);
      operands.append(own.begin(), own.end());
      operands.append(weights.begin(), weights.end());
      operands.push_back(lengths);
      llvm::SmallVector<mlir::Type> types{record::tensor_type({steps, batch, s.hidden_size}, x.scalar_type())};
      types.append(static_cast<size_t>(s.states), hidden);
      auto set = [&](auto &p) {
        if (d == 1)
          p.reverse = record::builder().getUnitAttr();
        p.operandSegmentSizes = {1, int32_t(s.states), 1, 1, s.bias ? 2 : 0, lengths.defined() ? 1 : 0};
      };
      TensorList results;
      switch (s.kind) {
      case Settings::Tanh:
        results = record::ops<ir::RnnOp>(operands, loc, set, types);
        break;
      case Settings::ReLU:
        results = record::ops<ir::RnnOp>(operands, loc, [&](auto &p) { set(p), p.relu = record::builder().getUnitAttr(); }, types);
        break;
      case Settings::LSTM:
        results = s.proj_size ? projected_lstm(x, own, weights, lengths, d == 1, loc) : record::ops<ir::LstmOp>(operands, loc, set, types);
        break;
      case Settings::GRU:
        results = record::ops<ir::GruOp>(operands, loc, set, types);
      }
      outputs.push_back(results[0]);
      for (size_t i = 0; i < last.size(); ++i)
        last[i].push_back(results[i + 1]);
    }
    x = outputs.size() == 1 ? outputs[0] : cat(outputs, 2, loc);
    if (s.dropout > 0 && layer + 1 < s.num_layers)
      x = tenon::dropout(x, s.dropout, is_training(), loc);
  }
  TensorList results{single ? x.squeeze(1, loc) : turned ? x.transpose(0, 1, loc) : x};
  for (auto &list : last) {
    auto t = stack(list, 0, loc);
    results.push_back(single ? t.squeeze(1, loc) : t);
  }
  return results;
}

void RecurrentBase::print(std::ostream &stream, const Settings &s) const {
  stream << name() << "(" << s.input_size << ", " << s.hidden_size;
  if (s.num_layers != 1)
    stream << ", num_layers=" << s.num_layers;
  if (s.proj_size)
    stream << ", proj_size=" << s.proj_size;
  if (!s.bias)
    stream << ", bias=false";
  if (s.batch_first)
    stream << ", batch_first=true";
  if (s.dropout != 0)
    stream << ", dropout=" << s.dropout;
  if (s.bidirectional)
    stream << ", bidirectional=true";
  stream << ")";
}

void CellBase::make(int64_t input_size, int64_t hidden_size, bool bias, int64_t gates) {
  if (input_size <= 0 || hidden_size <= 0)
    throw Error(name() + ": expected positive sizes, came input_size " + std::to_string(input_size) + " and hidden_size " + std::to_string(hidden_size));
  weight_ih = register_parameter("weight_ih", empty({gates * hidden_size, input_size}));
  weight_hh = register_parameter("weight_hh", empty({gates * hidden_size, hidden_size}));
  bias_ih = register_parameter("bias_ih", bias ? empty({gates * hidden_size}) : Tensor());
  bias_hh = register_parameter("bias_hh", bias ? empty({gates * hidden_size}) : Tensor());
  reset_parameters();
}

void CellBase::reset_parameters() {
  double bound = 1.0 / std::sqrt(static_cast<double>(weight_hh.size(1)));
  for (auto &p : parameters(false))
    init::uniform_(p, -bound, bound);
}

std::pair<Tensor, Tensor> CellBase::sums(const Tensor &given, TensorList &states, int64_t input_size, int64_t hidden_size, Location loc) const {
  auto [input] = record::autocast<ir::RnnOp>(loc, given);
  auto refuse = [&](const std::string &expected, const Tensor &t) { return Error(name() + ": expected " + expected + ", came " + (t.defined() ? record::text(t) : "an undefined tensor"), loc); };
  if (!input.defined() || (input.dim() != 2 && input.dim() != 1) || input.size(-1) != input_size)
    throw refuse("an input [batch, " + std::to_string(input_size) + "], or without a batch", input);
  Shape shape = input.dim() == 1 ? Shape{hidden_size} : Shape{input.size(0), hidden_size};
  for (auto &t : states) {
    t = record::autocast(ir::RnnOp::getAutocast(), t, loc);
    if (!t.defined())
      t = record::constant(0, input.scalar_type(), shape, loc);
    if (t.sizes() != IntArrayRef(shape) || t.scalar_type() != input.scalar_type())
      throw refuse("a state of " + std::string(tenon::name(input.scalar_type())) + record::shape_text(shape), t);
  }
  return {linear(input, weight_ih, bias_ih, loc), linear(states[0], weight_hh, bias_hh, loc)};
}

} // namespace detail

namespace {
Error no_nonlinearity(const std::string &name) { return Error(name + ": expected the nonlinearity kTanh or kReLU"); }
Tensor part(const Tensor &sums, int64_t k, int64_t hidden, Location loc) { return sums.narrow(-1, k * hidden, hidden, loc); }
Tensor plus(const Tensor &a, const Tensor &b, Location loc) { return a.add(Operand(b, loc)); }
Tensor times(const Tensor &a, const Tensor &b, Location loc) { return a.mul(Operand(b, loc)); }
} // namespace

RNNImpl::RNNImpl(const RNNOptions &options) : Cloneable("RNN"), options(options) { RNNImpl::reset(); }
void RNNImpl::reset() {
  if (options.nonlinearity() != kTanh && options.nonlinearity() != kReLU)
    throw no_nonlinearity("RNN");
  make(settings());
}
RNNImpl::Settings RNNImpl::settings() const { return settings_of(options, 1, 1, options.nonlinearity() == kReLU ? Settings::ReLU : Settings::Tanh); }
std::tuple<Tensor, Tensor> RNNImpl::forward(const Tensor &input, const Tensor &hx, const Tensor &lengths, Location loc) const {
  auto r = run(settings(), input, {hx}, lengths, loc);
  return {r[0], r[1]};
}
void RNNImpl::pretty_print(std::ostream &stream) const { print(stream, settings()); }

LSTMImpl::LSTMImpl(const LSTMOptions &options) : Cloneable("LSTM"), options(options) { LSTMImpl::reset(); }
void LSTMImpl::reset() { make(settings()); }
LSTMImpl::Settings LSTMImpl::settings() const {
  auto s = settings_of(options, 4, 2, Settings::LSTM);
  s.proj_size = options.proj_size();
  return s;
}
std::tuple<Tensor, std::tuple<Tensor, Tensor>> LSTMImpl::forward(const Tensor &input, const std::optional<std::tuple<Tensor, Tensor>> &hx, const Tensor &lengths, Location loc) const {
  auto r = run(settings(), input, hx ? TensorList{std::get<0>(*hx), std::get<1>(*hx)} : TensorList{}, lengths, loc);
  return {r[0], {r[1], r[2]}};
}
void LSTMImpl::pretty_print(std::ostream &stream) const { print(stream, settings()); }

GRUImpl::GRUImpl(const GRUOptions &options) : Cloneable("GRU"), options(options) { GRUImpl::reset(); }
void GRUImpl::reset() { make(settings()); }
GRUImpl::Settings GRUImpl::settings() const { return settings_of(options, 3, 1, Settings::GRU); }
std::tuple<Tensor, Tensor> GRUImpl::forward(const Tensor &input, const Tensor &hx, const Tensor &lengths, Location loc) const {
  auto r = run(settings(), input, {hx}, lengths, loc);
  return {r[0], r[1]};
}
void GRUImpl::pretty_print(std::ostream &stream) const { print(stream, settings()); }

RNNCellImpl::RNNCellImpl(const RNNCellOptions &options) : Cloneable("RNNCell"), options(options) { RNNCellImpl::reset(); }
void RNNCellImpl::reset() {
  if (options.nonlinearity() != kTanh && options.nonlinearity() != kReLU)
    throw no_nonlinearity("RNNCell");
  make(options.input_size(), options.hidden_size(), options.bias(), 1);
}
Tensor RNNCellImpl::forward(const Tensor &input, const Tensor &hx, Location loc) const {
  TensorList states{hx};
  auto [a, r] = sums(input, states, options.input_size(), options.hidden_size(), loc);
  auto sum = plus(a, r, loc);
  return options.nonlinearity() == kReLU ? sum.relu(loc) : sum.tanh(loc);
}

LSTMCellImpl::LSTMCellImpl(const LSTMCellOptions &options) : Cloneable("LSTMCell"), options(options) { LSTMCellImpl::reset(); }
void LSTMCellImpl::reset() { make(options.input_size(), options.hidden_size(), options.bias(), 4); }
std::tuple<Tensor, Tensor> LSTMCellImpl::forward(const Tensor &input, const std::optional<std::tuple<Tensor, Tensor>> &hx, Location loc) const {
  TensorList states{hx ? std::get<0>(*hx) : Tensor(), hx ? std::get<1>(*hx) : Tensor()};
  auto [a, r] = sums(input, states, options.input_size(), options.hidden_size(), loc);
  auto sum = plus(a, r, loc);
  auto gate = [&](int64_t k) { return part(sum, k, options.hidden_size(), loc).sigmoid(loc); };
  auto c = plus(times(gate(1), states[1], loc), times(gate(0), part(sum, 2, options.hidden_size(), loc).tanh(loc), loc), loc);
  return {times(gate(3), c.tanh(loc), loc), c};
}

GRUCellImpl::GRUCellImpl(const GRUCellOptions &options) : Cloneable("GRUCell"), options(options) { GRUCellImpl::reset(); }
void GRUCellImpl::reset() { make(options.input_size(), options.hidden_size(), options.bias(), 3); }
Tensor GRUCellImpl::forward(const Tensor &input, const Tensor &hx, Location loc) const {
  TensorList states{hx};
  auto [a, r] = sums(input, states, options.input_size(), options.hidden_size(), loc);
  auto of = [&](const Tensor &t, int64_t k) { return part(t, k, options.hidden_size(), loc); };
  auto reset = plus(of(a, 0), of(r, 0), loc).sigmoid(loc), z = plus(of(a, 1), of(r, 1), loc).sigmoid(loc);
  auto n = plus(of(a, 2), times(reset, of(r, 2), loc), loc).tanh(loc);
  return plus(n, times(z, states[0].sub(Operand(n, loc)), loc), loc);
}

} // namespace tenon::nn
