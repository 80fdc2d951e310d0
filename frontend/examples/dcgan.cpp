// DCGAN (Radford et al., 2015) on Fashion-MNIST: transposed convolutions make images, convolutions judge them. Its result is the
// distance between the mean images of 1000 made and 1000 real ones (0.3 at the start).
#include "example.h"

using namespace tenon;

static nn::Sequential make_generator(int64_t code, int64_t width) {
  return nn::Sequential(nn::ConvTranspose2d(nn::ConvTranspose2dOptions(code, 4 * width, 7).bias(false)), nn::BatchNorm2d(4 * width), nn::ReLU(),
                        nn::ConvTranspose2d(nn::ConvTranspose2dOptions(4 * width, 2 * width, 4).stride(2).padding(1).bias(false)), nn::BatchNorm2d(2 * width), nn::ReLU(),
                        nn::ConvTranspose2d(nn::ConvTranspose2dOptions(2 * width, 1, 4).stride(2).padding(1)), nn::Tanh());
}
static nn::Sequential make_discriminator(int64_t width) {
  auto leaky = [] { return nn::LeakyReLU(nn::LeakyReLUOptions().negative_slope(0.2)); };
  return nn::Sequential(nn::Conv2d(nn::Conv2dOptions(1, width, 4).stride(2).padding(1)), leaky(),
                        nn::Conv2d(nn::Conv2dOptions(width, 2 * width, 4).stride(2).padding(1).bias(false)), nn::BatchNorm2d(2 * width), leaky(),
                        nn::Conv2d(nn::Conv2dOptions(2 * width, 1, 7)));
}
/// Mean loss of [N, 1, 1, 1] judgements that should say real (1) or made (0).
static Tensor judge(Tensor logits, double real) { return F::binary_cross_entropy_with_logits(logits, full_like(logits, real)); }

int main() {
  manual_seed(0);
  constexpr int64_t code = 64, batch = 64;
  auto generator = make_generator(code, example::steps(32, 4)), discriminator = make_discriminator(example::steps(32, 4));
  optim::Adam generator_optimizer(generator->parameters(), optim::AdamOptions(2e-4).betas({0.5, 0.999}));
  optim::Adam discriminator_optimizer(discriminator->parameters(), optim::AdamOptions(2e-4).betas({0.5, 0.999}));
  // One step of both, as one program.
  auto step = compile([&](Tensor x, Tensor) {
    auto made = generator->forward(randn({batch, code, 1, 1}));
    discriminator_optimizer.zero_grad();
    auto loss = judge(discriminator->forward(x * 2 - 1), 1) + judge(discriminator->forward(made.detach()), 0);
    loss.backward();
    discriminator_optimizer.step();
    generator_optimizer.zero_grad();
    judge(discriminator->forward(made), 1).backward();
    generator_optimizer.step();
    return loss;
  });
  example::train(step, 2, batch);

  NoGradGuard no_grad;
  generator->eval();
  auto made = generator->forward(randn({1000, code, 1, 1})).mean(0) / 2 + 0.5, real = zeros_like(made);
  auto test = example::fashion_mnist(1000, /*train=*/false);
  for (auto &images : *test)
    real = real + images.data.mean(0) / 10;
  std::printf("distance of mean images %.4f\n", (made - real).pow(2).mean().sqrt().item<float>());
  example::save_onnx("dcgan", generator, [](int64_t n) { return TensorList{randn({n, code, 1, 1})}; });
  example::save_onnx("dcgan_discriminator", discriminator, [](int64_t n) { return TensorList{rand({n, 1, 28, 28})}; });
}
