// Checks offsets, grids and copies against the sizes of what they point into: once for what is known when an artifact is opened, again
// when a call binds symbols.
#include "runtime/error.h"
#include "runtime/model.h"
#include "runtime/type.h"

namespace tenon::rt {

bool countElements(const tenon_tensor &tensor, const Sizes *sizes, uint64_t &elements) {
  elements = 1;
  bool empty = false, overflow = false;
  for (uint32_t d = 0; d < tensor.rank; ++d) {
    int64_t size;
    if (!evaluate(tensor.shape[d], sizes, size))
      return false;
    empty |= size == 0;
    overflow |= size && __builtin_mul_overflow(elements, uint64_t(size), &elements);
  }
  elements = empty ? 0 : elements;
  return (empty || !overflow) && elements <= uint64_t(1) << 56;
}

bool countBytes(const tenon_tensor &tensor, const Sizes *sizes, uint64_t &bytes) {
  if (!countElements(tensor, sizes, bytes))
    return false;
  bytes *= tenon_type_bytes(typeOf(tensor.dtype));
  return true;
}

namespace {
// How far the loops around an argument's command move it, down and up.
struct Way {
  int64_t down, up;
};

struct SizeValidator {
  const tenon_plan &plan;
  const Array<tenon_entry_layout> &layouts;
  const tenon_function &function;
  const Sizes *sizes;
  Array<Way> ways;

  tenon_status move() {
    if (function.n_moves && !ways.allocate(function.n_arguments))
      return outOfMemory();
    for (uint32_t i = 0; i < function.n_commands; ++i) {
      const tenon_command &c = function.commands[i];
      int64_t passes;
      if (c.kind != TENON_COMMAND_LOOP)
        continue;
      if (!evaluate(c.bytes, sizes, passes)) {
        if (sizes)
          return fail(TENON_ERROR_ARGUMENT, "%s: loop %u has no number of passes for these inputs", function.name, i);
        continue;
      }
      for (uint32_t k = c.first_move; k < c.first_move + c.n_moves; ++k) {
        const tenon_move &m = function.moves[k];
        int64_t way;
        Way &w = ways[m.argument];
        bool overflow = __builtin_mul_overflow(passes > 1 ? passes - 1 : 0, m.stride, &way);
        overflow = overflow || (way < 0 ? __builtin_add_overflow(w.down, way, &w.down) : __builtin_add_overflow(w.up, way, &w.up));
        if (overflow)
          return fail(TENON_ERROR_FORMAT, "%s: the plan is damaged: loop %u moves argument %u by %lld bytes, %lld times", function.name, i, m.argument,
                      (long long)m.stride, (long long)passes);
      }
    }
    return TENON_OK;
  }

  // The bytes of what an argument points into; false: not known yet.
  bool space(const tenon_argument &a, uint64_t &bytes) const {
    int64_t arena;
    switch (a.space) {
    case TENON_SPACE_INPUT:
      return countBytes(function.inputs[a.index], sizes, bytes);
    case TENON_SPACE_OUTPUT:
      return countBytes(function.outputs[a.index], sizes, bytes);
    case TENON_SPACE_STATE:
      bytes = layouts[layouts[a.index].storage].stored;
      return true;
    case TENON_SPACE_CONSTANT:
      bytes = plan.constants[a.index].bytes;
      return true;
    }
    if (!evaluate(function.arena, sizes, arena))
      return false;
    bytes = arena;
    return true;
  }

  tenon_status fits(uint32_t i, tenon_size wanted, const char *what) const {
    const tenon_argument &a = function.arguments[i];
    int64_t offset, bytes;
    uint64_t limit;
    if (!evaluate(a.offset, sizes, offset) || !evaluate(wanted, sizes, bytes) || !space(a, limit))
      return sizes ? fail(TENON_ERROR_ARGUMENT, "%s: argument %u has no size for these inputs", function.name, i) : TENON_OK;
    int64_t first = offset;
    bool outside = ways.size() && (__builtin_add_overflow(offset, ways[i].down, &first) || __builtin_add_overflow(offset, ways[i].up, &offset) || first < 0);
    if (outside || uint64_t(offset) > limit || uint64_t(bytes) > limit - offset)
      return fail(TENON_ERROR_FORMAT, "%s: the plan is damaged: %s %u takes bytes %lld to %lld of %llu", function.name, what, i, (long long)offset,
                  (long long)offset + (long long)bytes, (unsigned long long)limit);
    return TENON_OK;
  }

  tenon_status command(uint32_t i) const {
    const tenon_command &c = function.commands[i];
    if (c.kind == TENON_COMMAND_LAUNCH)
      return TENON_OK;
    if (c.kind == TENON_COMMAND_LOOP || c.kind == TENON_COMMAND_BRANCH)
      return c.kind == TENON_COMMAND_LOOP && c.first == TENON_NO_ARGUMENT ? TENON_OK : fits(c.first, 1, "a command with argument");
    TENON_TRY(fits(c.first, c.bytes, "a command with argument"));
    if (c.kind == TENON_COMMAND_CHECK)
      return TENON_OK;
    int32_t target = function.arguments[c.first].space;
    if (target == TENON_SPACE_INPUT || target == TENON_SPACE_CONSTANT)
      return fail(TENON_ERROR_FORMAT, "%s: the plan is damaged: command %u writes to what is only read", function.name, i);
    return c.kind == TENON_COMMAND_COPY ? fits(c.first + 1, c.bytes, "a command with argument") : TENON_OK;
  }
};
} // namespace

tenon_status validateSizes(const tenon_plan &plan, const Array<tenon_entry_layout> &layouts, const tenon_function &function, const Sizes *sizes) {
  SizeValidator v{plan, layouts, function, sizes, {}};
  TENON_TRY(v.move());
  for (uint32_t i = 0; i < function.n_arguments; ++i)
    TENON_TRY(v.fits(i, 0, "argument"));
  for (uint32_t i = 0; i < function.n_commands; ++i)
    TENON_TRY(v.command(i));
  int64_t blocks;
  for (uint32_t i = 0; sizes && i < function.n_calls; ++i)
    if (!evaluate(function.calls[i].blocks, sizes, blocks))
      return fail(TENON_ERROR_ARGUMENT, "%s: call %u has no grid for these inputs", function.name, i);
  return TENON_OK;
}

} // namespace tenon::rt
