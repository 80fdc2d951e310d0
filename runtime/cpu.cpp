// Processor features, asked once by each load.
#include "runtime/cpu.h"
#include "runtime/abi.h"
#include "runtime/tenon.h"
#include <elf.h>

namespace tenon::rt {

namespace {
constexpr struct {
  uint64_t bit;
  const char *name;
} names[] = {
    {TENON_CPU_SSE42, "SSE4.2"},         {TENON_CPU_AVX, "AVX"},           {TENON_CPU_AVX2, "AVX2"},
    {TENON_CPU_FMA, "FMA"},              {TENON_CPU_F16C, "F16C"},         {TENON_CPU_BMI2, "BMI2"},
    {TENON_CPU_AVX512F, "AVX512F"},      {TENON_CPU_AVX512BW, "AVX512BW"}, {TENON_CPU_AVX512DQ, "AVX512DQ"},
    {TENON_CPU_AVX512VL, "AVX512VL"},    {TENON_CPU_AVX512BF16, "AVX512BF16"}, {TENON_CPU_AVX512VNNI, "AVX512VNNI"},
};
} // namespace

#if defined(__x86_64__)
uint64_t cpuFeatures() {
  __builtin_cpu_init();
  uint64_t bits = 0;
  auto add = [&](bool has, uint64_t bit) { bits |= has ? bit : 0; };
  add(__builtin_cpu_supports("sse4.2"), TENON_CPU_SSE42);
  add(__builtin_cpu_supports("avx"), TENON_CPU_AVX);
  add(__builtin_cpu_supports("avx2"), TENON_CPU_AVX2);
  add(__builtin_cpu_supports("fma"), TENON_CPU_FMA);
  add(__builtin_cpu_supports("f16c"), TENON_CPU_F16C);
  add(__builtin_cpu_supports("bmi2"), TENON_CPU_BMI2);
  add(__builtin_cpu_supports("avx512f"), TENON_CPU_AVX512F);
  add(__builtin_cpu_supports("avx512bw"), TENON_CPU_AVX512BW);
  add(__builtin_cpu_supports("avx512dq"), TENON_CPU_AVX512DQ);
  add(__builtin_cpu_supports("avx512vl"), TENON_CPU_AVX512VL);
  add(__builtin_cpu_supports("avx512bf16"), TENON_CPU_AVX512BF16);
  add(__builtin_cpu_supports("avx512vnni"), TENON_CPU_AVX512VNNI);
  return bits;
}
uint32_t cpuArch() { return EM_X86_64; }
#else
uint64_t cpuFeatures() { return 0; }
#if defined(__aarch64__)
uint32_t cpuArch() { return EM_AARCH64; }
#else
#error "name this processor's ELF machine here"
#endif
#endif

const char *archName(uint32_t arch) {
  return arch == EM_X86_64 ? "x86_64" : arch == EM_AARCH64 ? "aarch64" : arch == EM_RISCV ? "riscv" : "an unknown processor";
}

void nameFeatures(uint64_t bits, Text &text) {
  const char *separator = "";
  for (auto [bit, name] : names)
    if (bits & bit)
      text.add("%s%s", separator, name), separator = ", ", bits &= ~bit;
  for (int i = 0; i < 64; ++i)
    if (bits >> i & 1)
      text.add("%sfeature number %d (unknown to this runtime)", separator, i), separator = ", ";
}

} // namespace tenon::rt
