#define main torch_mnist_main
#define Net TorchMnist
#include "frontend/examples/torch_mnist.cpp"
#undef main
#include "twin.h"

using namespace tenon;

static parity::Twin torch_mnist("torch_mnist", [](Dtype dtype) {
  auto net = std::make_shared<Net>();
  parity::Training t;
  add(t, net, dtype);
  t.batch = [](Sequence &s) { return TensorList{make(s, {16, 1, 28, 28}, 1, kFloat64), parity::labels(s, {16}, 10)}; };
  t.step = parity::minimise(std::make_shared<optim::SGD>(net->parameters(), optim::SGDOptions(0.01).momentum(0.9)),
                            [=](const TensorList &b) { return nn::functional::cross_entropy(net->forward(b[0]), b[1]); });
  return t;
});
