// ONNX in: a file is read once, and imported anew for every signature of its inputs, as prim and nn ops of static shapes.
#pragma once
#include "compiler/dialect/interfaces/expr.h"
#include "compiler/dialect/interfaces/literal.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>
#include <optional>
#include <string>

namespace tenon::onnx {

/// An input or output as the file declares it.
struct Port {
  std::string name;
  /// The element type in Tenon: integers of 8 and 16 bits are i32, unsigned ones of 32 and 64 bits are i64. Null: no tensor.
  mlir::Type element;
  std::string elementName; ///< in ONNX: "uint8"
  /// Absent where the file says nothing; -1 for a dimension that it leaves open, whose name (or "") is in `symbols`.
  std::optional<llvm::SmallVector<int64_t>> shape;
  llvm::SmallVector<std::string> symbols;
};

/// An initialiser that training may change: a parameter, or a buffer (running statistics, numbers of rank 0).
struct Weight {
  std::string name;
  mlir::RankedTensorType type;
  llvm::ArrayRef<char> data; ///< as in a Literal, mostly where the file has been mapped: as long as the model holds it
  bool parameter;
};

/// What an input is when imported: a value of a function, or elements that are known already (shapes may depend on these alone).
struct Given {
  mlir::Value value;
  std::optional<ir::Literal> known;
};

/// Where what the graph holds comes from. The default: weights are state of the module, nothing trains.
class Environment {
public:
  virtual ~Environment() = default;
  virtual mlir::Value weight(mlir::ImplicitLocOpBuilder &builder, const Weight &weight, unsigned index) = 0;
  /// Batch norm and dropout as in training: statistics go to `assign`, randomness comes from `draw`.
  virtual bool training() { return false; }
  virtual void assign(mlir::ImplicitLocOpBuilder &, unsigned, mlir::Value) {}
  /// Seed and counter of n random numbers (tensor<i64>). The default: a fixed seed, counters one after the other.
  virtual std::pair<mlir::Value, mlir::Value> draw(mlir::ImplicitLocOpBuilder &builder, int64_t n);

private:
  int64_t drawn = 0;
};

/// A file that has been read and checked.
class Model {
public:
  /// Errors name the file, and node and op where there is one. Nothing is trusted: sizes, references, paths of external data.
  static llvm::Expected<std::unique_ptr<Model>> load(llvm::StringRef path, mlir::MLIRContext &context);
  /// The same from memory; `folder` is where external data may lie (empty: nowhere).
  static llvm::Expected<std::unique_ptr<Model>> parse(llvm::StringRef bytes, llvm::StringRef folder, mlir::MLIRContext &context);
  ~Model();

  /// Without initialisers.
  llvm::ArrayRef<Port> inputs() const;
  llvm::ArrayRef<Port> outputs() const;
  llvm::ArrayRef<Weight> weights() const;
  /// Copies a weight's elements, and gives the memory of the mapped file back.
  void read(unsigned weight, void *to) const;
  /// Lets go of the weights' elements and the file: for an environment that has read them and needs no more than their types.
  void release();
  /// The name in the file of a graph's ops, one per line.
  std::string print() const;

  /// Appends the graph at the builder's place; one value per output. An input on whose elements a shape depends is an error that begins with
  /// "input 'name' decides" unless it is known: see `wanted`.
  llvm::Expected<llvm::SmallVector<mlir::Value>> import(mlir::ImplicitLocOpBuilder &builder, llvm::ArrayRef<Given> inputs, Environment &environment) const;
  /// The input whose elements the last failing import needed; -1: it failed for another reason.
  int wanted() const;

private:
  Model();
  static llvm::Expected<std::unique_ptr<Model>> parse(std::unique_ptr<llvm::MemoryBuffer> file, llvm::StringRef folder, mlir::MLIRContext &context);
  struct Content;
  std::unique_ptr<Content> content;
};

/// A module with one function, "predict", of state and code; inputs of the given types, or known. The state refers to the model's weights: the model must live as long.
struct Input {
  mlir::RankedTensorType type;
  std::optional<ir::Literal> known;
};
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> importModule(const Model &model, llvm::ArrayRef<Input> inputs, mlir::MLIRContext &context);

/// Every op that is imported or refused, in order: for the table of the README.
struct Support {
  std::string domain, op;
  llvm::SmallVector<int64_t> since; ///< versions with a rule of their own
  std::string refusal;              ///< why not; empty: it is imported
};
std::vector<Support> supported();

} // namespace tenon::onnx
