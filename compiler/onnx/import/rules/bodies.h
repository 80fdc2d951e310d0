// Graphs inside of nodes: written among the ops before, or as the region of an op of prim.
#pragma once
#include "compiler/onnx/import/rules/common.h"

namespace tenon::onnx::imports {

/// A graph in the same block: its ops follow those before.
inline std::vector<Value> inlined(Node &n, const pb::GraphProto &graph, llvm::ArrayRef<Value> arguments) {
  Scope scope;
  scope.outer = scope.around = &n.scope;
  scope.block = n.scope.block;
  return n.importer.body(graph, scope, n.b, arguments);
}

/// A region that sees nothing but its arguments, and what was captured.
struct Body {
  std::unique_ptr<mlir::Block> block = std::make_unique<mlir::Block>();
  Scope scope;
  mlir::ImplicitLocOpBuilder b;
  llvm::SmallVector<Value> arguments; ///< of the graph
  explicit Body(Node &n, bool repeated = false) : b(n.b.getLoc(), n.b.getContext()) {
    scope.outer = scope.around = &n.scope;
    scope.block = block.get();
    scope.isolated = true;
    scope.repeated = repeated;
    b.setInsertionPointToEnd(block.get());
  }
  void argument(int dtype, mlir::RankedTensorType type) {
    Value v;
    v.dtype = dtype;
    v.type = type;
    v.value = block->addArgument(type, b.getLoc());
    arguments.push_back(v);
  }
};

/// A value of a body as the block has it.
inline Expr valueIn(Node &n, Body &body, const Value &v) {
  Node here(n.importer, n.proto, body.scope, body.b, n.version);
  return here.value(v);
}
inline void sameType(Node &n, const Value &a, mlir::RankedTensorType type, const llvm::Twine &what) {
  n.expect(a.isTensor() && a.type == type, what + " changes its shape or type from step to step, which is not supported");
}

} // namespace tenon::onnx::imports
