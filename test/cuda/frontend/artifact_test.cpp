// One artifact for the CPU and for GPUs: trained on either, and its state goes between them.
#include "runtime/tenon.hpp"
#include "test/unit/frontend/expect_error.h"

using namespace tenon;

TEST(CudaArtifact, RunsOnBothDevices) {
  nn::Linear net(6, 3);
  optim::Adam adam(net->parameters(), optim::AdamOptions(1e-2));
  auto step = tenon::compile([&](Tensor x, Tensor y) {
    adam.zero_grad();
    auto loss = nn::functional::cross_entropy(net(x), y);
    loss.backward();
    adam.step();
    return loss;
  });
  manual_seed(2);
  auto x = rand({4, 6}), y = randint(0, 3, {4});
  step(x, y);
  std::string path = testing::TempDir() + "both.tenon", state = testing::TempDir() + "both.safetensors";
  ArtifactOptions options;
  options.target = "host,cuda:sm_90";
  save_artifact(path, {{"step", step}}, options);
  std::vector<float> wanted;
  for (int i = 0; i < 6; ++i)
    wanted.push_back(step(x, y).item<float>());

  runtime::Model model(path);
  EXPECT_EQ(tenon_image_count(model.get()), 2u);
  auto train = [&](uint32_t device, const runtime::State &at, int from, int to) {
    tenon_options o{};
    o.device = device;
    runtime::Context context(model, o);
    for (int i = from; i < to; ++i) {
      float loss = 0;
      context.call(at, "step", {{x.data_ptr<float>(), {4, 6}}, {y.data_ptr<int64_t>(), {4}}}, {{&loss, {}}});
      EXPECT_NEAR(loss, wanted[size_t(i)], 1e-5 * wanted[size_t(i)]) << "on device " << device << ", step " << i;
    }
  };
  for (uint32_t first : {0u, 1u}) { // three steps on one device, the others on the other one
    runtime::State here(model, first), there(model, 1 - first);
    train(first, here, 0, 3);
    here.save(state), there.load(state);
    train(1 - first, there, 3, 6);
  }
}
