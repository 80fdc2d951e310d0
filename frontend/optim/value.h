// Value: what an update computes with: a tensor and the line of the user's step(), which every op written with it gets.
#pragma once
#include <tenon/tensor/tensor.h>

#include <vector>

namespace tenon::optim {

struct Value {
  Tensor tensor;
  Location line;

  operator Operand() const { return {tensor, line}; }
  Value sqrt() const { return {tensor.sqrt(line), line}; }
  Value maximum(const Value &other) const { return {tensor.maximum(other), line}; }
};
using Values = std::vector<Value>;

/// Numbers are of the options: constants of a compiled step, compared between its calls.
#define TENON_VALUE_OPERATOR(op)                                                                                                           \
  inline Value operator op(const Value &a, const Value &b) { return {Operand(a) op Operand(b), a.line}; }                                  \
  inline Value operator op(const Value &a, double b) { return {Operand(a) op Operand(b, a.line), a.line}; }                                \
  inline Value operator op(double a, const Value &b) { return {Operand(a, b.line) op Operand(b), b.line}; }
TENON_VALUE_OPERATOR(+)
TENON_VALUE_OPERATOR(-)
TENON_VALUE_OPERATOR(*)
TENON_VALUE_OPERATOR(/)
#undef TENON_VALUE_OPERATOR

/// base^exponent, in the exponent's dtype.
Value pow(double base, const Value &exponent);
/// 1 where a > b, else 0, in a's dtype.
inline Value greater(const Value &a, double b) { return {a.tensor.gt({b, a.line}).to(a.tensor.scalar_type(), a.line), a.line}; }
/// a + weight (b - a), exact at the nearer end.
inline Value lerp(const Value &a, const Value &b, double weight) { return weight < 0.5 ? a + (b - a) * weight : b - (b - a) * (1 - weight); }

} // namespace tenon::optim
