#define main mlp3_main
#define NetImpl Mlp3Impl
#define Net Mlp3
#include "frontend/examples/mlp3.cpp"
#undef main
#include "twin.h"

static parity::Twin mlp3("mlp3", [](Dtype dtype) {
  Net net;
  parity::Training t;
  add(t, net, dtype);
  t.batch = [](Sequence &s) { return TensorList{make(s, {16, 1, 28, 28}, 1, kFloat64), parity::labels(s, {16}, 10)}; };
  t.step = parity::minimise(std::make_shared<optim::Adam>(net->parameters(), optim::AdamOptions(1e-3)), [=](const TensorList &b) mutable { return F::cross_entropy(net(b[0]), b[1]); });
  return t;
});
