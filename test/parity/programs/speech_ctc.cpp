#define main speech_ctc_main
#include "frontend/examples/speech_ctc.cpp"
#undef main
#include "twin.h"

static parity::Twin speech_ctc("speech_ctc", [](Dtype dtype) {
  parity::Training t;
  Speech net(4, 3, 5);
  add(t, net, dtype);
  t.batch = [](Sequence &s) { return TensorList{make(s, {3, 4, 16}, 1, kFloat64), parity::labels(s, {3, 2}, 3) + 1}; };
  t.step = parity::minimise(std::make_shared<optim::Adam>(net->parameters(), optim::AdamOptions(2e-3)), [=](const TensorList &b) mutable {
    return F::ctc_loss(net(b[0]), b[1], full({3}, 8, kLong), full({3}, 2, kLong));
  });
  return t;
});
