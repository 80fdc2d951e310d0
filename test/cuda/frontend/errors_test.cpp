// What goes wrong with GPUs, as programs of the frontend see it: each in a process of its own.
#include "test/unit/frontend/expect_error.h"

#include <cstdlib>
#include <functional>

using namespace tenon;
using testing::ExitedWithCode;

namespace {
class CudaErrors : public testing::Test {
protected:
  CudaErrors() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

/// What a program says of its errors, to stderr.
[[noreturn]] void say(const std::function<void()> &program) {
  try {
    program();
    std::cerr << "it ran\n";
  } catch (const Error &e) {
    std::cerr << e.what() << "\n";
  }
  std::_Exit(0);
}
/// With a variable of the fake driver's.
[[noreturn]] void say_with(const char *variable, const char *value, const std::function<void()> &program) {
  ::setenv(variable, value, 1);
  say(program);
}

/// A layer that learns to give ones.
struct Small {
  nn::Linear net{3, 2};
  Small() { net->to(kCUDA); }
  optim::SGD sgd{net->parameters(), optim::SGDOptions(0.1).momentum(0.9)};
  float step(int64_t batch = 4) {
    sgd.zero_grad();
    auto loss = (net(ones({batch, 3}, kCUDA)) - 1).square().mean();
    loss.backward();
    sgd.step();
    return loss.item<float>();
  }
};
} // namespace

TEST_F(CudaErrors, NoDriverNoDevice) {
  auto move = [] { ones({2}).to(kCUDA); };
  EXPECT_EXIT(say_with("TENON_LIBCUDA", "/nonexistent/libcuda.so.1", move), ExitedWithCode(0), "to: expected device cpu, got cuda: CUDA: there is no NVIDIA driver here.*errors_test.cpp");
  EXPECT_EXIT(say_with("TENON_FAKE_CUDA_DEVICES", "0", move), ExitedWithCode(0), "the driver is installed, but there is no GPU");
  EXPECT_EXIT(say_with("TENON_LIBCUDA", "/nonexistent/libcuda.so.1", [] { std::cerr << (cuda::is_available() ? "some" : "none") << ", "; }), ExitedWithCode(0), "none, it ran");
}

TEST_F(CudaErrors, NoCodeForThisGpu) {
  EXPECT_EXIT(say_with("TENON_FAKE_CUDA_ARCH", "75", [] { Small().step(); }), ExitedWithCode(0), "has no code for GPU 0 .Fake GPU 0, sm_75.; it has compute_80");
}

TEST_F(CudaErrors, NoNvrtc) {
  EXPECT_EXIT(say_with("TENON_LIBNVRTC", "/nonexistent/libnvrtc.so", [] { Small().step(); }), ExitedWithCode(0), "NVRTC was not found.*looked for /nonexistent/libnvrtc.so");
}

TEST_F(CudaErrors, ADeviceThatIsLost) {
  EXPECT_EXIT(say([] {
                Small small;
                small.step();
                ::setenv("TENON_FAKE_CUDA_LOST_AT", "1", 1);
                small.step();
              }),
              ExitedWithCode(0), "GPU 0 .Fake GPU 0. failed in the middle of it: unspecified launch failure .CUDA error 719.; the state on it is lost");
  EXPECT_EXIT(say([] {
                Small small;
                small.step();
                ::setenv("TENON_FAKE_CUDA_LOST_AT", "1", 1);
                try {
                  small.step();
                } catch (const Error &) {
                }
                std::cerr << small.net->weight.cpu();
              }),
              ExitedWithCode(0), "unspecified launch failure") << "no old numbers either";
}

TEST_F(CudaErrors, OutOfMemoryLeavesWhatThereWas) {
  Small small, twin;
  twin.net->load_state_dict(small.net->state_dict());
  EXPECT_EQ(small.step(), twin.step());
  {
    ::setenv("TENON_FAKE_CUDA_MEMORY", "1000", 1); // less than is in use
    EXPECT_ERROR_TEXT(small.step(1 << 20), "out of memory", "bytes are needed on GPU 0 (Fake GPU 0)", "are free");
    ::unsetenv("TENON_FAKE_CUDA_MEMORY");
  }
  for (const char *call : {"cuGraphLaunch:0:2", "cuMemAlloc_v2:0:2"}) {
    ::setenv("TENON_FAKE_CUDA_FAIL", call, 1);
    EXPECT_EQ(small.step(), twin.step()) << "memory that nobody uses is given back, and it runs";
    ::unsetenv("TENON_FAKE_CUDA_FAIL");
  }
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(small.step(), twin.step());
  EXPECT_TRUE(equal(small.net->weight.cpu(), twin.net->weight.cpu()));
}
