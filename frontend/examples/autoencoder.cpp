// An autoencoder of Fashion-MNIST with batch normalisation: 784-512-64-512-784, mean squared error, RMSprop.
#include "example.h"

using namespace tenon;

struct AutoencoderImpl : nn::Module {
  nn::Sequential layers;
  AutoencoderImpl(int64_t hidden = 512, int64_t code = 64, int64_t pixels = 784)
      : layers(nn::Linear(pixels, hidden), nn::BatchNorm1d(hidden), nn::Tanh(), nn::Linear(hidden, code), nn::Tanh(),
               nn::Linear(code, hidden), nn::BatchNorm1d(hidden), nn::Tanh(), nn::Linear(hidden, pixels), nn::Sigmoid()) {
    register_module("layers", layers);
  }
  Tensor forward(Tensor x) { return layers->forward(x); }
};
TENON_MODULE(Autoencoder);

int main() {
  manual_seed(0);
  Autoencoder net;
  optim::RMSprop optimizer(net->parameters(), optim::RMSpropOptions(1e-3));
  auto step = compile([&](Tensor x, Tensor) {
    optimizer.zero_grad();
    x = x.flatten(1);
    auto loss = F::mse_loss(net(x), x);
    loss.backward();
    optimizer.step();
    return loss;
  });
  example::train(step, 3, 128);

  NoGradGuard no_grad;
  net->eval();
  double error = 0;
  int batches = 0;
  auto test = example::fashion_mnist(500, /*train=*/false);
  for (auto &batch : *test) {
    auto x = batch.data.flatten(1);
    error += F::mse_loss(net(x), x).item<float>();
    ++batches;
  }
  std::printf("test error %.4f\n", error / batches);
  example::save_onnx("autoencoder", net, [](int64_t n) { return TensorList{rand({n, 784})}; });
}
