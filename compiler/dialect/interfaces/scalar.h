// Arithmetic on scalar values (floats, integers, i1 and index): what loop bodies are written in. A number takes its partner's type.
#pragma once
#include "mlir/IR/Builders.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include <optional>

namespace tenon::ir {

struct Scalar {
  mlir::ImplicitLocOpBuilder *builder = nullptr;
  mlir::Value value;
  std::optional<double> number;

  Scalar(mlir::ImplicitLocOpBuilder *b, mlir::Value v) : builder(b), value(v) {}
  Scalar(double n) : number(n) {}
  mlir::Type type() const { return value.getType(); }
  bool isFloat() const { return mlir::isa<mlir::FloatType>(type()); }
};

// Each chooses the float or the integer op by its operand's type.
Scalar operator+(Scalar a, Scalar b);
Scalar operator-(Scalar a, Scalar b);
Scalar operator*(Scalar a, Scalar b);
/// Integers: truncates towards zero; by zero gives the dividend; the one overflow wraps.
Scalar operator/(Scalar a, Scalar b);
/// The sign of the dividend (C's fmod and %); integers by zero: 0.
Scalar rem(Scalar a, Scalar b);
Scalar operator-(Scalar a);
/// a * b + c; floats round once: how contractions accumulate, and nothing else.
Scalar fma(Scalar a, Scalar b, Scalar c);
/// NaN if either is, as PyTorch.
Scalar max(Scalar a, Scalar b);
Scalar min(Scalar a, Scalar b);
Scalar pow(Scalar a, Scalar b);
Scalar abs(Scalar a);
Scalar floor(Scalar a);
Scalar exp(Scalar a);
Scalar log(Scalar a);
Scalar expm1(Scalar a);
Scalar log1p(Scalar a);
Scalar sqrt(Scalar a);
Scalar rsqrt(Scalar a);
Scalar sin(Scalar a);
Scalar cos(Scalar a);
Scalar tanh(Scalar a);
Scalar erf(Scalar a);
Scalar erfc(Scalar a);
/// To the nearest integer, ties to even.
Scalar round(Scalar a);
Scalar atan2(Scalar a, Scalar b);
Scalar operator&(Scalar a, Scalar b);
Scalar operator|(Scalar a, Scalar b);
Scalar operator^(Scalar a, Scalar b);
/// Flips every bit.
Scalar flip(Scalar a);

enum class Order { eq, ne, lt, le, gt, ge };
/// Floats: only `ne` holds where an operand is NaN. Integers are signed, i1 is 0 and 1.
Scalar compare(Order order, Scalar a, Scalar b);
inline Scalar operator<(Scalar a, Scalar b) { return compare(Order::lt, a, b); }
inline Scalar operator>(Scalar a, Scalar b) { return compare(Order::gt, a, b); }
inline Scalar operator<=(Scalar a, Scalar b) { return compare(Order::le, a, b); }
inline Scalar operator>=(Scalar a, Scalar b) { return compare(Order::ge, a, b); }
inline Scalar eq(Scalar a, Scalar b) { return compare(Order::eq, a, b); }

/// If both choices are numbers they take the type of `like`.
Scalar select(Scalar condition, Scalar a, Scalar b);
/// Float to integer truncates and saturates, NaN gives 0; to i1: is not zero.
Scalar cast(Scalar a, mlir::Type to);
/// The index of a loop.
Scalar loopIndex(mlir::ImplicitLocOpBuilder &b, int64_t dimension);
/// The number `n` with a's type.
Scalar constant(mlir::ImplicitLocOpBuilder &b, mlir::Type type, double n);

} // namespace tenon::ir
