// Recurrent layers: RNN, LSTM, GRU over whole sequences, and their cells for one step.
#pragma once
#include <tenon/functional/options.h>
#include <tenon/nn/holder.h>

#include <tuple>

namespace tenon::nn {
namespace utils::rnn {
class PackedSequence; // packed_sequence.h
}

#define TENON_RECURRENT_OPTIONS(Name)                                                                                                      \
  Name(int64_t input_size, int64_t hidden_size) : input_size_(input_size), hidden_size_(hidden_size) {}                                    \
  TENON_ARG(int64_t, input_size);                                                                                                          \
  TENON_ARG(int64_t, hidden_size);                                                                                                         \
  TENON_ARG(int64_t, num_layers) = 1;                                                                                                      \
  TENON_ARG(bool, bias) = true;                                                                                                            \
  /** Input and output are [batch, steps, ...] instead of [steps, batch, ...]. */                                                          \
  TENON_ARG(bool, batch_first) = false;                                                                                                    \
  /** Of the outputs of every layer but the last, while training. */                                                                       \
  TENON_ARG(double, dropout) = 0.0;                                                                                                        \
  TENON_ARG(bool, bidirectional) = false
struct LSTMOptions {
  TENON_RECURRENT_OPTIONS(LSTMOptions);
  /// Above 0: h is a projection of o tanh(c) to so many numbers, fewer than hidden_size (Sak et al., arXiv 1402.1128).
  TENON_ARG(int64_t, proj_size) = 0;
};
struct GRUOptions {
  TENON_RECURRENT_OPTIONS(GRUOptions);
};
struct RNNOptions {
  TENON_RECURRENT_OPTIONS(RNNOptions);
  /// kTanh or kReLU.
  TENON_ARG(Nonlinearity, nonlinearity) = kTanh;
};
#undef TENON_RECURRENT_OPTIONS

#define TENON_CELL_OPTIONS(Name)                                                                                                           \
  Name(int64_t input_size, int64_t hidden_size) : input_size_(input_size), hidden_size_(hidden_size) {}                                    \
  TENON_ARG(int64_t, input_size);                                                                                                          \
  TENON_ARG(int64_t, hidden_size);                                                                                                         \
  TENON_ARG(bool, bias) = true
struct LSTMCellOptions {
  TENON_CELL_OPTIONS(LSTMCellOptions);
};
struct GRUCellOptions {
  TENON_CELL_OPTIONS(GRUCellOptions);
};
struct RNNCellOptions {
  TENON_CELL_OPTIONS(RNNCellOptions);
  TENON_ARG(Nonlinearity, nonlinearity) = kTanh;
};
#undef TENON_CELL_OPTIONS

namespace detail {

/// What the layers share: weight_ih_l0 [gates H, in], weight_hh_l0 [gates H, H], bias_ih_l0, bias_hh_l0 [gates H] and with a projection to P numbers weight_hr_l0 [P, H]
/// (weight_hh_l0 is [gates H, P] then), then those of l0_reverse, l1, ...; all start uniform in +-1/sqrt(H), as PyTorch's do.
class RecurrentBase : public Module {
public:
  using Module::Module;
  void reset_parameters();

protected:
  struct Settings {
    int64_t input_size, hidden_size, num_layers;
    bool bias, batch_first, bidirectional;
    double dropout;
    int64_t gates, states;
    enum Kind { Tanh, ReLU, LSTM, GRU } kind;
    int64_t proj_size = 0;
    /// Numbers of the output, and of state i.
    int64_t output_size() const { return proj_size ? proj_size : hidden_size; }
    int64_t state_size(int64_t i) const { return i == 0 ? output_size() : hidden_size; }
  };
  template <class Options> static Settings settings_of(const Options &o, int64_t gates, int64_t states, Settings::Kind kind) {
    return {o.input_size(), o.hidden_size(), o.num_layers(), o.bias(), o.batch_first(), o.bidirectional(), o.dropout(), gates, states, kind};
  }
  void make(const Settings &settings);
  /// The output, then the last states.
  TensorList run(const Settings &settings, const Tensor &input, const TensorList &states, const Tensor &lengths, Location loc) const;
  void print(std::ostream &stream, const Settings &settings) const;

private:
  /// A layer with a projection in one direction: y, h, c. `weights`: w_ih, w_hh, the biases if there are any, w_hr.
  static TensorList projected_lstm(const Tensor &x, const TensorList &states, const TensorList &weights, const Tensor &lengths, bool reverse, Location loc);
};

class CellBase : public Module {
public:
  using Module::Module;
  void reset_parameters();
  Tensor weight_ih, weight_hh, bias_ih, bias_hh;

protected:
  void make(int64_t input_size, int64_t hidden_size, bool bias, int64_t gates);
  /// The sums of input and of state, before any nonlinearity: [B, gates H] each. `states`: checked, and made zeros where they are undefined.
  std::pair<Tensor, Tensor> sums(const Tensor &input, TensorList &states, int64_t input_size, int64_t hidden_size, Location loc) const;
};

} // namespace detail

/// input [T, B, I] (or [T, I]) -> output [T, B, H] and the last state [layers, B, H]; 2 H and 2 layers where it is bidirectional. `hx`: the first states, zeros where it
/// is undefined. `lengths` [B], 64-bit: how long each sequence is, as PyTorch's packed sequences have it: beyond its end output is 0 and the state stays.
/// Errors: sizes that do not fit; dropout outside [0, 1].
class RNNImpl : public Cloneable<RNNImpl, detail::RecurrentBase> {
public:
  RNNImpl(int64_t input_size, int64_t hidden_size) : RNNImpl(RNNOptions(input_size, hidden_size)) {}
  explicit RNNImpl(const RNNOptions &options);
  void reset() override;
  std::tuple<Tensor, Tensor> forward(const Tensor &input, const Tensor &hx = {}, const Tensor &lengths = {}, Location loc = Location::current()) const;
  std::tuple<utils::rnn::PackedSequence, Tensor> forward_with_packed_input(const utils::rnn::PackedSequence &input, const Tensor &hx = {}, Location loc = Location::current()) const;
  void pretty_print(std::ostream &stream) const override;
  RNNOptions options;

private:
  Settings settings() const;
};
TENON_MODULE(RNN);

/// As RNN, with gates in PyTorch's order: input, forget, cell, output. The state is the pair (h, c). With proj_size P, output and h have P in place of H.
class LSTMImpl : public Cloneable<LSTMImpl, detail::RecurrentBase> {
public:
  LSTMImpl(int64_t input_size, int64_t hidden_size) : LSTMImpl(LSTMOptions(input_size, hidden_size)) {}
  explicit LSTMImpl(const LSTMOptions &options);
  void reset() override;
  std::tuple<Tensor, std::tuple<Tensor, Tensor>> forward(const Tensor &input, const std::optional<std::tuple<Tensor, Tensor>> &hx = {}, const Tensor &lengths = {},
                                                         Location loc = Location::current()) const;
  std::tuple<utils::rnn::PackedSequence, std::tuple<Tensor, Tensor>> forward_with_packed_input(const utils::rnn::PackedSequence &input,
                                                                                               const std::optional<std::tuple<Tensor, Tensor>> &hx = {}, Location loc = Location::current()) const;
  void pretty_print(std::ostream &stream) const override;
  LSTMOptions options;

private:
  Settings settings() const;
};
TENON_MODULE(LSTM);

/// As RNN, with gates in PyTorch's order: reset, update, new.
class GRUImpl : public Cloneable<GRUImpl, detail::RecurrentBase> {
public:
  GRUImpl(int64_t input_size, int64_t hidden_size) : GRUImpl(GRUOptions(input_size, hidden_size)) {}
  explicit GRUImpl(const GRUOptions &options);
  void reset() override;
  std::tuple<Tensor, Tensor> forward(const Tensor &input, const Tensor &hx = {}, const Tensor &lengths = {}, Location loc = Location::current()) const;
  std::tuple<utils::rnn::PackedSequence, Tensor> forward_with_packed_input(const utils::rnn::PackedSequence &input, const Tensor &hx = {}, Location loc = Location::current()) const;
  void pretty_print(std::ostream &stream) const override;
  GRUOptions options;

private:
  Settings settings() const;
};
TENON_MODULE(GRU);

/// One step: input [B, I] and state [B, H] -> the next state [B, H].
class RNNCellImpl : public Cloneable<RNNCellImpl, detail::CellBase> {
public:
  RNNCellImpl(int64_t input_size, int64_t hidden_size) : RNNCellImpl(RNNCellOptions(input_size, hidden_size)) {}
  explicit RNNCellImpl(const RNNCellOptions &options);
  void reset() override;
  Tensor forward(const Tensor &input, const Tensor &hx = {}, Location loc = Location::current()) const;
  RNNCellOptions options;
};
TENON_MODULE(RNNCell);

/// One step: the next (h, c).
class LSTMCellImpl : public Cloneable<LSTMCellImpl, detail::CellBase> {
public:
  LSTMCellImpl(int64_t input_size, int64_t hidden_size) : LSTMCellImpl(LSTMCellOptions(input_size, hidden_size)) {}
  explicit LSTMCellImpl(const LSTMCellOptions &options);
  void reset() override;
  std::tuple<Tensor, Tensor> forward(const Tensor &input, const std::optional<std::tuple<Tensor, Tensor>> &hx = {}, Location loc = Location::current()) const;
  LSTMCellOptions options;
};
TENON_MODULE(LSTMCell);

class GRUCellImpl : public Cloneable<GRUCellImpl, detail::CellBase> {
public:
  GRUCellImpl(int64_t input_size, int64_t hidden_size) : GRUCellImpl(GRUCellOptions(input_size, hidden_size)) {}
  explicit GRUCellImpl(const GRUCellOptions &options);
  void reset() override;
  Tensor forward(const Tensor &input, const Tensor &hx = {}, Location loc = Location::current()) const;
  GRUCellOptions options;
};
TENON_MODULE(GRUCell);

} // namespace tenon::nn
