// A module compiled, loaded and called through the runtime's C interface: what tests of compiled code share.
#pragma once
#include "mlir/IR/BuiltinOps.h"
#include "runtime/tenon.h"
#include <string>
#include <vector>

namespace tenon::test {

class Artifact {
public:
  /// Compiles for a target ("host", "x86-64", "haswell"; "cuda": through the NVRTC and on the driver of test/cuda); a failure is the running test's, and the artifact is not loaded.
  explicit Artifact(mlir::ModuleOp module, const std::string &target = "host");
  /// The same of a module's text.
  explicit Artifact(const std::string &text, const std::string &target = "host");
  Artifact(const Artifact &) = delete;
  ~Artifact();

  bool loaded() const { return runs; }
  /// Calls a function on a state of its own; a failure is the running test's, which `text` explains.
  void call(const std::string &function, const std::vector<tenon_array> &in, std::vector<tenon_array> out, const std::string &text = "");

private:
  tenon_model *model = nullptr;
  tenon_context *runs = nullptr;
  uint32_t device = 0;
};

} // namespace tenon::test
