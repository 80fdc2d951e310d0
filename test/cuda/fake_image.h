// What fake NVRTC appends to the shared library that it makes of a program, and fake libcuda reads: what the bytes pretend to be.
#pragma once
#include <cstdint>

struct FakeImage {
  std::uint64_t magic; // fakeImageMagic
  std::uint32_t ptx;   // 1: PTX, 0: a cubin
  std::uint32_t arch;  // 80; what only runs there ("90a") has 1000 added
  std::uint32_t nvrtc; // 13000: CUDA 13.0
  std::uint32_t reserved;
};
inline constexpr std::uint64_t fakeImageMagic = 0x45474d4945444143;
