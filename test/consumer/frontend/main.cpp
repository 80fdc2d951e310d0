// Fits y = x w with the installed frontend, then saves the step: consumer ARTIFACT.
#include <tenon/torch.h>

#include <cstdio>

int main(int, char **argv) {
  torch::manual_seed(0);
  torch::nn::Linear fc(4, 1);
  torch::optim::SGD optimizer(fc->parameters(), torch::optim::SGDOptions(0.1));
  auto step = tenon::compile([&](torch::Tensor x, torch::Tensor y) {
    optimizer.zero_grad();
    auto loss = torch::nn::functional::mse_loss(fc(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  });
  auto x = torch::randn({16, 4}), y = x.sum(1, true);
  float first = step(x, y).item<float>(), last = first;
  for (int i = 0; i < 100; ++i)
    last = step(x, y).item<float>();
  tenon::save_artifact(argv[1], {{"train_step", step}});
  std::printf("loss %g to %g\n", first, last);
  return last < first / 100 ? 0 : 1;
}
