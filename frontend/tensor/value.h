// Value: what compositions compute with: a tensor and the line of the user's call, which every op written with it gets.
#pragma once
#include <tenon/tensor/tensor.h>

#include <vector>

namespace tenon::detail {

struct Value {
  Tensor tensor;
  Location line;

  operator Operand() const { return {tensor, line}; }
#define TENON_VALUE_METHOD(op)                                                                                                             \
  Value op() const { return {tensor.op(line), line}; }
  TENON_VALUE_METHOD(abs)
  TENON_VALUE_METHOD(sign)
  TENON_VALUE_METHOD(exp)
  TENON_VALUE_METHOD(log)
  TENON_VALUE_METHOD(sqrt)
  TENON_VALUE_METHOD(square)
  TENON_VALUE_METHOD(relu)
  TENON_VALUE_METHOD(detach)
#undef TENON_VALUE_METHOD
  Value operator-() const { return {tensor.neg(line), line}; }
  Value maximum(const Value &other) const { return {tensor.maximum(other), line}; }
  Value at_least(double bound) const { return {tensor.maximum({bound, line}), line}; }
  Value sum(IntArrayRef dims, bool keepdim = false) const { return {tensor.sum(dims, keepdim, std::nullopt, line), line}; }
  Value unsqueeze(int64_t dim) const { return {tensor.unsqueeze(dim, line), line}; }
};
using Values = std::vector<Value>;

/// Numbers are of the options: constants of a compiled step, compared between its calls.
#define TENON_VALUE_OPERATOR(op)                                                                                                           \
  inline Value operator op(const Value &a, const Value &b) {                                                                               \
    return {Operand(a) op Operand(b), a.line};                                                                                             \
  }                                                                                                                                        \
  inline Value operator op(const Value &a, double b) {                                                                                     \
    return {Operand(a) op Operand(b, a.line), a.line};                                                                                     \
  }                                                                                                                                        \
  inline Value operator op(double a, const Value &b) {                                                                                     \
    return {Operand(a, b.line) op Operand(b), b.line};                                                                                     \
  }
TENON_VALUE_OPERATOR(+)
TENON_VALUE_OPERATOR(-)
TENON_VALUE_OPERATOR(*)
TENON_VALUE_OPERATOR(/)
TENON_VALUE_OPERATOR(<)
TENON_VALUE_OPERATOR(<=)
TENON_VALUE_OPERATOR(>)
TENON_VALUE_OPERATOR(>=)
TENON_VALUE_OPERATOR(==)
TENON_VALUE_OPERATOR(&)
TENON_VALUE_OPERATOR(|)
#undef TENON_VALUE_OPERATOR

inline Value where(const Value &condition, const Value &a, const Value &b) {
  return {tenon::where(condition.tensor, a, b), condition.line};
}
inline Value where(const Value &condition, const Value &a, double b) {
  return {tenon::where(condition.tensor, a, {b, condition.line}), condition.line};
}
inline Value where(const Value &condition, double a, const Value &b) {
  return {tenon::where(condition.tensor, {a, condition.line}, b), condition.line};
}
/// base^exponent, in the exponent's dtype.
Value pow(double base, const Value &exponent);
/// A flag as 1 or 0 of the dtype of `like`.
inline Value number(const Value &flag, const Value &like) {
  return {flag.tensor.to(like.tensor.scalar_type(), flag.line), flag.line};
}
/// 1 where a > b, else 0, in a's dtype.
inline Value greater(const Value &a, double b) {
  return number(a > b, a);
}
/// a + weight (b - a), exact at the nearer end.
inline Value lerp(const Value &a, const Value &b, double weight) {
  return weight < 0.5 ? a + (b - a) * weight : b - (b - a) * (1 - weight);
}

} // namespace tenon::detail
