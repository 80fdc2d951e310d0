// NVRTC: CUDA C++ text to PTX and machine code. Opened when it is needed; no GPU takes part.
#pragma once
#include "compiler/codegen/cuda/target.h"
#include "llvm/ADT/ArrayRef.h"

namespace tenon::compiler::cuda {

struct Image {
  Architecture architecture;
  std::vector<char> bytes;
};

struct Images {
  std::vector<Image> all;
  unsigned version = 0; ///< of NVRTC: 12090 is 12.9
};

/// The program for every architecture. Looked for, in this order: $TENON_LIBNVRTC (a file), what the dynamic linker finds (libnvrtc.so.13, .12, libnvrtc.so), $CUDA_HOME and
/// /usr/local/cuda, the Python package nvidia-cuda-nvrtc of $VIRTUAL_ENV, ~/.local and the system; of these the first that is no newer
/// than this machine's driver, if it has one ($TENON_LIBNVRTC is taken as it is), and not older than 11.2. The error says where it was looked for, or what NVRTC said.
llvm::Expected<Images> compileProgram(const std::string &text, llvm::ArrayRef<Architecture> architectures);

/// Whether the NVRTC that is found compiles for all of these; the error lists those that it knows.
llvm::Error checkArchitectures(llvm::ArrayRef<Architecture> asked);

} // namespace tenon::compiler::cuda
