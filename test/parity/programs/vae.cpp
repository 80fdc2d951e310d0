#define main vae_main
#include "frontend/examples/vae.cpp"
#undef main
#include "twin.h"

static parity::Twin vae("vae", [](Dtype dtype) {
  Vae net(12, 9, 4);
  parity::Training t;
  add(t, net, dtype);
  t.batch = [](Sequence &s) { return TensorList{make(s, {6, 12}, 0.4, kFloat64) + 0.5, make(s, {6, 4}, 1, kFloat64)}; };
  t.step = parity::minimise(std::make_shared<optim::Adam>(net->parameters(), optim::AdamOptions(1e-3)), [=](const TensorList &b) mutable { return net->loss(b[0], b[1]); });
  return t;
});
