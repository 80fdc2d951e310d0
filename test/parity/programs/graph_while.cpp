#define main graph_while_main
#include "frontend/examples/graph_while.cpp"
#undef main
#include "twin.h"

static parity::Twin graph_while("graph_while", [](Dtype dtype) {
  parity::Training t;
  Equilibrium net(4, 5, 12);
  add(t, net, dtype);
  t.batch = [](Sequence &s) { return TensorList{make(s, {6, 4}, 1, kFloat64), make(s, {6, 1}, 1, kFloat64)}; };
  t.step = parity::minimise(std::make_shared<optim::Adam>(net->parameters(), optim::AdamOptions(3e-3)), [=](const TensorList &b) mutable { return F::mse_loss(net(b[0]), b[1]); });
  return t;
});
