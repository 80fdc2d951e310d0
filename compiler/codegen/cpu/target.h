// The CPU that code is generated for: LLVM's target machine, the register tiles that suit it, the features that loading checks.
#pragma once
#include "compiler/lower/passes.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"
#include <memory>
#include <string>

namespace tenon::compiler::cpu {

struct Target {
  std::string cpu, features; ///< LLVM's names
  TileTable table;
  uint64_t required = 0; ///< bits of TENON_CPU_*
  bool fma = false, f16c = false; ///< has the instructions
  std::string describe() const;
  std::unique_ptr<llvm::TargetMachine> machine() const;
};

/// "host", or a CPU name that LLVM knows.
llvm::Expected<Target> findTarget(llvm::StringRef name);

} // namespace tenon::compiler::cpu
