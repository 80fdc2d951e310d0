// The walk over a graph: names to values, nodes to rules, constants folded on the way.
#pragma once
#include "compiler/onnx/import/node.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tenon::onnx::imports {

/// Versions of the domains that a model or a function was written for.
using Opsets = std::map<std::string, int64_t>;
Opsets opsetsOf(const google::protobuf::RepeatedPtrField<pb::OperatorSetIdProto> &imports);
using Functions = std::map<std::pair<std::string, std::string>, const pb::FunctionProto *>;

/// Functions and graphs inside of each other.
constexpr int deepest = 64;

class Importer {
public:
  Importer(mlir::ImplicitLocOpBuilder &root, Environment &environment, const Functions &functions, Opsets opsets, llvm::StringRef folder, llvm::StringRef file)
      : context(*root.getContext()), environment(environment), functions(functions), opsets(std::move(opsets)), folder(folder), file(file), root(root) {}
  mlir::MLIRContext &context;
  Environment &environment;
  const Functions &functions;
  Opsets opsets;
  llvm::StringRef folder, file;
  mlir::ImplicitLocOpBuilder &root;
  llvm::ArrayRef<Weight> weights;
  int64_t computable = int64_t(1) << 24; ///< elements that nodes of known operands may still make: later ones stay ops
  int64_t listed = 0;                    ///< elements that rules made up: places, weights, windows
  static constexpr int64_t mostListed = int64_t(1) << 25;

  /// Every node of a graph, in order; its initialisers first.
  void graph(const pb::GraphProto &graph, Scope &scope, mlir::ImplicitLocOpBuilder &b);
  Value lookup(Scope &scope, const std::string &name);
  /// A value of an outer block as it is seen from `scope`: an argument where a body is isolated.
  mlir::Value visible(Scope &scope, mlir::Value value);
  mlir::Value weight(unsigned index);
  /// A body of a prim op: `arguments` are bound to the graph's inputs. Results are in the body.
  std::vector<Value> body(const pb::GraphProto &graph, Scope &scope, mlir::ImplicitLocOpBuilder &b, llvm::ArrayRef<Value> arguments);

  /// Where the walk is: a rule that tries one way and then another comes back here.
  struct Place {
    int depth;
    Opsets opsets;
  };
  Place place() const { return {depth, opsets}; }
  void restore(const Place &place) { depth = place.depth, opsets = place.opsets; }

private:
  void node(const pb::NodeProto &proto, Scope &scope, mlir::ImplicitLocOpBuilder &b);
  /// The results of a node of known operands; false: they are too many.
  bool fold(const Entry &entry, Node &node);
  void call(const pb::FunctionProto &function, Node &node);
  void verify(Node &node, mlir::Operation *last);
  llvm::DenseMap<unsigned, mlir::Value> weightValues;
  int depth = 0;
  int64_t number = 0; // of nodes: what locations say
};

} // namespace tenon::onnx::imports
