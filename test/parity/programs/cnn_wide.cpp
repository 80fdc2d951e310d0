#define main cnn_wide_main
#include "frontend/examples/cnn_wide.cpp"
#undef main
#include "twin.h"

static parity::Twin cnn_wide("cnn_wide", [](Dtype dtype) {
  parity::Training t;
  CnnWide net(4, 10);
  add(t, net, dtype);
  t.batch = [](Sequence &s) { return TensorList{make(s, {6, 1, 10, 10}, 1, kFloat64), parity::labels(s, {6}, 10)}; };
  t.step = parity::minimise(std::make_shared<optim::Adam>(net->parameters(), optim::AdamOptions(1e-3)), [=](const TensorList &b) mutable { return F::cross_entropy(net(b[0]), b[1]); });
  return t;
});
