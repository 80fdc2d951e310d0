// Sizes of the plan: numbers, or expressions over the symbols that a call binds.
#pragma once
#include "runtime/memory.h"
#include "runtime/abi.h"
#include "runtime/tenon.h"

namespace tenon::rt {

constexpr int64_t unbound = INT64_MIN; // a symbol, or an expression over one, that has no value

/// The symbols' and expressions' values in one call. Without symbols in the plan it is empty and costs nothing.
struct Sizes {
  Array<int64_t> symbols, values;

  [[nodiscard]] bool allocate(const tenon_plan &plan); // every symbol unbound
  /// Fills `values` from `symbols`; an operand comes before its user in the plan's table (checked when the plan is opened).
  void evaluate(const tenon_plan &plan);
};

/// The value of `size`; `sizes` may be NULL, then only numbers have one. False: no value, or a negative one.
inline bool evaluate(tenon_size size, const Sizes *sizes, int64_t &value) {
  value = size >= 0 ? size : sizes ? sizes->values[-1 - size] : unbound;
  return value >= 0;
}

/// The symbol that `size` is, or -1 if it is a number or a larger expression.
inline int64_t symbolOf(const tenon_plan &plan, tenon_size size) {
  return size < 0 && plan.expressions[-1 - size].op == TENON_EXPR_SYMBOL ? plan.expressions[-1 - size].a : -1;
}

} // namespace tenon::rt
