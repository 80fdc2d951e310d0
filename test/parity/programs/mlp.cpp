#define main mlp_main
#define NetImpl MlpImpl
#define Net Mlp
#include "frontend/examples/mlp.cpp"
#undef main
#include "twin.h"

static parity::Twin mlp("mlp", [](Dtype dtype) {
  Net net;
  parity::Training t;
  add(t, net, dtype);
  t.batch = [](Sequence &s) { return TensorList{make(s, {16, 1, 28, 28}, 1, kFloat64), parity::labels(s, {16}, 10)}; };
  t.step = parity::minimise(std::make_shared<optim::SGD>(net->parameters(), optim::SGDOptions(0.1)), [=](const TensorList &b) mutable { return F::cross_entropy(net(b[0]), b[1]); });
  return t;
});
