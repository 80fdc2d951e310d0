// Evaluates sizes.
#include "runtime/expression.h"

namespace tenon::rt {

bool Sizes::allocate(const tenon_plan &plan) {
  if (!symbols.allocate(plan.n_symbols) || !values.allocate(plan.n_expressions))
    return false;
  for (int64_t &s : symbols)
    s = unbound;
  for (int64_t &v : values)
    v = unbound;
  return true;
}

// Intermediate values may be negative (batch - 64); overflow and division by zero have no value.
static int64_t apply(int32_t op, int64_t a, int64_t b) {
  int64_t value;
  switch (op) {
  case TENON_EXPR_ADD:
    return __builtin_add_overflow(a, b, &value) ? unbound : value;
  case TENON_EXPR_SUB:
    return __builtin_sub_overflow(a, b, &value) ? unbound : value;
  case TENON_EXPR_MUL:
    return __builtin_mul_overflow(a, b, &value) ? unbound : value;
  case TENON_EXPR_CEILDIV:
    return b <= 0 ? unbound : a / b + (a % b > 0);
  case TENON_EXPR_FLOORDIV:
    return b <= 0 ? unbound : a / b - (a % b < 0);
  case TENON_EXPR_MIN:
    return a < b ? a : b;
  case TENON_EXPR_MAX:
    return a > b ? a : b;
  }
  return unbound;
}

void Sizes::evaluate(const tenon_plan &plan) {
  auto operand = [&](tenon_size size) { return size >= 0 ? size : values[-1 - size]; };
  for (uint32_t i = 0; i < plan.n_expressions; ++i) {
    const tenon_expr &e = plan.expressions[i];
    if (e.op == TENON_EXPR_SYMBOL) {
      values[i] = symbols[e.a];
      continue;
    }
    int64_t a = operand(e.a), b = operand(e.b);
    values[i] = a == unbound || b == unbound ? unbound : apply(e.op, a, b);
  }
}

} // namespace tenon::rt
