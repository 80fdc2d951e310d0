#define main dynamic_main
#include "frontend/examples/dynamic.cpp"
#undef main
#include "twin.h"

static parity::Twin dynamic("dynamic", [](Dtype dtype) {
  parity::Training t;
  DynamicNet net(8, 16);
  add(t, net, dtype);
  t.traced = true; // it branches on numbers of the batch
  t.batch = [](Sequence &s) { return TensorList{make(s, {6, 8}, 1.6, kFloat64), make(s, {6, 1}, 1, kFloat64)}; };
  t.step = parity::minimise(std::make_shared<optim::Adam>(net->parameters(), optim::AdamOptions(3e-3)), [=](const TensorList &b) mutable { return F::mse_loss(net(b[0]), b[1]); });
  return t;
});
