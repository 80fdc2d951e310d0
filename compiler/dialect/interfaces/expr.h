// Arithmetic on tensor values: what derivatives and decompositions are written in.
//
//   notation            meaning
//   a + b, -a, exp(a)   the prim op, folded where it can be
//   2.0 * a             a number takes the type of its partner
//   a < b, eq(a, b)     comparison: an i1 tensor
//   Expr()              null, "no cotangent": zero wherever it appears (null + a = a, null * a = null)
//   like(a, b)          the number or scalar a with b's type
#pragma once
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include <optional>

namespace tenon::ir {

struct Expr {
  mlir::ImplicitLocOpBuilder *builder = nullptr;
  mlir::Value value;
  std::optional<double> number;

  Expr() = default;
  Expr(mlir::ImplicitLocOpBuilder *b, mlir::Value v) : builder(b), value(v) {}
  Expr(double n) : number(n) {}
  /// False for null.
  explicit operator bool() const { return value || number; }
  mlir::RankedTensorType type() const { return mlir::cast<mlir::RankedTensorType>(value.getType()); }
  mlir::Type element() const { return type().getElementType(); }
  llvm::ArrayRef<int64_t> shape() const { return type().getShape(); }
  int64_t rank() const { return type().getRank(); }
};

// Pointwise. Operands have one type; a number adapts.
Expr operator+(Expr a, Expr b);
Expr operator-(Expr a, Expr b);
Expr operator*(Expr a, Expr b);
Expr operator/(Expr a, Expr b);
Expr operator-(Expr a);
Expr abs(Expr a);
Expr sign(Expr a);
Expr floor(Expr a);
Expr exp(Expr a);
Expr log(Expr a);
Expr expm1(Expr a);
Expr log1p(Expr a);
Expr sqrt(Expr a);
Expr rsqrt(Expr a);
Expr sin(Expr a);
Expr cos(Expr a);
Expr tanh(Expr a);
Expr erf(Expr a);
Expr erfc(Expr a);
Expr round(Expr a);
Expr atan2(Expr a, Expr b);
Expr max(Expr a, Expr b);
Expr min(Expr a, Expr b);
Expr pow(Expr a, Expr b);
Expr rem(Expr a, Expr b);
Expr eq(Expr a, Expr b);
Expr ne(Expr a, Expr b);
Expr operator<(Expr a, Expr b);
Expr operator<=(Expr a, Expr b);
Expr operator>(Expr a, Expr b);
Expr operator>=(Expr a, Expr b);
/// Bits or flags; `flip` is "not" (operator! asks for null).
Expr operator&(Expr a, Expr b);
Expr operator|(Expr a, Expr b);
Expr flip(Expr a);
Expr select(Expr condition, Expr a, Expr b);
Expr cast(Expr a, mlir::Type element);
/// `a` cast to the element type of `b`.
Expr cast(Expr a, Expr b);
/// In f32 where the element type is only storage: for formulas that round once.
Expr wide(Expr a);

// Shape.
/// A constant of one value.
Expr splat(mlir::ImplicitLocOpBuilder &b, mlir::RankedTensorType type, double value);
/// A number, or a scalar of any element type, spread over b's type.
Expr like(Expr a, Expr b);
/// Operand dimension i becomes dimension `dimensions[i]` of a tensor of `shape`.
Expr broadcast(Expr a, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> dimensions);
/// The inverse of a reduction over `dimensions`: they are put back, with the extents of `shape`.
Expr restore(Expr a, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> dimensions);
Expr reshape(Expr a, llvm::ArrayRef<int64_t> shape);
Expr transpose(Expr a, llvm::ArrayRef<int64_t> permutation);
Expr slice(Expr a, llvm::ArrayRef<int64_t> offsets, llvm::ArrayRef<int64_t> sizes, llvm::ArrayRef<int64_t> strides);
Expr pad(Expr a, Expr value, llvm::ArrayRef<int64_t> low, llvm::ArrayRef<int64_t> high, llvm::ArrayRef<int64_t> interior);
/// Every element `repeats[d]` times in a row along dimension d.
Expr repeatInterleave(Expr a, llvm::ArrayRef<int64_t> repeats);
Expr reverse(Expr a, llvm::ArrayRef<int64_t> dimensions);
Expr iota(mlir::ImplicitLocOpBuilder &b, mlir::RankedTensorType type, int64_t dimension);

// Reductions drop `dimensions`.
Expr sum(Expr a, llvm::ArrayRef<int64_t> dimensions);
/// Over all dimensions: a scalar.
Expr sum(Expr a);
Expr reduceMax(Expr a, llvm::ArrayRef<int64_t> dimensions);
Expr reduceMin(Expr a, llvm::ArrayRef<int64_t> dimensions);
/// Sum of products over every index absent from the third map.
Expr contract(Expr a, Expr b, llvm::ArrayRef<mlir::AffineMap> maps);
/// The same where sums in the first map are windows: see prim.conv.
Expr conv(Expr a, Expr b, mlir::RankedTensorType type, llvm::ArrayRef<mlir::AffineMap> maps, llvm::ArrayRef<int64_t> strides, llvm::ArrayRef<int64_t> dilations,
          llvm::ArrayRef<int64_t> padding, llvm::ArrayRef<int64_t> inputDilations);

// Places that are data.
Expr gather(Expr a, Expr indices, int64_t axis);
/// Zeros of `type` to which slices are added; bf16 and f16 are summed in f32.
Expr scatterAdd(Expr indices, Expr updates, mlir::RankedTensorType type, int64_t axis);
/// Zeros of `type` in which slices are put, the last one where several meet. Element types of 32 and 64 bits.
Expr scatterSet(Expr indices, Expr updates, mlir::RankedTensorType type, int64_t axis);
Expr cumsum(Expr a, int64_t dimension, bool reverse = false, bool exclusive = false);
Expr dynamicSlice(Expr a, mlir::ValueRange starts, llvm::ArrayRef<int64_t> sizes);
Expr dynamicUpdateSlice(Expr a, Expr update, mlir::ValueRange starts);

// Others.
Expr philox(Expr seed, Expr counter, llvm::ArrayRef<int64_t> shape, int64_t word);
Expr stopGradient(Expr a);
void check(Expr condition, llvm::StringRef message);

} // namespace tenon::ir
