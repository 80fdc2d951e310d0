// Compiled steps on disk: who has one needs a driver and nothing else.
#include "test/unit/frontend/expect_error.h"

#include <cstdlib>
#include <filesystem>
#include <unistd.h>

using namespace tenon;
namespace fs = std::filesystem;

namespace {
/// A cache and an NVRTC of the test's own. Each program runs in a process that begins anew with this test, and inherits them.
class CudaCache : public testing::Test {
protected:
  CudaCache() : owner(!std::getenv("TENON_TEST_FOLDER")) {
    if (owner) {
      folder = (fs::temp_directory_path() / ("tenon-cuda-cache-" + std::to_string(::getpid()))).string();
      fs::create_directories(folder);
      fs::copy_file(std::getenv("TENON_LIBNVRTC"), folder + "/libnvrtc.so");
      before = {std::getenv("TENON_LIBNVRTC"), std::getenv("TENON_CACHE") ? std::getenv("TENON_CACHE") : "off"};
      ::setenv("TENON_TEST_FOLDER", folder.c_str(), 1);
      ::setenv("TENON_LIBNVRTC", (folder + "/libnvrtc.so").c_str(), 1);
      ::setenv("TENON_CACHE", (folder + "/cache").c_str(), 1);
    }
    folder = std::getenv("TENON_TEST_FOLDER");
    GTEST_FLAG_SET(death_test_style, "threadsafe");
  }
  ~CudaCache() override {
    if (!owner)
      return;
    ::unsetenv("TENON_TEST_FOLDER");
    ::setenv("TENON_LIBNVRTC", before[0].c_str(), 1), ::setenv("TENON_CACHE", before[1].c_str(), 1);
    fs::remove_all(folder);
  }
  bool owner;
  std::string folder;
  std::vector<std::string> before;

  /// A program; says what it computes, or why not.
  [[noreturn]] static void program(int64_t size, const char *variable = nullptr, const char *value = nullptr) {
    if (variable)
      ::setenv(variable, value, 1);
    try {
      auto x = ones({size}, kCUDA);
      std::cerr << "sum " << (x * 2 + 1).sum().item<float>() << "\n";
    } catch (const Error &e) {
      std::cerr << e.what() << "\n";
    }
    std::_Exit(0);
  }
};
using testing::ExitedWithCode;
} // namespace

TEST_F(CudaCache, AHitNeedsNoNvrtc) {
  EXPECT_EXIT(program(5), ExitedWithCode(0), "sum 15");
  if (owner)
    fs::remove(folder + "/libnvrtc.so");
  EXPECT_EXIT(program(5), ExitedWithCode(0), "sum 15");
  EXPECT_EXIT(program(6), ExitedWithCode(0), "NVRTC was not found");
}

TEST_F(CudaCache, WhatTheDriverDoesNotTakeIsMadeAgain) {
  EXPECT_EXIT(program(5), ExitedWithCode(0), "sum 15"); // by CUDA 13.0
  EXPECT_EXIT(program(5, "TENON_FAKE_CUDA_DRIVER", "12080"), ExitedWithCode(0), "the driver supports CUDA 12.8, the artifact's code for this GPU was made by CUDA 13.0");
  if (owner)
    ::setenv("TENON_FAKE_NVRTC_VERSION", "12.8", 1); // another one was installed under its name
  EXPECT_EXIT(program(5, "TENON_FAKE_CUDA_DRIVER", "12080"), ExitedWithCode(0), "sum 15");
  if (owner)
    ::unsetenv("TENON_FAKE_NVRTC_VERSION");
}
