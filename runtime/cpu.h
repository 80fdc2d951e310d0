// What this processor can run.
#pragma once
#include "runtime/text.h"
#include <stdint.h>

namespace tenon::rt {

uint64_t cpuFeatures();    // bits of tenon_trailer.features
uint32_t cpuArch();        // ELF e_machine of this process
const char *archName(uint32_t arch);
/// "AVX512F, AVX512BW": the names of the bits, unknown ones by number.
void nameFeatures(uint64_t bits, Text &text);

/// Sets the floating-point mode that kernels are compiled for (round to nearest, denormals kept) and puts the caller's back, so that
/// results depend neither on the thread nor on what the program did before.
class FloatingPointMode {
public:
#if defined(__x86_64__)
  FloatingPointMode() : caller_(__builtin_ia32_stmxcsr()) {
    if ((caller_ & ~0x3fu) != standard)
      __builtin_ia32_ldmxcsr(standard);
  }
  ~FloatingPointMode() {
    if ((caller_ & ~0x3fu) != standard)
      __builtin_ia32_ldmxcsr(caller_);
  }

private:
  static constexpr unsigned standard = 0x1f80; // all exceptions masked; the low six bits are sticky flags
  unsigned caller_;
#else
  FloatingPointMode() {}
#endif
};

} // namespace tenon::rt
