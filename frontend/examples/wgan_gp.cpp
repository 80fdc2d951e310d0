// A Wasserstein GAN with gradient penalty (Gulrajani et al., 2017) on eight Gaussians around a circle: the critic's loss holds
// the norm of its own gradient.
#include "example.h"

#include <cmath>

using namespace tenon;

static nn::Sequential mlp(int64_t in, int64_t hidden, int64_t out) {
  return nn::Sequential(nn::Linear(in, hidden), nn::ReLU(), nn::Linear(hidden, hidden), nn::ReLU(), nn::Linear(hidden, out));
}

/// critic(fake) - critic(real) + 10 (|d critic / d x| - 1)^2 at points between them; `share` [N, 1] in [0, 1].
static Tensor critic_loss(nn::Sequential critic, Tensor real, Tensor fake, Tensor share) {
  auto between = (share * real + (1 - share) * fake).detach().requires_grad_();
  auto slope = grad(critic->forward(between).sum(), {between}, /*create_graph=*/true)[0];
  auto penalty = ((slope.pow(2).sum(1) + 1e-12).sqrt() - 1).pow(2).mean();
  return critic->forward(fake).mean() - critic->forward(real).mean() + 10 * penalty;
}

/// N points of the data: `place` [N] numbers 0 to 7 the Gaussians of radius 0.1.
static Tensor points(Tensor place, Tensor noise) {
  auto angle = place.to(kFloat) * (M_PI / 4);
  return stack({angle.cos(), angle.sin()}, 1) * 2 + 0.1 * noise;
}

int main() {
  manual_seed(0);
  constexpr int64_t batch = 128;
  auto critic = mlp(2, 64, 1), generator = mlp(2, 64, 2);
  optim::Adam critic_optimizer(critic->parameters(), optim::AdamOptions(1e-3).betas({0.5, 0.9}));
  optim::Adam generator_optimizer(generator->parameters(), optim::AdamOptions(1e-3).betas({0.5, 0.9}));
  auto train_critic = compile([&] {
    auto real = points(randint(8, {batch}), randn({batch, 2}));
    auto fake = generator->forward(randn({batch, 2})).detach();
    critic_optimizer.zero_grad();
    auto loss = critic_loss(critic, real, fake, rand({batch, 1}));
    loss.backward();
    critic_optimizer.step();
    return loss;
  });
  auto train_generator = compile([&] {
    generator_optimizer.zero_grad();
    auto loss = -critic->forward(generator->forward(randn({batch, 2}))).mean();
    loss.backward();
    generator_optimizer.step();
    return loss;
  });
  for (int64_t i = 0; i < example::steps(3000, 5); ++i) {
    for (int k = 0; k < 5; ++k)
      train_critic();
    train_generator();
  }
  NoGradGuard no_grad;
  auto made = generator->forward(randn({1000, 2}));
  auto centres = points(arange(0, 8), zeros({8, 2}));
  auto distance = (made.unsqueeze(1) - centres.unsqueeze(0)).pow(2).sum(2).sqrt();
  auto [nearest, which] = distance.min(1);
  int modes = 0;
  for (int64_t k = 0; k < 8; ++k)
    modes += which.eq(k).sum().item<int64_t>() > 20;
  std::printf("modes found %d of 8, near a mode %.3f\n", modes, nearest.lt(0.5).to(kFloat).mean().item<float>());
  example::save_onnx("wgan_gp", generator, [](int64_t n) { return TensorList{randn({n, 2})}; });
  example::save_onnx("wgan_gp_critic", critic, [](int64_t n) { return TensorList{randn({n, 2})}; });
  auto loss_of = compile([&](Tensor real, Tensor fake, Tensor share) { return critic_loss(critic, real, fake, share); });
  example::save_onnx("wgan_gp_loss", loss_of, [](int64_t n) { return TensorList{randn({n, 2}), randn({n, 2}), rand({n, 1})}; });
}
