// A variational autoencoder of Fashion-MNIST (Kingma and Welling, 2013): 784-400-20-400-784, Adam.
#include "example.h"

using namespace tenon;

struct VaeImpl : nn::Module {
  nn::Linear encoder, mean, log_variance, decoder, pixels;
  VaeImpl(int64_t size = 784, int64_t hidden = 400, int64_t code = 20)
      : encoder(size, hidden), mean(hidden, code), log_variance(hidden, code), decoder(code, hidden), pixels(hidden, size) {
    register_module("encoder", encoder);
    register_module("mean", mean);
    register_module("log_variance", log_variance);
    register_module("decoder", decoder);
    register_module("pixels", pixels);
  }
  Tensor decode(Tensor z) { return pixels(relu(decoder(z))); }
  /// Negative evidence lower bound per image of x [N, size] in [0, 1]; noise [N, code] is standard normal.
  Tensor loss(Tensor x, Tensor noise) {
    auto h = relu(encoder(x)), m = mean(h), v = log_variance(h);
    auto logits = decode(m + noise * (0.5 * v).exp());
    auto reconstruction = F::binary_cross_entropy_with_logits(logits, x, F::BinaryCrossEntropyWithLogitsFuncOptions().reduction(kSum));
    auto divergence = -0.5 * (1 + v - m * m - v.exp()).sum();
    return (reconstruction + divergence) / x.size(0);
  }
};
TENON_MODULE(Vae);

int main() {
  manual_seed(0);
  Vae net;
  optim::Adam optimizer(net->parameters(), optim::AdamOptions(1e-3));
  auto step = compile([&](Tensor x, Tensor) {
    optimizer.zero_grad();
    auto loss = net->loss(x.flatten(1), randn({x.size(0), 20}));
    loss.backward();
    optimizer.step();
    return loss;
  });
  example::train(step, 5, 128);

  NoGradGuard no_grad;
  double total = 0;
  int batches = 0;
  auto test = example::fashion_mnist(500, /*train=*/false);
  for (auto &batch : *test) {
    total += net->loss(batch.data.flatten(1), randn({500, 20})).item<float>();
    ++batches;
  }
  std::printf("test negative evidence lower bound %.2f\n", total / batches);
  example::save_onnx("vae", [&](Tensor z) { return sigmoid(net->decode(z)); }, [](int64_t n) { return TensorList{randn({n, 20})}; });
  example::save_onnx("vae_bound", [&](Tensor x, Tensor noise) { return net->loss(x, noise); }, [](int64_t n) { return TensorList{rand({n, 784}), randn({n, 20})}; });
}
