#define main lstm_main
#include "frontend/examples/lstm.cpp"
#undef main
#include "twin.h"

static parity::Twin lstm("lstm", [](Dtype dtype) {
  parity::Training t;
  LSTMClassifier net(5, 6);
  add(t, net, dtype);
  t.batch = [](Sequence &s) { return TensorList{make(s, {4, 7, 5}, 1, kFloat64), parity::labels(s, {4}, 10)}; };
  auto optimizer = std::make_shared<optim::Adam>(net->parameters(), optim::AdamOptions(1e-3));
  t.step = [=](const TensorList &b) mutable {
    optimizer->zero_grad();
    auto loss = F::cross_entropy(net(b[0]), b[1]);
    loss.backward();
    nn::utils::clip_grad_norm_(net->parameters(), 1.0);
    optimizer->step();
    return loss;
  };
  return t;
});
