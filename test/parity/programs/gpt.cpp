#define main gpt_main
#define Block GptBlock
#define BlockImpl GptBlockImpl
#include "frontend/examples/gpt.cpp"
#undef main
#include "twin.h"

static parity::Twin gpt("gpt", [](Dtype dtype) {
  parity::Training t;
  Gpt net(Config{.vocabulary = 11, .length = 8, .width = 16, .layers = 2, .heads = 4});
  add(t, net, dtype);
  t.batch = [](Sequence &s) { return TensorList{parity::labels(s, {3, 8}, 11), parity::labels(s, {3, 8}, 11)}; };
  t.step = parity::minimise(std::make_shared<optim::AdamW>(net->parameters(), optim::AdamWOptions(1e-3).weight_decay(0.1)),
                            [=](const TensorList &b) mutable { return net->loss(b[0], b[1]); });
  return t;
});
