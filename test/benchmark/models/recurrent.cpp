// Recurrent layers over the rows of an image.
#include "../models.h"

using namespace tenon;

template <class Layer, class Options> struct ClassifierImpl : nn::Module {
  Layer layer{Options(28, 128).batch_first(true)};
  nn::Linear fc{128, 10};
  ClassifierImpl() : nn::Module("Classifier") {
    register_module("rnn", layer);
    register_module("fc", fc);
  }
  Tensor forward(Tensor x) { return fc(std::get<0>(layer->forward(x)).select(1, -1)); }
};

template <class Layer, class Options> static Training classifier() {
  nn::ModuleHolder<ClassifierImpl<Layer, Options>> net;
  return training(net, optim::Adam(net->parameters(), optim::AdamOptions(1e-3)), cross_entropy, randn({64, 28, 28}), randint(10, {64}));
}

static Register registered[] = {{"rnn_b64", classifier<nn::RNN, nn::RNNOptions>}, {"lstm_b64", classifier<nn::LSTM, nn::LSTMOptions>}, {"gru_b64", classifier<nn::GRU, nn::GRUOptions>}};
