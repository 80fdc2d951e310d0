// From an object file in memory to an artifact on disk.
#pragma once
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace tenon::compiler {

/// Links with lld in process, appends the trailer, and replaces `path` atomically. `features`: bits of TENON_CPU_*.
llvm::Error linkArtifact(llvm::ArrayRef<char> object, uint64_t features, llvm::StringRef path);

/// Writes bytes to `path` by a temporary file beside it: whole or not at all.
llvm::Error writeAtomically(llvm::StringRef path, llvm::ArrayRef<char> bytes);

} // namespace tenon::compiler
