#define main dcgan_main
#include "frontend/examples/dcgan.cpp"
#undef main
#include "twin.h"

static parity::Twin dcgan("dcgan", [](Dtype dtype) {
  parity::Training t;
  auto generator = make_generator(3, 2), discriminator = make_discriminator(2);
  add(t, generator, dtype, "generator.");
  add(t, discriminator, dtype, "discriminator.");
  auto options = optim::AdamOptions(2e-4).betas({0.5, 0.999});
  auto judges = parity::minimise(std::make_shared<optim::Adam>(discriminator->parameters(), options), [=](const TensorList &b) mutable {
    return judge(discriminator->forward(b[0]), 1) + judge(discriminator->forward(generator->forward(b[1]).detach()), 0);
  });
  auto makes = parity::minimise(std::make_shared<optim::Adam>(generator->parameters(), options),
                                [=](const TensorList &b) mutable { return judge(discriminator->forward(generator->forward(b[1])), 1); });
  t.batch = [](Sequence &s) { return TensorList{make(s, {3, 1, 28, 28}, 1, kFloat64), make(s, {3, 3, 1, 1}, 1, kFloat64)}; };
  t.step = [=](const TensorList &b) mutable {
    auto loss = judges(b);
    makes(b);
    return loss;
  };
  return t;
});
