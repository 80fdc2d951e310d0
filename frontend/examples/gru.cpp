// A classifier of sequences by nn::GRU: Fashion-MNIST images as 28 steps of 28 pixels.
#include "example.h"

using namespace tenon;

struct GRUClassifierImpl : nn::Module {
  nn::GRU gru;
  nn::Linear fc;
  explicit GRUClassifierImpl(int64_t pixels = 28, int64_t hidden = 128) : gru(nn::GRUOptions(pixels, hidden).batch_first(true)), fc(hidden, 10) {
    register_module("gru", gru);
    register_module("fc", fc);
  }
  /// [N, T, pixels]: logits [N, 10], from the last step
  Tensor forward(Tensor x) { return fc(std::get<0>(gru(x)).select(1, x.size(1) - 1)); }
};
TENON_MODULE(GRUClassifier);

int main() {
  manual_seed(0);
  GRUClassifier net;
  optim::Adam optimizer(net->parameters(), optim::AdamOptions(1e-3));
  auto step = compile([&](Tensor x, Tensor y) {
    optimizer.zero_grad();
    auto loss = F::cross_entropy(net(x.squeeze(1)), y);
    loss.backward();
    nn::utils::clip_grad_norm_(net->parameters(), 1.0);
    optimizer.step();
    return loss;
  });
  example::train(step, 3);
  std::printf("test accuracy %.4f\n", example::accuracy([&](Tensor x) { return net(x.squeeze(1)); }));
  example::save_onnx("gru", net, [](int64_t n) { return TensorList{rand({n, 28, 28})}; });
}
