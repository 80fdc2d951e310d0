// The parts of record.h that are not templates.
#pragma once
#include "compiler/dialect/interfaces/autocast.h"
#include "frontend/tensor/names.h"
#include "frontend/tensor/tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OperationSupport.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace tenon::record {

// -- Ops -------------------------------------------------------------------------------------------------------------

/// An op class as data, made once per class.
struct Opcode {
  mlir::OperationName name;
  using Infer = mlir::LogicalResult (*)(mlir::MLIRContext *, mlir::Location, mlir::ValueRange, mlir::OpaqueProperties, llvm::SmallVectorImpl<mlir::Type> &);
  Infer infer; // null: the result's type does not follow
  size_t property_bytes;
  ir::Autocast autocast; // what its entry says
};
struct PropertyBytes {
  const void *data;
  size_t size;
};
mlir::MLIRContext &context();
mlir::Builder &builder();

template <class OpTy> const Opcode &opcode() {
  static const Opcode code{mlir::OperationName(OpTy::getOperationName(), &context()), []() -> Opcode::Infer {
                             if constexpr (requires(llvm::SmallVectorImpl<mlir::Type> &t) { OpTy::inferReturnTypes(&context(), std::nullopt, {}, {}, nullptr, {}, t); })
                               return [](mlir::MLIRContext *c, mlir::Location l, mlir::ValueRange v, mlir::OpaqueProperties p, llvm::SmallVectorImpl<mlir::Type> &types) {
                                 return OpTy::inferReturnTypes(c, l, v, mlir::DictionaryAttr::get(c), p, mlir::RegionRange(), types);
                               };
                             else
                               return nullptr;
                           }(),
                           sizeof(typename OpTy::Properties), OpTy::getAutocast()};
  return code;
}
/// `result`: for ops whose result type does not follow from operands and properties (reshape, broadcast, cast, iota).
void append(const Opcode &, llvm::ArrayRef<Tensor> operands, PropertyBytes, Location, TensorList &results, llvm::ArrayRef<mlir::Type> result = {});

mlir::RankedTensorType type_of(const Tensor &);
mlir::Type element_type(Dtype);
mlir::RankedTensorType tensor_type(IntArrayRef sizes, Dtype);

// -- Errors ----------------------------------------------------------------------------------------------------------

/// throw record::error("linear", "expected ..., got ...", loc): "linear: expected ..., got ... (train.cpp:41)".
Error error(const char *op, const std::string &what, Location loc);
std::string shape_text(IntArrayRef sizes);     // [2, 3]
std::string text(const Tensor &);              // float32[2, 3]
std::string text_of(mlir::RankedTensorType);
int64_t wrap_dim(const char *op, int64_t dim, int64_t rank, Location loc);

// -- Numbers, shapes, types ------------------------------------------------------------------------------------------

/// A number that belongs to the program's structure (1/N of a mean): prim.constant.
Tensor constant(Scalar value, Dtype dtype, IntArrayRef sizes, Location loc);
/// A number that the user wrote: a hidden input in define-by-run; in a compiled function a constant that is compared
/// between calls one and two.
Tensor host_number(Scalar value, Dtype dtype, Location loc);
Tensor cast(const Tensor &x, Dtype dtype, Location loc);
/// An operand as autocast wants it, where it is on. append() does so for every op; a function that looks at dtypes before does it first:
///   auto [x, w, b] = record::autocast<ir::nn::LinearOp>(loc, input, weight, bias);
Tensor autocast(ir::Autocast how, const Tensor &operand, Location loc);
template <class OpTy, class... Tensors> std::array<Tensor, sizeof...(Tensors)> autocast(Location loc, const Tensors &...operands) {
  return {autocast(OpTy::getAutocast(), operands, loc)...};
}
/// Where autocast is on: two operands of floating point in the wider of their dtypes, for functions that want one dtype otherwise.
std::array<Tensor, 2> autocast_widest(const Tensor &a, const Tensor &b, Location loc);
/// The low type of this thread's autocast; none where it is off.
std::optional<Dtype> autocast_mode();
/// PyTorch's broadcasting of x to `sizes`, and the shape that two broadcast to.
Tensor broadcast(const char *op, const Tensor &x, IntArrayRef sizes, Location loc);
Shape broadcast_shape(const char *op, IntArrayRef a, IntArrayRef b, Location loc);
/// PyTorch's promotion of two operands to one dtype.
Dtype promote(const Operand &a, const Operand &b);
/// An operand as a tensor of this dtype (not broadcast).
Tensor operand(const Operand &, Dtype dtype);

// -- State -----------------------------------------------------------------------------------------------------------

/// The slot of `slot` (its base, if it is a view) gets `value`: what every in-place op does. Shapes and dtypes are equal.
/// A leaf that requires grad may be assigned under no_grad only.
void assign(const char *op, const Tensor &slot, const Tensor &value, Location loc);

/// While it lives, what assign() writes on this thread is written only where `flag`, a rank-0 bool, is false: a step that is not taken.
class KeepWhere {
public:
  explicit KeepWhere(Tensor flag);
  ~KeepWhere();
  KeepWhere(const KeepWhere &) = delete;

private:
  Tensor before_;
};

/// One op that updates lists of tensors: body(shared, one per list) on rank-0 handles gives k values, which the first k lists get.
///   record::foreach("step", {lr}, {params, grads}, [](auto &s, auto &x) { return TensorList{x[0] - s[0] * x[1]}; }, loc);
/// Lists have equal lengths; the i-th tensors of all lists have one shape. Rank-0 tensors and host numbers that the body
/// uses from outside become shared operands. All tensors of one list have one dtype.
using ForeachBody = std::function<TensorList(const TensorList &shared, const TensorList &elements)>;
void foreach(const char *op, const TensorList &shared, const std::vector<TensorList> &lists, const ForeachBody &body, Location loc);

/// Takes `n` counters of the generator, in program order: operands of nn.dropout, nn.random_uniform, prim.philox.
struct Draw {
  Tensor seed, counter; // rank-0 int64
};
Draw draw(int64_t n, Location loc);

/// While it lives, ops go to the thread's ordinary trace although a compiled function is being recorded: for state that
/// is made on first use (moments), so that the step finds it as state and not as zeros of its own.
class OutsideCapture {
public:
  OutsideCapture();
  ~OutsideCapture();
  OutsideCapture(const OutsideCapture &) = delete;

private:
  void *capture_;
};
bool is_capturing();

/// A compiled function that reads a flag of the host (train/eval of a module) depends on it: when it has changed at a
/// call, another variant is recorded. `what` is said then ("Net is in eval mode").
void guard(std::shared_ptr<const bool> flag, const char *what);

} // namespace tenon::record
