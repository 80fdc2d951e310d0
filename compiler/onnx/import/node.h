// What an import rule sees: a node's operands as expressions or known elements, its attributes, and where its results go.
#pragma once
#include "compiler/dialect/nn/Nn.h"
#include "compiler/dialect/prim/Prim.h"
#include "compiler/onnx/import/import.h"
#include "compiler/onnx/proto.h"
#include "llvm/Support/MemoryBuffer.h"
#include <functional>

namespace tenon::onnx::imports {
namespace pb = ::onnx;
using ir::Expr, ir::Literal;
using Dims = llvm::SmallVector<int64_t>;
using LiteralRef = std::shared_ptr<const Literal>;

/// Thrown by rules; becomes an llvm::Error that names node and op.
struct Failure {
  std::string message;
  int wanted = -1; ///< the graph input whose elements would have to be known
};

/// A value of the graph.
struct Value {
  int dtype = 0; ///< pb::TensorProto::DataType
  mlir::RankedTensorType type;
  mlir::Value value; ///< null: made from `known` where it is used
  LiteralRef known;  ///< its elements, where they do not depend on data
  int weight = -1;   ///< which weight it is: `known` is only what that begins with, if it is small
  int input = -1;    ///< of the graph
  std::shared_ptr<const std::vector<Value>> list; ///< a sequence, or an optional (none or one)
  bool isTensor() const { return static_cast<bool>(type); }
  /// Elements that no training changes.
  bool isConstant() const { return list ? llvm::all_of(*list, [](const Value &v) { return v.isConstant(); }) : known && weight < 0; }
};

// Element types (types.cpp).
mlir::Type storageType(int dtype, mlir::MLIRContext &context); ///< null: Tenon has no form for it
const char *dtypeName(int dtype);
int dtypeOf(mlir::Type element); ///< the ONNX type of that very form
inline bool isFloat(int t) { return t == pb::TensorProto::FLOAT || t == pb::TensorProto::DOUBLE || t == pb::TensorProto::FLOAT16 || t == pb::TensorProto::BFLOAT16; }
/// Bits and sign of integers; 0 bits for others.
struct IntegerForm {
  int bits;
  bool isSigned;
};
IntegerForm integerForm(int dtype);
/// What an integer type holds of a number, after arithmetic in a wider one.
Expr wrapped(Expr x, int dtype);
/// The nearest number that the type holds.
Expr saturated(Expr x, int dtype);
/// Elements of a tensor in a file: where they lie if their form there is Tenon's, else `made` of them.
struct Elements {
  mlir::RankedTensorType type;
  llvm::ArrayRef<char> bytes;
  std::shared_ptr<llvm::MemoryBuffer> file; ///< beside the model, in which they lie
  LiteralRef made;
  LiteralRef literal() const { return made ? made : std::make_shared<Literal>(Literal{type, {bytes.begin(), bytes.end()}}); }
};
/// `folder` as in Model::parse; `raw`: the raw data, where the message came without (lean.h).
Elements elementsIn(const pb::TensorProto &tensor, llvm::StringRef folder, mlir::MLIRContext &context, std::optional<llvm::StringRef> raw = std::nullopt);
inline Literal literalOf(const pb::TensorProto &tensor, llvm::StringRef folder, mlir::MLIRContext &context) { return *elementsIn(tensor, folder, context).literal(); }
/// The product of extents; throws beyond what is reasonable.
int64_t elementsOf(llvm::ArrayRef<int64_t> shape, int64_t most = int64_t(1) << 40);

class Importer;
/// Names of a graph; bodies of loops see those around them.
struct Scope {
  llvm::StringMap<Value> values;
  Scope *outer = nullptr;  ///< whose names it sees
  Scope *around = nullptr; ///< in whose block it lies; null: the model's graph
  mlir::Block *block = nullptr; ///< where its ops go
  /// Bodies of prim ops see nothing but arguments: what a body uses from outside, as it is outside and its argument.
  bool isolated = false;
  bool repeated = false; ///< a loop's body: what it draws or assigns would be so of one step only
  llvm::SmallVector<mlir::Value> captured, arguments;
};

class Node {
public:
  Node(Importer &importer, const pb::NodeProto &proto, Scope &scope, mlir::ImplicitLocOpBuilder &b, int64_t version) : importer(importer), proto(proto), scope(scope), b(b), version(version) {}
  Importer &importer;
  const pb::NodeProto &proto;
  Scope &scope;
  mlir::ImplicitLocOpBuilder &b;
  int64_t version; ///< of the op's domain
  std::vector<Value> inputs, outputs;

  [[noreturn]] void fail(const llvm::Twine &what) const;
  void expect(bool holds, const llvm::Twine &what) const {
    if (!holds)
      fail(what);
  }

  // Operands.
  size_t count() const { return inputs.size(); }
  bool has(size_t i) const { return i < inputs.size() && (inputs[i].isTensor() || inputs[i].list); }
  const Value &input(size_t i) const;
  Expr in(size_t i);
  Expr optional(size_t i) { return has(i) ? in(i) : Expr(); }
  int dtype(size_t i) const { return input(i).dtype; }
  llvm::ArrayRef<int64_t> shape(size_t i) const { return input(i).type.getShape(); }
  int64_t rank(size_t i) const { return input(i).type.getRank(); }
  Expr value(const Value &v);
  /// Elements that decide shapes.
  const Literal &known(size_t i) const;
  Dims ints(size_t i) const;
  llvm::SmallVector<double> reals(size_t i) const;
  double real(size_t i) const;

  // Attributes.
  const pb::AttributeProto *attribute(llvm::StringRef name, int type = 0) const;
  bool hasAttribute(llvm::StringRef name) const { return attribute(name); }
  int64_t i(llvm::StringRef name, int64_t otherwise) const;
  int64_t i(llvm::StringRef name) const;
  double f(llvm::StringRef name, double otherwise) const;
  std::string s(llvm::StringRef name, llvm::StringRef otherwise) const;
  std::optional<Dims> is(llvm::StringRef name) const;
  Dims is(llvm::StringRef name, const Dims &otherwise) const { return is(name).value_or(otherwise); }
  /// An attribute of older versions that became an operand.
  std::optional<Dims> isOrInput(llvm::StringRef name, size_t input) const;
  const pb::GraphProto &graph(llvm::StringRef name) const;

  /// A dimension from -rank to rank - 1 as one from 0; `extra` more are allowed.
  int64_t axis(int64_t axis, int64_t rank, int64_t extra = 0) const;
  Dims axes(Dims axes, int64_t rank) const;

  // Results.
  size_t outs() const { return proto.output_size(); }
  bool wants(size_t i) const { return i < outs() && !proto.output(i).empty(); }
  void out(size_t i, Expr x, int dtype);
  void out(size_t i, Expr x);
  void out(size_t i, Value v);
  void outKnown(size_t i, Literal l, int dtype);
  void outInts(size_t i, llvm::ArrayRef<int64_t> values, llvm::ArrayRef<int64_t> shape);

  // Making ops: checked, where the ordinary builders would stop the process.
  template <class Op, class Set = std::nullptr_t> llvm::SmallVector<Expr> ops(llvm::ArrayRef<Expr> operands, Set set = nullptr) {
    mlir::OperationState state(b.getLoc(), Op::getOperationName());
    for (const Expr &e : operands)
      if (e)
        state.addOperands(e.value);
    auto &properties = state.getOrAddProperties<typename Op::Properties>();
    if constexpr (!std::is_same_v<Set, std::nullptr_t>)
      set(properties);
    llvm::SmallVector<mlir::Type> types;
    Quiet quiet(b.getContext());
    if (mlir::failed(Op::inferReturnTypes(b.getContext(), b.getLoc(), state.operands, mlir::DictionaryAttr::get(b.getContext()), &properties, {}, types)))
      fail(quiet.said.empty() ? "its operands do not fit together" : quiet.said);
    state.addTypes(types);
    mlir::Operation *op = b.create(state);
    return llvm::map_to_vector(op->getResults(), [&](mlir::Value v) { return Expr{&b, v}; });
  }
  template <class Op, class Set = std::nullptr_t> Expr op(llvm::ArrayRef<Expr> operands, Set set = nullptr) { return ops<Op>(operands, set)[0]; }
  mlir::DenseI64ArrayAttr attr(llvm::ArrayRef<int64_t> v) { return b.getDenseI64ArrayAttr(v); }

  Expr splat(llvm::ArrayRef<int64_t> shape, mlir::Type element, double v) { return ir::splat(b, mlir::RankedTensorType::get(shape, element), v); }
  Expr constant(const Literal &l);
  Expr ints64(llvm::ArrayRef<int64_t> values, llvm::ArrayRef<int64_t> shape);
  mlir::Type element(int dtype) const;
  /// Numpy's broadcasting.
  Dims broadcastShape(llvm::ArrayRef<int64_t> a, llvm::ArrayRef<int64_t> c) const;
  Expr broadcast(Expr x, llvm::ArrayRef<int64_t> shape) const;
  /// [C] along dimension `axis` of `shape`.
  Expr along(Expr x, llvm::ArrayRef<int64_t> shape, int64_t axis) const;
  Expr squeeze(Expr x, llvm::ArrayRef<int64_t> dimensions) const;
  Expr keep(Expr reduced, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> dimensions) const; ///< with extent 1 where `dimensions` were
  Expr reshape(Expr x, llvm::ArrayRef<int64_t> shape) const;
  Expr matmul(Expr x, Expr y);
  Expr slice(Expr x, int64_t axis, int64_t from, int64_t size, int64_t stride = 1) const;
  Expr concat(llvm::ArrayRef<Expr> parts, int64_t axis);
  Expr gather(Expr x, Expr indices, int64_t axis); ///< negative indices count from the end; others outside are zeros
  std::pair<Expr, Expr> draw(int64_t n);

  /// What ops say while they are made goes into an error, not to the terminal.
  struct Quiet {
    std::string said;
    mlir::ScopedDiagnosticHandler handler;
    explicit Quiet(mlir::MLIRContext *context)
        : handler(context, [this](mlir::Diagnostic &d) {
            if (said.empty())
              said = d.str();
            return mlir::success();
          }) {}
  };
};

using Rule = std::function<void(Node &)>;
struct Entry {
  Rule rule;
  std::string refusal;
  bool random = false;  ///< never folded
  unsigned host = 0;    ///< bit i: operand i is read when importing, no weight (bit 31: all)
};
/// Rules by domain, op and the version since which they hold.
class Table {
public:
  Entry &operator()(llvm::StringRef op, int64_t since, Rule rule, llvm::StringRef domain = "");
  void refuse(llvm::StringRef op, llvm::StringRef why, llvm::StringRef domain = "");
  const Entry *find(llvm::StringRef domain, llvm::StringRef op, int64_t version) const;
  std::map<std::pair<std::string, std::string>, std::map<int64_t, Entry>> entries;
};
const Table &table();

// One function per family: the files in rules/.
void addMath(Table &t);
void addLogic(Table &t);
void addActivations(Table &t);
void addShape(Table &t);
void addSlices(Table &t);
void addIndex(Table &t);
void addReduce(Table &t);
void addProducts(Table &t);
void addConv(Table &t);
void addPool(Table &t);
void addNorm(Table &t);
void addRecurrent(Table &t);
void addLosses(Table &t);
void addResize(Table &t);
void addQuantized(Table &t);
void addControl(Table &t);
void addLoop(Table &t);
void addRandom(Table &t);
void addSequences(Table &t);
void addTraining(Table &t);
void addSignal(Table &t);
void addAttention(Table &t);
void addVision(Table &t);
void addSampled(Table &t);
void addRefused(Table &t);

} // namespace tenon::onnx::imports
