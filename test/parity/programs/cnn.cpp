#define main cnn_main
#include "frontend/examples/cnn.cpp"
#undef main
#include "twin.h"

static parity::Twin cnn("cnn", [](Dtype dtype) {
  parity::Training t;
  Cnn net(4, 12);
  add(t, net, dtype);
  t.batch = [](Sequence &s) { return TensorList{make(s, {6, 1, 12, 12}, 1, kFloat64), parity::labels(s, {6}, 10)}; };
  t.step = parity::minimise(std::make_shared<optim::Adam>(net->parameters(), optim::AdamOptions(1e-3)), [=](const TensorList &b) mutable { return F::cross_entropy(net(b[0]), b[1]); });
  return t;
});
