#define main autoencoder_main
#include "frontend/examples/autoencoder.cpp"
#undef main
#include "twin.h"

static parity::Twin autoencoder("autoencoder", [](Dtype dtype) {
  parity::Training t;
  Autoencoder net(7, 3, 12);
  add(t, net, dtype);
  t.batch = [](Sequence &s) { return TensorList{make(s, {8, 12}, 0.5, kFloat64) + 0.5}; };
  t.step = parity::minimise(std::make_shared<optim::RMSprop>(net->parameters(), optim::RMSpropOptions(1e-3)), [=](const TensorList &b) mutable { return F::mse_loss(net(b[0]), b[0]); });
  return t;
});
