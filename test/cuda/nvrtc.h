// Compiles CUDA C++ by the fake NVRTC, for tests.
#pragma once
#include <string>

namespace tenon::test {

/// The image of `text` for "sm_90" or "compute_80"; throws std::runtime_error with the compiler's log.
std::string compileCuda(const std::string &text, const std::string &arch, bool ptx);
/// The macros of kernels as they are for a device, for text that host.h has not been put before.
inline const char *const cudaPrelude = R"(
#ifndef TENON_HOST
#define TENON_KERNEL(n) extern "C" __global__ void __launch_bounds__(n)
#define TENON_EXPORT(kernel, ...)
#define TENON_EXPORT_FREE(kernel, ...)
#define TENON_DYNAMIC_SHARED(type, name) extern __shared__ type name[]
#endif
)";

} // namespace tenon::test
