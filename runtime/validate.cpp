// Checks what a plan says of itself before the runtime follows any of it: a wrong number is an error message, not a crash.
#include "runtime/image.h"
#include "runtime/model.h"
#include "runtime/type.h"
#include <stdarg.h>
#include <stdio.h>

namespace tenon::rt {

namespace {
struct Validator {
  const char *path;
  const tenon_plan &plan;
  Target target;
  Image image;

  [[gnu::format(printf, 2, 3)]] tenon_status bad(const char *format, ...) const {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return fail(TENON_ERROR_FORMAT, "%s: its plan is damaged: %s", path, text);
  }
  template <class T> bool table(const T *data, uint64_t count) const { return count == 0 || image.holds(data, count, sizeof(T), alignof(T)); }
  bool string(const char *s) const { return image.holdsString(s); }
  bool optionalString(const char *s) const { return !s || image.holdsString(s); }
  bool size(tenon_size s) const { return s >= 0 || uint64_t(-1 - s) < plan.n_expressions; }

  tenon_status expressions() const {
    if (!table(plan.symbols, plan.n_symbols) || !table(plan.expressions, plan.n_expressions))
      return bad("its symbols or expressions lie outside of the file");
    for (uint32_t i = 0; i < plan.n_symbols; ++i)
      if (!string(plan.symbols[i]))
        return bad("symbol %u has no name", i);
    for (uint32_t i = 0; i < plan.n_expressions; ++i) {
      const tenon_expr &e = plan.expressions[i];
      bool symbol = e.op == TENON_EXPR_SYMBOL;
      // An operand comes before its user, so that no expression goes round in a circle.
      auto earlier = [&](tenon_size s) { return s >= 0 || uint64_t(-1 - s) < i; };
      if (e.op < 0 || e.op > TENON_EXPR_MAX || (symbol ? e.a < 0 || e.a >= plan.n_symbols : !earlier(e.a) || !earlier(e.b)))
        return bad("expression %u (operation %d) has operands %lld and %lld", i, e.op, (long long)e.a, (long long)e.b);
    }
    return TENON_OK;
  }

  tenon_status tensor(const char *what, uint32_t number, const tenon_tensor &t) const {
    if (!string(t.name))
      return bad("%s %u has no name", what, number);
    if (!typeOf(t.dtype))
      return bad("%s %s has an unknown type (code %d, %d bits, %d lanes)", what, t.name, t.dtype.code, t.dtype.bits, t.dtype.lanes);
    if (t.rank > TENON_MAX_RANK || !table(t.shape, t.rank))
      return bad("%s %s has rank %u, at most %d was expected, or no shape", what, t.name, t.rank, TENON_MAX_RANK);
    for (uint32_t d = 0; d < t.rank; ++d)
      if (!size(t.shape[d]))
        return bad("size %u of %s %s is expression %lld of %u", d, what, t.name, (long long)(-1 - t.shape[d]), plan.n_expressions);
    uint64_t bytes;
    Sizes *none = nullptr;
    bool numbers = true;
    for (uint32_t d = 0; d < t.rank; ++d)
      numbers &= t.shape[d] >= 0;
    if (numbers && !countBytes(t, none, bytes))
      return bad("%s %s is too large", what, t.name);
    return TENON_OK;
  }

  tenon_status state(uint32_t i) const {
    const tenon_state_entry &e = plan.state[i];
    TENON_TRY(tensor("state", i, e.tensor));
    uint64_t bytes;
    if (!countBytes(e.tensor, nullptr, bytes))
      return bad("state %s has a symbolic size", e.tensor.name);
    if (e.panel < 0 || e.panel > 4096 || (e.panel && e.tensor.rank == 0))
      return bad("state %s of rank %u has panels of %d rows", e.tensor.name, e.tensor.rank, e.panel);
    if (e.initial && !image.holds(e.initial, 1, bytes))
      return bad("the initial value of state %s lies outside of the file", e.tensor.name);
    if (e.alias == -1)
      return TENON_OK;
    if (e.alias < 0 || uint32_t(e.alias) >= plan.n_state || plan.state[e.alias].alias != -1)
      return bad("state %s is an alias of entry %d, which owns no storage", e.tensor.name, e.alias);
    return TENON_OK;
  }

  tenon_status kernels() const {
    for (uint32_t i = 0; i < plan.n_kernels; ++i) {
      const tenon_kernel &k = plan.kernels[i];
      if (!string(k.name) || !optionalString(k.source) || !optionalString(k.locations))
        return bad("kernel %u has no name, or a string of it lies outside of the file", i);
      if (target == Target::cuda && (k.threads == 0 || k.threads > 1024))
        return bad("kernel %s has blocks of %u threads, 1 to 1024 were expected", k.name, k.threads);
      if (target == Target::cuda || (target == Target::either && !k.cpu))
        continue;
      if (!k.cpu)
        return fail(TENON_ERROR_DEVICE, "%s: kernel %s has no code for a CPU", path, k.name);
      if (!image.holdsCode(reinterpret_cast<const void *>(k.cpu)))
        return bad("the code of kernel %s lies outside of the file", k.name);
    }
    return TENON_OK;
  }

  tenon_status argument(const tenon_function &f, uint32_t i) const {
    const tenon_argument &a = f.arguments[i];
    const uint32_t limits[] = {f.n_inputs, f.n_outputs, plan.n_state, 1, plan.n_constants};
    if (a.space < 0 || a.space > TENON_SPACE_CONSTANT)
      return bad("argument %u of %s is in space %d", i, f.name, a.space);
    if (a.index < 0 || uint32_t(a.index) >= limits[a.space])
      return bad("argument %u of %s is number %d of %u in space %d", i, f.name, a.index, limits[a.space], a.space);
    if (!size(a.offset))
      return bad("argument %u of %s has an offset that does not exist", i, f.name);
    return TENON_OK;
  }

  tenon_status command(const tenon_function &f, uint32_t i) const {
    const tenon_command &c = f.commands[i];
    if (!optionalString(c.message) || !optionalString(c.locations) || !size(c.bytes))
      return bad("command %u of %s has strings or sizes that lie outside of the file", i, f.name);
    uint64_t first = c.first, after = first;
    switch (c.kind) {
    case TENON_COMMAND_LAUNCH:
      if (first + c.count > f.n_calls)
        return bad("command %u of %s launches calls %u to %llu of %u", i, f.name, c.first, (unsigned long long)(first + c.count), f.n_calls);
      return TENON_OK;
    case TENON_COMMAND_COPY:
      after = first + 2;
      break;
    case TENON_COMMAND_FILL:
    case TENON_COMMAND_CHECK:
      after = first + 1;
      break;
    case TENON_COMMAND_LOOP:
    case TENON_COMMAND_BRANCH:
      if (c.others && c.kind == TENON_COMMAND_LOOP)
        return bad("command %u of %s is a loop with two bodies", i, f.name);
      after = c.kind == TENON_COMMAND_LOOP && c.first == TENON_NO_ARGUMENT ? 0 : first + 1;
      break;
    default:
      return fail(TENON_ERROR_VERSION, "%s: command %u of %s is of kind %d, which this runtime (%s) does not know", path, i, f.name, c.kind, tenon_version());
    }
    if (after > f.n_arguments)
      return bad("command %u of %s uses argument %llu of %u", i, f.name, (unsigned long long)after - 1, f.n_arguments);
    return TENON_OK;
  }

  // Loops and branches end inside of what they are in, and are not too deep for the stack. A loop's moves are of what its own commands use.
  tenon_status nesting(const tenon_function &f, uint32_t begin, uint32_t end, int depth) const {
    if (depth > 64)
      return bad("loops and branches of %s are more than 64 deep", f.name);
    for (uint32_t i = begin; i < end; ++i) {
      const tenon_command &c = f.commands[i];
      if (c.kind != TENON_COMMAND_LOOP && c.kind != TENON_COMMAND_BRANCH)
        continue;
      uint64_t middle = uint64_t(i) + 1 + c.count, after = middle + c.others;
      if (after > end)
        return bad("command %u of %s holds commands up to %llu, what it is in ends at %u", i, f.name, (unsigned long long)after, end);
      if (uint64_t(c.first_move) + c.n_moves > f.n_moves || (c.n_moves && c.kind != TENON_COMMAND_LOOP))
        return bad("command %u of %s has moves %u and on of %u", i, f.name, c.first_move, f.n_moves);
      TENON_TRY(nesting(f, i + 1, middle, depth + 1));
      TENON_TRY(nesting(f, middle, after, depth + 1));
      i = after - 1;
    }
    return TENON_OK;
  }

  tenon_status function(uint32_t i) const {
    const tenon_function &f = plan.functions[i];
    if (!string(f.name))
      return bad("function %u has no name", i);
    if (!table(f.inputs, f.n_inputs) || !table(f.outputs, f.n_outputs) || !table(f.arguments, f.n_arguments) || !table(f.calls, f.n_calls) ||
        !table(f.commands, f.n_commands) || !table(f.moves, f.n_moves) || !size(f.arena))
      return bad("a table of function %s lies outside of the file", f.name);
    for (uint32_t k = 0; k < f.n_inputs; ++k)
      TENON_TRY(tensor("input", k, f.inputs[k]));
    for (uint32_t k = 0; k < f.n_outputs; ++k)
      TENON_TRY(tensor("output", k, f.outputs[k]));
    for (uint32_t k = 0; k < f.n_arguments; ++k)
      TENON_TRY(argument(f, k));
    for (uint32_t k = 0; k < f.n_calls; ++k) {
      const tenon_grid &c = f.calls[k];
      if (c.kernel >= plan.n_kernels)
        return bad("call %u of %s is of kernel %u of %u", k, f.name, c.kernel, plan.n_kernels);
      if (uint64_t(c.first_argument) + plan.kernels[c.kernel].n_arguments > f.n_arguments)
        return bad("call %u of %s has arguments %u and on of %u", k, f.name, c.first_argument, f.n_arguments);
      if (!size(c.blocks) || c.work < 0 || !optionalString(c.locations))
        return bad("call %u of %s has no grid, no work or no place", k, f.name);
    }
    for (uint32_t k = 0; k < f.n_commands; ++k)
      TENON_TRY(command(f, k));
    for (uint32_t k = 0; k < f.n_moves; ++k)
      if (f.moves[k].argument >= f.n_arguments)
        return bad("move %u of %s is of argument %u of %u", k, f.name, f.moves[k].argument, f.n_arguments);
    return nesting(f, 0, f.n_commands, 0);
  }
};
} // namespace

tenon_status validate(const char *path, const tenon_plan *plan, Target target) {
  Validator v{path, *plan, target, Image(plan)};
  if (!v.image.holds(plan, 1, sizeof *plan, alignof(tenon_plan)) || plan->magic != TENON_PLAN_MAGIC)
    return v.bad("it does not begin with its magic number");
  if (plan->version != TENON_ABI_VERSION || plan->size != sizeof *plan)
    return fail(TENON_ERROR_VERSION, "%s: its plan has version %u and %u bytes, expected version %u and %zu bytes", path, plan->version, plan->size,
                TENON_ABI_VERSION, sizeof *plan);
  if (!v.optionalString(plan->compiler) || !v.optionalString(plan->target) || !v.table(plan->state, plan->n_state) ||
      !v.table(plan->functions, plan->n_functions) || !v.table(plan->kernels, plan->n_kernels) || !v.table(plan->constants, plan->n_constants))
    return v.bad("one of its tables lies outside of the file");
  TENON_TRY(v.expressions());
  for (uint32_t i = 0; i < plan->n_constants; ++i)
    if (plan->constants[i].bytes && !v.image.holds(plan->constants[i].data, 1, plan->constants[i].bytes))
      return v.bad("constant %u lies outside of the file", i);
  for (uint32_t i = 0; i < plan->n_state; ++i)
    TENON_TRY(v.state(i));
  TENON_TRY(v.kernels());
  for (uint32_t i = 0; i < plan->n_functions; ++i)
    TENON_TRY(v.function(i));
  return TENON_OK;
}

} // namespace tenon::rt
