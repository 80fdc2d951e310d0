#define main recommender_main
#include "frontend/examples/recommender.cpp"
#undef main
#include "twin.h"

static parity::Twin recommender("recommender", [](Dtype dtype) {
  parity::Training t;
  Recommender net(11, 7, 4);
  add(t, net, dtype);
  t.batch = [](Sequence &s) { return TensorList{parity::labels(s, {9}, 11), parity::labels(s, {9}, 7), make(s, {9}, 0.5, kFloat64) + 0.5}; };
  t.step = parity::minimise(std::make_shared<optim::Adam>(net->parameters(), optim::AdamOptions(3e-3)), [=](const TensorList &b) mutable {
    return F::binary_cross_entropy_with_logits(net(b[0], b[1]), b[2]);
  });
  return t;
});
