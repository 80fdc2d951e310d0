#define main wgan_gp_main
#define mlp wgan_gp_mlp
#include "frontend/examples/wgan_gp.cpp"
#undef main
#include "twin.h"

// A critic's step, then a generator's; the loss is the critic's.
static parity::Twin wgan_gp("wgan_gp", [](Dtype dtype) {
  nn::Sequential critic = mlp(2, 10, 1), generator = mlp(2, 10, 2);
  parity::Training t;
  add(t, critic, dtype, "critic.");
  add(t, generator, dtype, "generator.");
  auto critics = parity::minimise(std::make_shared<optim::Adam>(critic->parameters(), optim::AdamOptions(1e-3).betas({0.5, 0.9})), [=](const TensorList &b) mutable {
    return critic_loss(critic, b[0], generator->forward(b[1]).detach(), b[2]);
  });
  auto generators = parity::minimise(std::make_shared<optim::Adam>(generator->parameters(), optim::AdamOptions(1e-3).betas({0.5, 0.9})),
                                     [=](const TensorList &b) mutable { return -critic->forward(generator->forward(b[1])).mean(); });
  t.batch = [](Sequence &s) { return TensorList{make(s, {7, 2}, 2, kFloat64), make(s, {7, 2}, 1, kFloat64), make(s, {7, 1}, 0.5, kFloat64) + 0.5}; };
  t.step = [=](const TensorList &b) mutable {
    auto loss = critics(b);
    generators(b);
    return loss;
  };
  return t;
});
