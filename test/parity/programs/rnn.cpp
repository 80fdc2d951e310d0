#define main rnn_main
#include "frontend/examples/rnn.cpp"
#undef main
#include "twin.h"

static parity::Twin rnn("rnn", [](Dtype dtype) {
  parity::Training t;
  SineRnn net(6);
  add(t, net, dtype);
  t.batch = [](Sequence &s) { return TensorList{make(s, {5, 9, 1}, 1, kFloat64), make(s, {5, 9, 1}, 1, kFloat64)}; };
  t.step = parity::minimise(std::make_shared<optim::Adam>(net->parameters(), optim::AdamOptions(3e-3)), [=](const TensorList &b) mutable { return F::mse_loss(net(b[0]), b[1]); });
  return t;
});
