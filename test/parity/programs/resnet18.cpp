#define main resnet18_main
#include "frontend/examples/resnet18.cpp"
#undef main
#include "twin.h"

static parity::Twin resnet18("resnet18", [](Dtype dtype) {
  parity::Training t;
  ResNet18 net(2, 3);
  add(t, net, dtype);
  t.batch = [](Sequence &s) { return TensorList{make(s, {4, 3, 16, 16}, 1, kFloat64), parity::labels(s, {4}, 10)}; };
  t.step = parity::minimise(std::make_shared<optim::SGD>(net->parameters(), optim::SGDOptions(0.05).momentum(0.9).weight_decay(5e-4).nesterov(true)),
                            [=](const TensorList &b) mutable { return F::cross_entropy(net(b[0]), b[1]); });
  return t;
});
