// The GPUs that code is generated for.
#pragma once
#include "compiler/lower/passes.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace tenon::compiler::cuda {

struct Architecture {
  int number = 80;        ///< 90 for sm_90
  bool specific = false;  ///< sm_90a: only there
  bool machine = false;   ///< machine code (sm_90), else PTX (compute_90), which later GPUs take as well
  std::string name() const { return (machine ? "sm_" : "compute_") + std::to_string(number) + (specific ? "a" : ""); }
};

struct Target {
  std::vector<Architecture> architectures; ///< compute_80 is always there
  TileTable table;
  std::string describe() const; ///< "cuda:compute_80,sm_90": a name that findTarget reads
};

/// "cuda" or "cuda:sm_90,sm_86".
llvm::Expected<Target> findTarget(llvm::StringRef name);
/// "haswell,cuda:sm_90" in its two parts; one of them may be empty.
std::pair<llvm::StringRef, llvm::StringRef> splitTarget(llvm::StringRef name);

} // namespace tenon::compiler::cuda
