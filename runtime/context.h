// A context: scratch memory, a pool, and every function resolved to tables that a run only walks.
#pragma once
#include "runtime/expression.h"
#include "runtime/memory.h"
#include "runtime/model.h"
#include "runtime/pool.h"

namespace tenon::rt {

/// One command, ready to run.
struct Step {
  int32_t kind;
  uint32_t first, value; // argument; FILL: the word
  uint64_t bytes;
  Launch launch;
  const tenon_command *command;
  const tenon_grid *call; // the only call of a profiled launch
  // LOOP: `bytes` is the number of passes; LOOP, BRANCH: the steps that follow, and for a branch those after them.
  uint32_t inside, others;
};

/// An argument whose address is a base that may change, plus an offset.
struct Patch {
  uint32_t slot, index; // of the argument; of the state entry that owns the storage
  uint64_t offset;
};

/// The patches of one base: an input, an output, the arena, the state.
struct Patches {
  uint32_t begin, end;
  const void *base;
  uint64_t bytes; // 0: the base may be NULL
};

struct Timing {
  uint64_t count, nanoseconds;
};

/// A function of the plan, resolved for one context.
struct Prepared {
  const tenon_function *function = nullptr;
  Array<void *> arguments;
  Array<Segment> segments;
  Array<uint32_t> bounds;
  Array<Step> steps;
  Array<Patch> patches;
  Array<Patches> bindings; // inputs, outputs, then arena, then state
  Array<Timing> timings;   // of each step, if profiled
  Timing whole = {};
  uint64_t stateVersion = 0;
  Sizes sizes;
  bool symbolic = false, ready = false;

  Patches &arena() { return bindings[function->n_inputs + function->n_outputs]; }
  Patches &state() { return bindings[function->n_inputs + function->n_outputs + 1]; }
};

} // namespace tenon::rt

namespace tenon::rt::cuda {
struct Context;
}

struct tenon_context {
  tenon_model *model = nullptr;
  tenon::rt::Pool *pool = nullptr; // NULL: one thread
  uint32_t threads = 1;
  bool profile = false;
  uint32_t running = 0;
  char *arena = nullptr;
  uint64_t arenaBytes = 0;
  tenon::rt::Prepared *functions = nullptr;
  tenon::rt::cuda::Context *gpu = nullptr; // it runs there, and has none of the above
  ~tenon_context();
};

namespace tenon::rt {

/// Whether any of a function's sizes is an expression.
bool isSymbolic(const tenon_function &function);
/// The failure of a CHECK.
[[gnu::cold]] tenon_status checkFailed(const tenon_command &command);
/// An input or output is NULL.
[[gnu::cold]] tenon_status missing(const tenon_function &function, const void *const *inputs, const void *const *outputs);
/// Monotonic nanoseconds.
uint64_t now();
/// Allocates a function's tables.
tenon_status allocatePrepared(tenon_context &context, uint32_t function);
/// Fills them for the sizes in `prepared.sizes` (checked against the plan), growing the arena as needed.
tenon_status prepare(tenon_context &context, Prepared &prepared);

/// Fixes the function's symbols to the sizes of these inputs, which must match.
tenon_status bindSizes(tenon_context &context, uint32_t function, const tenon_array *inputs, size_t count);

} // namespace tenon::rt
