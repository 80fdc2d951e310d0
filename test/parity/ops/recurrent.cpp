// How the ops of the family `recurrent` are called: modules whose parameters are the case's inputs.
#include "../family.h"

using namespace tenon;
using parity::Op;

namespace {

/// The parameters take the inputs from `first` on, and pass their gradients on to them.
template <class Net> void fill(Net &net, const TensorList &in, size_t first) {
  net->to(in[0].scalar_type());
  for (auto &p : net->parameters()) {
    p.set_requires_grad(false);
    p.copy_(in.at(first++));
  }
}

template <class Options> Options options(const Json &o) {
  Options options(o["sizes"][0].get<int64_t>(), o["sizes"][1].get<int64_t>());
  options.bias(o.value("bias", true));
  if constexpr (requires { options.nonlinearity(kReLU); })
    if (o.value("nonlinearity", "tanh") == "relu")
      options.nonlinearity(kReLU);
  if constexpr (requires { options.proj_size(1); })
    options.proj_size(o.value("proj_size", 0));
  if constexpr (requires { options.num_layers(1); })
    options.num_layers(o.value("num_layers", 1)).bidirectional(o.value("bidirectional", false)).batch_first(o.value("batch_first", false));
  return options;
}

template <class Net, class Options, bool pair> Op layer() {
  return [](const TensorList &in, const Json &o) -> TensorList {
    Net net(options<Options>(o));
    size_t at = 1;
    auto lengths = o.value("lengths", false) ? in.at(at++) : Tensor();
    TensorList first;
    for (int i = 0; o.value("hx", false) && i < (pair ? 2 : 1); ++i)
      first.push_back(in.at(at++));
    fill(net, in, at);
    if constexpr (pair) {
      auto [y, last] = first.empty() ? net->forward(in[0], std::nullopt, lengths) : net->forward(in[0], std::tuple(first[0], first[1]), lengths);
      return {y, std::get<0>(last), std::get<1>(last)};
    } else {
      auto [y, last] = net->forward(in[0], first.empty() ? Tensor() : first[0], lengths);
      return {y, last};
    }
  };
}

template <class Net, class Options, bool pair> Op cell() {
  return [](const TensorList &in, const Json &o) -> TensorList {
    Net net(options<Options>(o));
    fill(net, in, pair ? 3 : 2);
    if constexpr (pair) {
      auto [h, c] = net->forward(in[0], std::tuple(in[1], in[2]));
      return {h, c};
    } else {
      return {net->forward(in[0], in[1])};
    }
  };
}

const parity::Family family("recurrent", {
    {"rnn", layer<nn::RNN, nn::RNNOptions, false>()},
    {"lstm", layer<nn::LSTM, nn::LSTMOptions, true>()},
    {"gru", layer<nn::GRU, nn::GRUOptions, false>()},
    {"rnn_cell", cell<nn::RNNCell, nn::RNNCellOptions, false>()},
    {"lstm_cell", cell<nn::LSTMCell, nn::LSTMCellOptions, true>()},
    {"gru_cell", cell<nn::GRUCell, nn::GRUCellOptions, false>()},
});

} // namespace
