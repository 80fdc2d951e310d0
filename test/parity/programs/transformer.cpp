#define main transformer_main
#include "frontend/examples/transformer.cpp"
#undef main
#include "twin.h"

static parity::Twin transformer("transformer", [](Dtype dtype) {
  parity::Training t;
  Sorter net;
  add(t, net, dtype);
  t.batch = [](Sequence &s) { return TensorList{parity::labels(s, {4, 8}, 10)}; };
  t.step = parity::minimise(std::make_shared<optim::Adam>(net->parameters(), optim::AdamOptions(1e-3)), [=](const TensorList &b) mutable {
    Tensor y = sorted(b[0]);
    return F::cross_entropy(net(b[0], behind_start(y)).flatten(0, 1), y.flatten());
  });
  return t;
});
