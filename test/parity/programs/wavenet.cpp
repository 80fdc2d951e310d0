#define main wavenet_main
#include "frontend/examples/wavenet.cpp"
#undef main
#include "twin.h"

static parity::Twin wavenet("wavenet", [](Dtype dtype) {
  parity::Training t;
  WaveNet net(6, 4, 3);
  add(t, net, dtype);
  t.batch = [](Sequence &s) { return TensorList{make(s, {3, 6, 15}, 1, kFloat64), parity::labels(s, {3, 15}, 6)}; };
  t.step = parity::minimise(std::make_shared<optim::Adam>(net->parameters(), optim::AdamOptions(2e-3)), [=](const TensorList &b) mutable {
    return F::cross_entropy(net(b[0]).transpose(1, 2).flatten(0, 1), b[1].flatten());
  });
  return t;
});
