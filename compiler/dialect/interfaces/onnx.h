// What an op's entry says its ONNX form with: nodes and constants by name, no protobuf.
//
//   in an entry                                     meaning
//   let onnx = "Tanh";                              (pointwise classes) one node of the same operands
//   let onnxAttributes = "{\"alpha\", 0.1}";        its attributes
//   let onnxSince = 18;                             from that opset on; below it the decomposition leaves instead
//   let onnxForm = "onnx(*this, o)";                written by a function; nothing (std::nullopt): the decomposition leaves instead
//
// Every number that could move with a size (a shape, an end, a count) is an operand, never an attribute: a graph exported at two sizes is compared,
// and what moved is computed. Operands are constants of rank 0 and 1.
#pragma once
#include "compiler/dialect/interfaces/literal.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Operation.h"
#include <functional>
#include <optional>
#include <string>
#include <variant>

namespace tenon::ir {

/// Names of values, one per result; nothing: the op has no form of its own here.
using OnnxNames = llvm::SmallVector<std::string, 2>;
using OnnxForm = std::optional<OnnxNames>;
/// A graph that is an attribute of a node.
struct OnnxBody {
  unsigned number;
};
struct OnnxAttribute {
  std::string name;
  std::variant<int64_t, double, std::string, std::vector<int64_t>, OnnxBody, mlir::Type> value; // a type: the number of an element type
};

class OnnxBuilder;
/// What an op repeats: its extents, by the dimensions of the result, 1 where it is repeated; and how it is written, extents of 1 in front left out or not.
struct OnnxRepeated {
  llvm::SmallVector<int64_t> shape;
  std::function<std::string(OnnxBuilder &)> write;
};

class OnnxBuilder {
public:
  OnnxBuilder(mlir::MLIRContext *context, int64_t opset) : context(context), opset(opset) {}
  virtual ~OnnxBuilder() = default;
  mlir::MLIRContext *const context;
  const int64_t opset;

  /// The name of a value; "" of null.
  virtual std::string operator()(mlir::Value value) = 0;
  virtual OnnxNames nodes(llvm::StringRef op, llvm::ArrayRef<std::string> operands, llvm::ArrayRef<OnnxAttribute> attributes, unsigned results) = 0;
  virtual std::string constant(mlir::ElementsAttr value) = 0;
  /// Random bits, given from outside: an input of the graph.
  virtual std::string draw(mlir::RankedTensorType type) = 0;
  /// State as it is now, and as it is from now on.
  virtual std::string read(llvm::StringRef state) = 0;
  virtual void write(llvm::StringRef state, std::string value) = 0;
  /// A graph of its own: `inputs` are its arguments, `write` says its results.
  virtual OnnxBody body(llvm::ArrayRef<mlir::Type> inputs, llvm::function_ref<OnnxNames(llvm::ArrayRef<std::string>)> write) = 0;
  /// Exports the ops of a block with these names for its arguments; the names of what it yields. Those of what failed are empty.
  virtual OnnxNames block(mlir::Block &block, llvm::ArrayRef<std::string> arguments) = 0;
  /// Whether an attribute of the op's form moved with a size: it must be said by operands.
  virtual bool moves() = 0;
  /// Says why an op cannot leave.
  virtual std::nullopt_t refuse(std::string why) = 0;

  // Made of these.
  std::string node(llvm::StringRef op, llvm::ArrayRef<std::string> operands, llvm::ArrayRef<OnnxAttribute> attributes = {}) { return nodes(op, operands, attributes, 1)[0]; }
  /// One node of the op's operands.
  OnnxForm plain(mlir::Operation *op, llvm::StringRef name, llvm::ArrayRef<OnnxAttribute> attributes = {}, int64_t since = 1);
  /// Constants: a scalar, a whole number of rank 0, whole numbers of rank 1.
  std::string number(mlir::Type element, double value);
  std::string integer(int64_t value);
  std::string integers(llvm::ArrayRef<int64_t> values);
  std::string cast(std::string x, mlir::Type element) { return node("Cast", {x}, {{"to", element}}); }
  std::string reshape(std::string x, llvm::ArrayRef<int64_t> shape) { return node("Reshape", {x, integers(shape)}); }
  std::string expand(std::string x, llvm::ArrayRef<int64_t> shape) { return node("Expand", {x, integers(shape)}); }
  /// x itself where the order is the same.
  std::string transpose(std::string x, llvm::ArrayRef<int64_t> permutation);
  /// Every `steps`-th element of [starts, ends) in all dimensions.
  std::string slice(std::string x, llvm::ArrayRef<int64_t> starts, llvm::ArrayRef<int64_t> ends, llvm::ArrayRef<int64_t> steps);
  /// x with the value (a scalar) around it; negative numbers cut.
  std::string pad(std::string x, llvm::ArrayRef<int64_t> low, llvm::ArrayRef<int64_t> high, std::string value);
};

} // namespace tenon::ir
