// The trace of a thread: one MLIR function being built, and beside it the little that is asked per op: numbers of values,
// what needs gradients, and the structure as a list of words by which a trace that was run before is recognised.
#pragma once
#include "frontend/tensor/impl.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/DenseMap.h"
#include <cstring>
#include <map>
#include <new>

namespace tenon::detail {

/// The structure of a trace. Uniqued MLIR objects stand for themselves; locations are not part of it.
using Word = uint64_t;
using Words = std::vector<Word>;
enum Tag : Word { tag_entry = 1, tag_number, tag_constant, tag_input, tag_body, tag_yield, tag_outputs, tag_splice };

inline constexpr uint32_t none = ~0u;
/// No device in particular: a number, a constant of an op's own, what follows from these.
inline constexpr DeviceNumber anywhere = ~0u;
struct ValueInfo {
  mlir::Value value;
  uint32_t op = none;         // ops[op] made it; none for entries, inputs and host numbers
  uint32_t entry = none;      // entries[entry] it is the value of
  Number alias = no_value;    // an entry that was spliced: the value it stands for
  bool requires_grad = false; // a gradient flows through it
  bool tainted = false;       // it depends on something that requires grad, without a gradient flowing (no_grad, detach)
  bool freed = false;         // backward has passed
  uint32_t body = 0;          // number of the body that it is a value of; 0: of the function
  DeviceNumber device = anywhere; // in the eyes of the program; it is computed where its trace runs
};
struct OpInfo {
  mlir::Operation *op;
  const record::Opcode *code;
  uint32_t words;               // where it starts in the structure
  uint32_t body_words;          // where its bodies start; `words` if it has none
  uint32_t operands, n_operands; // in Trace::operands
  uint32_t results, n_results;   // numbers
};
/// A slot that was used: prim.state "s<index>" and its prim.read.
struct Entry {
  StoragePtr storage;
  std::weak_ptr<TensorImpl> impl; // whose gradient it takes, where it is a leaf
  ImplPtr slot;                   // compiled functions: the slot itself
  Number value = no_value;        // no_value: written, never read
  mlir::RankedTensorType type;
  std::shared_ptr<Trace> tape; // how the numbers were computed, as value number `taped` of a frozen trace
  Number taped = no_value;
};
/// An argument of the function: a host number, or an input of a compiled function.
struct Input {
  Number value;
  Dtype dtype;
  alignas(8) char bytes[8]; // of a host number
};

/// What a trace grows in.
struct TraceBuffers {
  mlir::func::FuncOp function;
  mlir::Block *block = nullptr;
  std::vector<ValueInfo> values;
  std::vector<OpInfo> ops;
  std::vector<Number> operands;
  Words words;
  std::vector<std::pair<uint32_t, Location>> lines; // of words: ops, host numbers
  std::vector<Entry> entries;
  std::vector<Input> inputs;
  llvm::DenseMap<const void *, uint32_t> entry_of; // by Storage, or by TensorImpl in a capture
  void clear();
};

/// Gradients of the outputs (undefined: none came), and the saved tensors; gives one gradient per input, undefined for none.
using BridgeFunction = std::function<TensorList(const TensorList &gradients, const TensorList &saved)>;
/// Where gradients pass through code of the user (bridge.h). no_value: an output that no gradient needs, an input that is no tensor.
struct Bridge {
  const char *name; // in errors
  Location line;
  std::vector<Number> inputs, saved, outputs;
  std::shared_ptr<const BridgeFunction> function;
  bool hook = false;
  bool zeros = true;  // in place of gradients that did not come
  bool again = false; // checkpoint: the function gives the inputs, computed again, and gradients flow on through these
};

struct Trace : TraceBuffers, std::enable_shared_from_this<Trace> {
  enum State { Open, Frozen, Closed };
  explicit Trace(bool capture);
  ~Trace();

  /// The last trace of this thread that ran. As long as this one says the same, word for word, it writes no ops: it goes on in that
  /// one's function, whose ops serve again. (A step allocates little: the memory of the trace before goes round as well.)
  std::unique_ptr<TraceBuffers> earlier;
  bool follows = false;  // so far it does
  size_t compared = 0;   // words found equal
  bool rewritten = false; // ops of the function were changed or moved after they were written: no other trace can follow it
  mlir::Operation *last_own = nullptr;
  /// Whether the words up to now are those of the trace before; if they are not, what that one has left is erased.
  bool still_follows();
  void part();
  /// Following: the result types of the next op of the trace before, if it is this op.
  const mlir::Type *foretold(const record::Opcode &code, llvm::ArrayRef<Number> operands, record::PropertyBytes properties, llvm::ArrayRef<mlir::Type> given) const;
  void rewrite() { part(), rewritten = true; }
  /// A trace that has run leaves function and memory to the next one.
  void retire();

  bool capture; // of a compiled function: host numbers are constants, slots are known by identity
  State state = Open;
  std::string lost; // Closed: why its tensors cannot be used
  llvm::DenseMap<const TensorImpl *, Number> argument_of; // of a compiled function
  llvm::DenseMap<Number, std::weak_ptr<TensorImpl>> leaf_of;
  TensorImpl *pending = nullptr, *last_pending = nullptr; // list of slots
  mlir::Operation *last_read = nullptr;
  /// When an op was written: in which trace, and where there. What was computed again from frozen traces stands in the
  /// order in which it was written, so that gradients are summed in the order of the uncut step.
  using Age = std::pair<uint64_t, uint64_t>;
  static constexpr Age own = {~uint64_t(0), 0};
  uint64_t serial;
  bool has_own = false;
  llvm::DenseMap<Number, Age> ages; // of ops of this trace that stand among what was computed again: successors with hooks
  std::map<Age, mlir::Operation *> by_age; // computed again; and the first op of this trace's own
  std::vector<uint64_t> places;            // Frozen: of each op in the function
  // Frozen: what is in memory. Open: values of frozen traces that were computed again here.
  llvm::DenseMap<Number, StoragePtr> saved;
  llvm::DenseMap<std::pair<const Trace *, Number>, Number> copies;
  // Gradients through code of the user (bridge.h): which bridge a value is an output of, and where a frozen trace's is here.
  std::vector<Bridge> bridges;
  llvm::DenseMap<Number, uint32_t> bridge_of;
  llvm::DenseMap<std::pair<const Trace *, uint32_t>, uint32_t> bridge_copies;
  llvm::DenseMap<Number, std::shared_ptr<HookList>> hooks;
  llvm::DenseMap<Number, Number> hook_cuts; // the successor of a value with hooks (hooks.cpp)
  llvm::DenseMap<Number, Number> hook_sources; // the value whose successor in a body this is (body_hooks.cpp)
  bool watched = false;                     // an op was written in anomaly mode
  /// Where it will run: on a GPU if one of its values is there (device.cpp).
  DeviceNumber device = anywhere;
  int differentiating = 0;                  // code of the user is being called for gradients
  std::vector<std::shared_ptr<Trace>> copied; // keeps the keys of `copies` alive
  llvm::DenseMap<Number, std::pair<const Trace *, Number>> origins; // of values that were computed again: theirs
  // The body of an op that is being recorded.
  struct Body {
    mlir::Block *block;
    uint32_t number;  // values of it
    const char *op;   // "scan"
    bool scalars;     // of a foreach: only rank-0 tensors come in from outside
    Body *parent = nullptr;
    std::vector<std::pair<Number, Number>> captured; // outer value, argument
    // Random draws: a counter among the carries, and how far it moves in one pass.
    bool loop = false;
    Number counter = no_value;
    int64_t drawn = 0;
  };
  Body *body = nullptr;
  uint32_t bodies = 0; // recorded so far
  bool in_body(Number value) const { return values[value].body != 0; }
  struct Capture *recording = nullptr; // what a compiled function notes (compiled.h)

  Number add_value(mlir::Value value);
  Number add_input(mlir::RankedTensorType type, Location loc);
  Number add_host_number(Scalar value, Dtype dtype, Location loc);
  /// The entry of a slot's memory (or, by key, of a slot); new ones have no value yet.
  uint32_t enter(const void *key, const StoragePtr &storage, mlir::RankedTensorType type);
  /// The number of an entry's value: its prim.read, made on first use.
  Number read(uint32_t entry, Location loc);
  struct AppendOptions {
    bool requires_grad = false;
    std::vector<std::unique_ptr<mlir::Region>> bodies = {};
    uint32_t body_words = 0; // where the words of the bodies start
    Age age = own; // of an op that is computed again: it is placed before all that is younger
  };
  /// Appends one op; returns the number of its first result.
  Number append(const record::Opcode &code, llvm::ArrayRef<Number> operands, record::PropertyBytes properties, llvm::ArrayRef<mlir::Type> results, Location loc,
                AppendOptions options);
  /// Result types of an op by its type rule, with what rule and verifier say thrown as Error; remembered by structure.
  llvm::ArrayRef<mlir::Type> infer(const record::Opcode &code, llvm::ArrayRef<Number> operands, record::PropertyBytes properties,
                                         llvm::ArrayRef<mlir::Type> given, Location loc);
  /// op<OpTy>: one op in this trace with the usual inference; gradients flow if they flow into an operand.
  template <class OpTy, class Set = std::nullptr_t> Number op(llvm::ArrayRef<Number> numbers, Location loc, Set set = nullptr, llvm::ArrayRef<mlir::Type> given = {}) {
    using Properties = typename OpTy::Properties;
    alignas(Properties) char bytes[sizeof(Properties)];
    std::memset(bytes, 0, sizeof bytes);
    auto *properties = new (bytes) Properties();
    if constexpr (!std::is_same_v<Set, std::nullptr_t>)
      set(*properties);
    return op(record::opcode<OpTy>(), numbers, {bytes, sizeof bytes}, loc, given);
  }
  Number op(const record::Opcode &code, llvm::ArrayRef<Number> numbers, record::PropertyBytes properties, Location loc, llvm::ArrayRef<mlir::Type> given = {},
            Age age = own);
  mlir::RankedTensorType type(Number n) const { return mlir::cast<mlir::RankedTensorType>(values[n].value.getType()); }
  void erase_function();
};

/// The trace that ops of this thread go to.
Trace &current_trace();
Trace *current_capture();
void set_current_capture(Trace *);
/// Makes sure that `impl` can be an operand in this thread's trace: flushes other threads' pending values, and in
/// define-by-run a pending leaf that is about to be differentiated, which ends a step where its update was written.
void prepare(const ImplPtr &impl, bool differentiated, Location loc);
/// Checks that the tensors are on one device, numbers of the CPU aside. In define-by-run what is pending for another one runs first.
void settle_device(const char *op, llvm::ArrayRef<const ImplPtr *> operands, Location loc);
/// A tensor just made of no other: it is on this device.
Tensor placed(Tensor made, DeviceNumber device);
/// The device of a trace, that of the CPU where none of its values has one.
DeviceNumber device_of(const Trace &trace);
/// The device of a tensor.
DeviceNumber device_of(const TensorImpl &impl);
/// The value of a tensor in a trace that is being recorded: enters slots, replays views.
Number number_of(Trace &trace, const ImplPtr &impl, const char *op, Location loc);
/// The argument that stands in the body being recorded for a value from outside.
Number captured_in_body(Trace &trace, Number number, const char *op, Location loc);
/// The trace records the body of an op while it lives.
struct BodyScope {
  Trace &trace;
  Trace::Body body;
  BodyScope(Trace &trace, mlir::Block *block, const char *op, bool scalars) : trace(trace), body{block, ++trace.bodies, op, scalars, trace.body, {}} { trace.body = &body; }
  ~BodyScope() { trace.body = body.parent; }
};
/// While it lives, ops go to where the op whose body is recorded will stand.
struct OutsideBody {
  Trace &trace;
  Trace::Body *body;
  explicit OutsideBody(Trace &trace, bool function = false) : trace(trace), body(trace.body) { trace.body = function || !body ? nullptr : body->parent; }
  ~OutsideBody() { trace.body = body; }
};
/// A value that was detached, or made under no_grad, from something that requires grad, where it meets what does: nothing
/// may flow through it there.
Number without_gradient(Trace &trace, Number value, Location loc);
Error lost(const TensorImpl &impl, const char *op, Location loc);
Tensor wrap_value(Trace &trace, Number value, Location loc, bool requires_grad);
/// The `count` results of a loop or branch from `first` on; where gradients flow, those of a floating dtype have them.
TensorList wrap_results(Trace &trace, Number first, size_t count, bool flows, Location loc);
/// A slot's new value; and record::assign() of a value that no tensor refers to, under no_grad, to a slot that is prepared.
void write_slot(Trace &trace, const ImplPtr &slot, Number number, bool requires_grad);
void assign_value(Trace &trace, const char *op, const Tensor &slot, Number number, Location loc);
/// A view's steps on a value, and the base's new value when the view's is `written` (view.cpp).
Number replay(Trace &trace, Number value, llvm::ArrayRef<ViewStep> steps, Location loc);
Number replay_write(Trace &trace, Number base, llvm::ArrayRef<ViewStep> steps, Number written, const char *op, Location loc);
Tensor make_view(const char *op, const Tensor &of, ViewStep step, Location loc);
/// A view's numbers cut out of its base's, row-major.
void copy_view(const TensorImpl &view, const void *base, void *to);
/// Whether a view's numbers are its base's, in order.
bool is_whole(const View &view);
/// Runs what is pending in a define-by-run trace; its live tensors are stored afterwards (flush.cpp).
void flush(Trace &trace, Location loc);
/// Computes again in `trace` the value `number` of a frozen trace (tape.cpp).
Number copy_value(Trace &trace, const std::shared_ptr<Trace> &from, Number number, Location loc);
/// "prim.add" -> "add".
const char *op_name(const record::Opcode &code);

} // namespace tenon::detail
