// One function of a captured module as an ONNX graph, with the numbers of one size.
#pragma once
#include "compiler/onnx/proto.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/Error.h"
#include <map>
#include <set>

namespace tenon::onnx {

/// A named tensor of the model; its elements stay where they are until the file is written.
struct Initializer {
  std::string name;
  mlir::RankedTensorType type;
  mlir::ElementsAttr value; // null: zeros
};

struct Graph {
  ::onnx::GraphProto proto;     ///< constants are initializers, each used by one node; nodes' doc_string: the user's line
  std::vector<Initializer> weights;  ///< not in `proto` yet
  std::set<std::string> inputs; ///< weights that are inputs too: state that the function writes
  std::map<std::string, std::string> places; ///< of nodes, by name: which op they are of, as `Moving` has it
};

/// Ops whose attributes move with a size, each by its place: the number of the op in its block, below that of the op that it is a part of.
using Moving = std::set<std::string>;

/// Exports `function`, whose composites may be decomposed in place: those of `moving` are. Errors name the op and the user's line.
llvm::Expected<Graph> writeGraph(mlir::func::FuncOp function, int64_t opset, const Moving &moving = {});

/// ONNX's number of an element type.
int32_t elementType(mlir::Type element);
/// Name, element type and shape.
void describe(::onnx::ValueInfoProto &info, const std::string &name, mlir::RankedTensorType type);
/// Drops nodes and constants that nothing reads.
void prune(::onnx::GraphProto &graph);
/// Element i of a constant that holds raw data, a number; of flags no number.
double elementAt(const ::onnx::TensorProto &tensor, int64_t i);
/// Elements row-major; flags as bytes.
std::string bytesOf(mlir::RankedTensorType type, mlir::ElementsAttr value);
/// Calls `visit` on the names that a node reads, those of its graphs' nodes too.
void eachRead(const ::onnx::NodeProto &node, llvm::function_ref<void(const std::string &)> visit);

} // namespace tenon::onnx
