#define main inception_main
#include "frontend/examples/inception.cpp"
#undef main
#include "twin.h"

static parity::Twin inception("inception", [](Dtype dtype) {
  parity::Training t;
  Inception net(2);
  add(t, net, dtype);
  t.batch = [](Sequence &s) { return TensorList{make(s, {4, 1, 12, 12}, 1, kFloat64), parity::labels(s, {4}, 10)}; };
  t.step = parity::minimise(std::make_shared<optim::AdamW>(net->parameters(), optim::AdamWOptions(2e-3).weight_decay(1e-2)), [=](const TensorList &b) mutable {
    return F::cross_entropy(net(b[0]), b[1], F::CrossEntropyFuncOptions().label_smoothing(0.1));
  });
  return t;
});
