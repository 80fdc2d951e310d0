#define main style_main
#include "frontend/examples/style.cpp"
#undef main
#include "twin.h"

static parity::Twin style("style", [](Dtype dtype) {
  parity::Training t;
  StyleGenerator net(6, 5, 4);
  add(t, net, dtype);
  t.batch = [](Sequence &s) { return TensorList{make(s, {3, 6}, 0.5, kFloat64) + 0.5, make(s, {3, 3, 16, 16}, 0.5, kFloat64) + 0.5}; };
  t.step = parity::minimise(std::make_shared<optim::Adam>(net->parameters(), optim::AdamOptions(2e-3)), [=](const TensorList &b) mutable { return F::mse_loss(net(b[0]), b[1]); });
  return t;
});
