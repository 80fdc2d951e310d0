// Tensors on GPUs: where they are, how they move, what may not be mixed.
#include "test/unit/frontend/expect_error.h"

using namespace tenon;
namespace F = nn::functional;

namespace {
std::vector<float> numbers(const Tensor &t) {
  auto here = t.cpu();
  auto *data = here.const_data_ptr<float>();
  return {data, data + here.numel()};
}
} // namespace

TEST(CudaTensors, SayWhereTheyAre) {
  EXPECT_TRUE(cuda::is_available());
  EXPECT_EQ(cuda::device_count(), 2);
  auto x = tensor({1., 2., 3.});
  EXPECT_EQ(x.device(), Device(kCPU));
  auto y = x.to(kCUDA);
  EXPECT_EQ(y.device().str(), "cuda:0");
  EXPECT_TRUE(y.is_cuda());
  EXPECT_FALSE(y.is_cpu());
  EXPECT_TRUE(y.to("cuda:0").is_same(y)) << "it is there";
  EXPECT_EQ((y + 1).device().str(), "cuda:0") << "pending";
  EXPECT_EQ(y.exp().sum().device().str(), "cuda:0");
  EXPECT_EQ(zeros({2}, device(kCUDA)).device().str(), "cuda:0");
  EXPECT_EQ(zeros_like(y).device().str(), "cuda:0");
  EXPECT_EQ(rand({2}, kCUDA).device().str(), "cuda:0");
  EXPECT_EQ(y[1].device().str(), "cuda:0") << "a view";
  EXPECT_EQ(y.cpu().device(), Device(kCPU));
  EXPECT_EQ(numbers(y * 2 + 1), (std::vector<float>{3, 5, 7}));
  EXPECT_EQ(y.sum().item<float>(), 6);
}

TEST(CudaTensors, AreNotMixedWithOthers) {
  auto x = tensor({1., 2.}), there = x.to(kCUDA), other = x.to("cuda:1");
  EXPECT_ERROR(x + there, "add", "on one device", "cpu", "cuda:0");
  EXPECT_ERROR(there * other, "mul", "cuda:0", "cuda:1");
  EXPECT_ERROR(x * there.sum(), "mul", "cuda:0");
  EXPECT_EQ(numbers(there * x.sum()), (std::vector<float>{3, 6})) << "a number of the CPU fits to all";
  EXPECT_ERROR(x.to("cuda:2"), "expected a GPU below 2, got cuda:2");
  EXPECT_ERROR(there.data_ptr<float>(), "data_ptr", "host's memory", "cuda:0", "cpu()");
  EXPECT_ERROR_TEXT(Device("gpu"), "got \"gpu\"");
}

TEST(CudaTensors, KeepTheirNumbersApart) {
  auto x = tensor({1., 2.});
  auto *pointer = x.data_ptr<float>();
  auto y = x.to(kCUDA);
  pointer[0] = 7;
  EXPECT_EQ(numbers(y), (std::vector<float>{1, 2})) << "a write through a pointer to the CPU's";
  y.add_(1);
  EXPECT_EQ(numbers(y), (std::vector<float>{2, 3}));
  EXPECT_EQ(numbers(x), (std::vector<float>{7, 2}));
  auto z = y.to("cuda:1");
  y.mul_(10), z.neg_();
  EXPECT_EQ(numbers(y), (std::vector<float>{20, 30}));
  EXPECT_EQ(numbers(z), (std::vector<float>{-2, -3}));
  y.copy_(z);
  EXPECT_EQ(y.device().str(), "cuda:0");
  EXPECT_EQ(numbers(y), (std::vector<float>{-2, -3}));
  x.copy_(y * 2);
  EXPECT_EQ(x.device(), Device(kCPU));
  EXPECT_EQ(numbers(x), (std::vector<float>{-4, -6}));
}

TEST(CudaTensors, WorkOfTwoDevicesGoesOn) {
  auto a = tensor({1., 2.}), b = a.to(kCUDA);
  for (int i = 0; i < 3; ++i) {
    a = a * 2;
    b = b * 2;
  }
  EXPECT_EQ(numbers(a), numbers(b));
  auto rows = arange(12, kFloat).view({4, 3}).to(kCUDA);
  EXPECT_EQ(numbers(rows.slice(0, 1, 3).sum(1)), (std::vector<float>{12, 21})) << "parts are cut there";
  rows[2].fill_(0);
  EXPECT_EQ(rows.sum().item<float>(), 66 - 21);
}

TEST(CudaTensors, DrawWhatTheCpuDraws) {
  manual_seed(3);
  auto here = rand({1000});
  auto kept = dropout(ones({100}), 0.5, true);
  manual_seed(3);
  auto there = rand({1000}, kCUDA);
  auto kept_there = dropout(ones({100}, kCUDA), 0.5, true);
  EXPECT_TRUE(equal(here, there.cpu()));
  EXPECT_TRUE(equal(kept, kept_there.cpu()));
}

TEST(CudaTensors, GradientsCrossDevices) {
  auto x = tensor({1., 2.}).requires_grad_(), w = tensor({3., 4.}, device(kCUDA)).requires_grad_();
  auto y = (x * 2).to(kCUDA) * w;
  EXPECT_EQ(y.device().str(), "cuda:0");
  auto loss = y.cpu().square().sum();
  EXPECT_EQ(loss.device(), Device(kCPU));
  loss.backward();
  EXPECT_EQ(x.grad().device(), Device(kCPU));
  EXPECT_EQ(w.grad().device().str(), "cuda:0");
  EXPECT_EQ(numbers(x.grad()), (std::vector<float>{72, 256})); // 2 (2xw) (2w)
  EXPECT_EQ(numbers(w.grad()), (std::vector<float>{24, 128})); // 2 (2xw) (2x)
  auto leaf = tensor({1., 2.}, device(kCUDA)).requires_grad_();
  leaf.sum().backward();
  EXPECT_EQ(leaf.grad().device().str(), "cuda:0") << "a gradient of constants";
}

TEST(CudaTensors, MemoryOfTheCallersStaysThere) {
  float mine[2] = {1, 2};
  auto x = from_blob(mine, {2});
  auto y = x.to(kCUDA);
  mine[0] = 5;
  EXPECT_EQ(numbers(y), (std::vector<float>{1, 2}));
  EXPECT_ERROR(from_blob(mine, {2}, device(kCUDA)), "from_blob", "memory of the host");
}

TEST(CudaTensors, CopiesAreTensorsOfTheirOwn) {
  auto i = tensor({1., 2.});
  auto a = i.to(kCUDA).requires_grad_(), b = i.to(kCUDA).requires_grad_(), c = i.to("cuda:1");
  (a * b * 3).sum().backward();
  EXPECT_EQ(numbers(a.grad()), (std::vector<float>{3, 6}));
  EXPECT_EQ(numbers(b.grad()), (std::vector<float>{3, 6}));
  EXPECT_EQ(numbers(c + 1), (std::vector<float>{2, 3}));
  auto g = autograd::grad({(i.requires_grad_() * 2).to(kCUDA).sum()}, {i})[0];
  EXPECT_EQ(g.device(), Device(kCPU));
}

TEST(CudaTensors, PointersSeeWhatAFailedStepLeft) {
  auto x = tensor({1., 2.}), table = ones({2, 2}, kCUDA);
  auto bad = compile([&](Tensor index) {
    NoGradGuard no_grad;
    x.add_(1);
    return F::embedding(index, table).sum();
  });
  for (int i = 0; i < 3; ++i)
    bad(tensor({1}, device(kCUDA).dtype(kLong)));
  auto *pointer = x.data_ptr<float>();
  EXPECT_ERROR_TEXT(bad(tensor({5}, device(kCUDA).dtype(kLong))), "index");
  pointer[0] = 100;
  EXPECT_EQ(numbers(x), (std::vector<float>{100, 5}));
}
