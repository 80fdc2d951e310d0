#define main vgg16_main
#include "frontend/examples/vgg16.cpp"
#undef main
#include "twin.h"

static parity::Twin vgg16("vgg16", [](Dtype dtype) {
  parity::Training t;
  Vgg16 net(2, /*dropout=*/0.0);
  add(t, net, dtype);
  t.batch = [](Sequence &s) { return TensorList{make(s, {4, 3, 32, 32}, 1, kFloat64), parity::labels(s, {4}, 10)}; };
  auto optimizer = std::make_shared<optim::SGD>(net->parameters(), optim::SGDOptions(0.01).momentum(0.9).weight_decay(5e-4));
  auto scheduler = std::make_shared<optim::StepLR>(*optimizer, 7, 0.1);
  auto step = parity::minimise(optimizer, [=](const TensorList &b) mutable { return F::cross_entropy(net(b[0]), b[1]); });
  t.step = [=](const TensorList &b) mutable {
    auto loss = step(b);
    scheduler->step();
    return loss;
  };
  return t;
});
