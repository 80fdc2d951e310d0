#define main pinn_main
#include "frontend/examples/pinn.cpp"
#undef main
#include "twin.h"

static parity::Twin pinn("pinn", [](Dtype dtype) {
  nn::Sequential net(nn::Linear(1, 8), nn::Tanh(), nn::Linear(8, 8), nn::Tanh(), nn::Linear(8, 1));
  parity::Training t;
  add(t, net, dtype);
  t.batch = [](Sequence &s) { return TensorList{make(s, {16, 1}, 1, kFloat64)}; };
  t.step = parity::minimise(std::make_shared<optim::Adam>(net->parameters(), optim::AdamOptions(2e-3)), [=](const TensorList &b) { return residual(net, b[0]); });
  return t;
});
