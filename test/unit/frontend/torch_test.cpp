// A program as LibTorch's tutorials and examples write it (pytorch/examples, cpp/mnist, fully connected): only the include differs.
#include <tenon/torch.h>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace {

struct Net : torch::nn::Module {
  Net() : fc1(784, 50), fc2(torch::nn::LinearOptions(50, 10)) {
    register_module("fc1", fc1);
    register_module("drop", drop);
    register_module("fc2", fc2);
  }

  torch::Tensor forward(torch::Tensor x) {
    x = x.view({-1, 784});
    x = torch::relu(fc1->forward(x));
    x = torch::dropout(x, /*p=*/0.1, /*train=*/is_training());
    x = drop(x);
    x = fc2->forward(x);
    return torch::log_softmax(x, /*dim=*/1);
  }

  torch::nn::Linear fc1;
  torch::nn::Dropout drop{torch::nn::DropoutOptions(0.1)};
  torch::nn::Linear fc2;
};

template <typename DataLoader>
void train(Net &model, torch::Device device, DataLoader &data_loader, torch::optim::Optimizer &optimizer) {
  model.train();
  for (auto &batch : data_loader) {
    auto data = batch.data.to(device), targets = batch.target.to(device);
    optimizer.zero_grad();
    auto output = model.forward(data);
    auto loss = torch::nll_loss(output, targets);
    AT_ASSERT(!std::isnan(loss.template item<float>()));
    loss.backward();
    optimizer.step();
  }
}

template <typename DataLoader> double test(Net &model, torch::Device device, DataLoader &data_loader, size_t dataset_size) {
  torch::NoGradGuard no_grad;
  model.eval();
  double test_loss = 0;
  int64_t correct = 0;
  for (const auto &batch : data_loader) {
    auto data = batch.data.to(device), targets = batch.target.to(device);
    auto output = model.forward(data);
    test_loss += torch::nll_loss(output, targets, /*weight=*/{}, torch::Reduction::Sum).template item<float>();
    auto pred = output.argmax(1);
    correct += pred.eq(targets).sum().template item<int64_t>();
  }
  EXPECT_GT(test_loss, 0);
  return static_cast<double>(correct) / static_cast<double>(dataset_size);
}

/// 256 images in MNIST's format: class c is a bright stripe of rows 2c and 2c + 1 over noise.
void write_stripes(const std::string &root, const std::string &prefix) {
  auto word = [](std::ofstream &out, uint32_t value) {
    for (int shift : {24, 16, 8, 0})
      out.put(static_cast<char>(value >> shift));
  };
  std::ofstream images(root + "/" + prefix + "-images-idx3-ubyte", std::ios::binary), labels(root + "/" + prefix + "-labels-idx1-ubyte", std::ios::binary);
  for (uint32_t value : {0x803u, 256u, 28u, 28u})
    word(images, value);
  for (uint32_t value : {0x801u, 256u})
    word(labels, value);
  for (unsigned i = 0, noise = 1; i < 256; ++i) {
    labels.put(static_cast<char>(i % 10));
    for (unsigned p = 0; p < 784; ++p) {
      noise = noise * 1664525 + 1013904223;
      images.put(static_cast<char>(p / 56 == i % 10 ? 255 : noise >> 26));
    }
  }
}

TEST(TorchTest, MnistExampleTrains) {
  char root[] = "/tmp/tenon-torch-XXXXXX";
  ASSERT_TRUE(mkdtemp(root));
  write_stripes(root, "train");
  write_stripes(root, "t10k");

  torch::manual_seed(1);
  torch::DeviceType device_type = torch::cuda::is_available() ? torch::kCUDA : torch::kCPU;
  torch::Device device(device_type);
  Net model;
  model.to(device);
  auto train_dataset = torch::data::datasets::MNIST(root).map(torch::data::transforms::Normalize<>(0.1307, 0.3081)).map(torch::data::transforms::Stack<>());
  const size_t train_dataset_size = train_dataset.size().value();
  auto train_loader = torch::data::make_data_loader<torch::data::samplers::SequentialSampler>(std::move(train_dataset), 64);
  auto test_dataset = torch::data::datasets::MNIST(root, torch::data::datasets::MNIST::Mode::kTest)
                          .map(torch::data::transforms::Normalize<>(0.1307, 0.3081))
                          .map(torch::data::transforms::Stack<>());
  auto test_loader = torch::data::make_data_loader(std::move(test_dataset), torch::data::DataLoaderOptions().batch_size(100).workers(2));
  torch::optim::SGD optimizer(model.parameters(), torch::optim::SGDOptions(0.05).momentum(0.5));
  for (size_t epoch = 1; epoch <= 5; ++epoch)
    train(model, device, *train_loader, optimizer);
  EXPECT_GT(test(model, device, *test_loader, train_dataset_size), 0.95);
  std::filesystem::remove_all(root);
}

TEST(TorchTest, SaveAndLoad) {
  auto net = std::make_shared<Net>(), other = std::make_shared<Net>();
  std::string path = testing::TempDir() + "/tenon-torch-test.pt";
  torch::save(net, path);
  torch::load(other, path);
  EXPECT_TRUE(torch::equal(net->fc1->weight, other->fc1->weight));
  std::vector<torch::Tensor> list{torch::ones({2}), torch::arange(3)}, read;
  torch::save(list, path);
  torch::load(read, path);
  ASSERT_EQ(read.size(), 2u);
  EXPECT_TRUE(torch::equal(read[1], list[1]));
}

TEST(TorchTest, CheckSaysWhatFailed) {
  try {
    int n = 3;
    TORCH_CHECK(n == 4, "n is ", n);
    FAIL();
  } catch (const c10::Error &error) {
    EXPECT_NE(std::string(error.what()).find("n is 3"), std::string::npos);
  }
}

} // namespace
