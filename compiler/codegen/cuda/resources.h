// What the kernels of a cubin take on a device, as NVIDIA's assembler wrote it there.
#pragma once
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"

namespace tenon::compiler::cuda {

struct Resources {
  uint32_t registers = 0; ///< of a thread
  uint32_t local = 0;     ///< bytes of a thread's stack in memory: what registers could not hold
};

/// By kernel. Damaged files are errors; a file that is no cubin (a test's) has none.
llvm::Expected<llvm::StringMap<Resources>> readResources(llvm::StringRef cubin);

} // namespace tenon::compiler::cuda
