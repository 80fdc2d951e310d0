#define main seq2seq_main
#include "frontend/examples/seq2seq.cpp"
#undef main
#include "twin.h"

static parity::Twin seq2seq("seq2seq", [](Dtype dtype) {
  parity::Training t;
  Seq2Seq net(5, 6);
  add(t, net, dtype);
  t.batch = [](Sequence &s) { return TensorList{parity::labels(s, {4, 7}, 5), parity::labels(s, {4, 3}, 6), parity::labels(s, {4, 3}, 5)}; };
  t.step = parity::minimise(std::make_shared<optim::Adam>(net->parameters(), optim::AdamOptions(2e-3)), [=](const TensorList &b) mutable {
    return F::cross_entropy(net(b[0], b[1]).flatten(0, 1), b[2].flatten());
  });
  return t;
});
