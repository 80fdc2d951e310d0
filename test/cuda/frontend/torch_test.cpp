// The line with which LibTorch's programs choose a device.
#include <gtest/gtest.h>
#include <tenon/torch.h>

TEST(CudaTorch, TakesTheGpu) {
  torch::Device device(torch::cuda::is_available() ? torch::kCUDA : torch::kCPU);
  EXPECT_TRUE(device.is_cuda());
  torch::nn::Linear net(3, 2);
  net->to(device);
  EXPECT_EQ(net(torch::ones({1, 3}).to(device)).device().str(), "cuda:0");
}
