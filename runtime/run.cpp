// The fast path: patch the addresses that changed, walk the steps.
#include "runtime/context.h"
#include "runtime/cpu.h"
#include "runtime/cuda/context.h"
#include "runtime/error.h"
#include "runtime/state.h"
#include <string.h>
#include <time.h>

namespace tenon::rt {

static inline void apply(Prepared &p, Patches &patches, const void *base) {
  patches.base = base;
  char *bytes = static_cast<char *>(const_cast<void *>(base));
  for (uint32_t i = patches.begin; i < patches.end; ++i)
    p.arguments[p.patches[i].slot] = bytes + p.patches[i].offset;
}

static inline bool bindAll(Prepared &p, Patches *bindings, uint32_t count, const void *const *addresses) {
  for (uint32_t i = 0; i < count; ++i)
    if (const void *address = addresses[i]; address != bindings[i].base || !address) [[unlikely]] {
      if (!address && bindings[i].bytes)
        return false;
      apply(p, bindings[i], address);
    }
  return true;
}

[[gnu::cold, gnu::noinline]] tenon_status missing(const tenon_function &f, const void *const *inputs, const void *const *outputs) {
  for (uint32_t i = 0; i < f.n_inputs; ++i)
    if (!inputs || !inputs[i])
      return fail(TENON_ERROR_ARGUMENT, "%s: input %s is NULL", f.name, f.inputs[i].name);
  for (uint32_t i = 0; i < f.n_outputs; ++i)
    if (!outputs || !outputs[i])
      return fail(TENON_ERROR_ARGUMENT, "%s: output %s is NULL", f.name, f.outputs[i].name);
  return TENON_OK;
}

[[gnu::noinline]] static tenon_status bindState(const tenon_context &context, Prepared &p, tenon_state *state) {
  if (!state)
    return fail(TENON_ERROR_ARGUMENT, "%s: it uses state, and the state is NULL", p.function->name);
  if (state->model != context.model)
    return fail(TENON_ERROR_ARGUMENT, "%s: the state belongs to another model than the context", p.function->name);
  if (state->gpu)
    return fail(TENON_ERROR_ARGUMENT, "%s: the context is on the CPU, the state on a GPU: set tenon_options.device", p.function->name);
  for (uint32_t i = p.state().begin; i < p.state().end; ++i)
    p.arguments[p.patches[i].slot] = state->data[p.patches[i].index] + p.patches[i].offset;
  p.stateVersion = state->version;
  return TENON_OK;
}

[[gnu::cold, gnu::noinline]] tenon_status checkFailed(const tenon_command &c) {
  const char *message = c.message ? c.message : "a check failed";
  return c.locations && *c.locations ? fail(TENON_ERROR_CHECK, "%s (%s)", message, c.locations) : fail(TENON_ERROR_CHECK, "%s", message);
}

static bool allNonzero(const void *data, uint64_t bytes) { return bytes == 0 || !memchr(data, 0, bytes); }

static void fill(void *data, uint64_t bytes, uint32_t word) {
  char *to = static_cast<char *>(data);
  if (word == (word & 0xff) * 0x01010101u)
    return void(memset(to, word & 0xff, bytes));
  for (; bytes >= 4; bytes -= 4, to += 4)
    memcpy(to, &word, 4);
  memcpy(to, &word, bytes);
}

static inline void runLaunch(const tenon_context &context, const Launch &launch) {
  if (launch.shares > 1 && runOnPool(*context.pool, launch))
    return;
  for (uint32_t share = 0; share < launch.shares; ++share)
    runShare(launch, share);
}

static inline tenon_status runStep(const tenon_context &context, const Prepared &p, const Step &s) {
  void *const *arguments = p.arguments.data() + s.first;
  switch (s.kind) {
  case TENON_COMMAND_LAUNCH:
    runLaunch(context, s.launch);
    break;
  case TENON_COMMAND_COPY:
    memmove(arguments[0], arguments[1], s.bytes);
    break;
  case TENON_COMMAND_FILL:
    fill(arguments[0], s.bytes, s.value);
    break;
  case TENON_COMMAND_CHECK:
    if (!allNonzero(arguments[0], s.bytes))
      return checkFailed(*s.command);
  }
  return TENON_OK;
}

uint64_t now() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

template <bool timed> static tenon_status runSteps(const tenon_context &context, Prepared &p, uint32_t begin, uint32_t end);

static inline void move(Prepared &p, const tenon_command &c, int64_t times) {
  const tenon_move *moves = p.function->moves + c.first_move;
  for (uint32_t i = 0; i < c.n_moves; ++i)
    p.arguments[moves[i].argument] = static_cast<char *>(p.arguments[moves[i].argument]) + moves[i].stride * times;
}

// The addresses move with the passes, and back at the end: whoever patches them next finds what it left.
template <bool timed> [[gnu::noinline]] static tenon_status runLoop(const tenon_context &context, Prepared &p, uint32_t at) {
  const Step &s = p.steps[at];
  tenon_status status = TENON_OK;
  int64_t moved = 0;
  for (uint64_t pass = 0; pass < s.bytes && status == TENON_OK; ++pass) {
    if (s.first != TENON_NO_ARGUMENT && !*static_cast<const char *>(p.arguments[s.first]))
      break;
    if (pass)
      move(p, *s.command, 1), ++moved;
    status = runSteps<timed>(context, p, at + 1, at + 1 + s.inside);
  }
  if (moved)
    move(p, *s.command, -moved);
  return status;
}

template <bool timed> static tenon_status runSteps(const tenon_context &context, Prepared &p, uint32_t begin, uint32_t end) {
  for (uint32_t i = begin; i < end; ++i) {
    const Step &s = p.steps[i];
    uint64_t start = timed ? now() : 0;
    tenon_status status;
    uint32_t next = i;
    if (s.kind == TENON_COMMAND_LOOP) [[unlikely]] {
      status = runLoop<timed>(context, p, i);
      next += s.inside;
    } else if (s.kind == TENON_COMMAND_BRANCH) [[unlikely]] {
      uint32_t middle = i + 1 + s.inside;
      bool taken = *static_cast<const char *>(p.arguments[s.first]);
      status = runSteps<timed>(context, p, taken ? i + 1 : middle, taken ? middle : middle + s.others);
      next += s.inside + s.others;
    } else
      status = runStep(context, p, s);
    if (timed)
      ++p.timings[i].count, p.timings[i].nanoseconds += now() - start;
    if (status != TENON_OK) [[unlikely]]
      return status;
    i = next;
  }
  return TENON_OK;
}

[[gnu::cold, gnu::noinline]] static tenon_status runTimed(const tenon_context &context, Prepared &p) {
  uint64_t begin = now();
  tenon_status status = runSteps<true>(context, p, 0, p.steps.size());
  ++p.whole.count, p.whole.nanoseconds += now() - begin;
  return status;
}

static inline tenon_status run(tenon_context &context, tenon_state *state, Prepared &p, const void *const *inputs, void *const *outputs) {
  const tenon_function &f = *p.function;
  if (!p.ready) [[unlikely]]
    return fail(TENON_ERROR_ARGUMENT, "%s: its sizes are symbolic and not bound: use tenon_call or tenon_context_bind", f.name);
  if ((f.n_inputs && !inputs) || (f.n_outputs && !outputs)) [[unlikely]]
    return missing(f, inputs, outputs);
  if (!bindAll(p, p.bindings.data(), f.n_inputs, inputs) || !bindAll(p, p.bindings.data() + f.n_inputs, f.n_outputs, outputs)) [[unlikely]]
    return missing(f, inputs, outputs);
  if (p.arena().base != context.arena) [[unlikely]]
    apply(p, p.arena(), context.arena);
  if (p.state().begin != p.state().end && (!state || p.stateVersion != state->version)) [[unlikely]]
    TENON_TRY(bindState(context, p, state));
  if (context.profile) [[unlikely]]
    return runTimed(context, p);
  return runSteps<false>(context, p, 0, p.steps.size());
}

} // namespace tenon::rt

using namespace tenon::rt;

tenon_status tenon_run(tenon_context *context, tenon_state *state, uint32_t function, const void *const *inputs, void *const *outputs) {
  if (!context || function >= context->model->plan->n_functions) [[unlikely]]
    return fail(TENON_ERROR_ARGUMENT, "tenon_run: context is NULL or has no function %u", function);
  if (__atomic_exchange_n(&context->running, 1, __ATOMIC_ACQUIRE)) [[unlikely]]
    return fail(TENON_ERROR_BUSY, "tenon_run: the context is running in another thread; make one context for each");
  tenon_status status;
  if (context->gpu) [[unlikely]]
    status = cuda::run(*context->gpu, state, function, inputs, outputs);
  else {
    FloatingPointMode mode;
    status = run(*context, state, context->functions[function], inputs, outputs);
  }
  __atomic_store_n(&context->running, 0, __ATOMIC_RELEASE);
  return status;
}

tenon_status tenon_prefetch(tenon_context *context, uint32_t function, const void *const *inputs) {
  if (!context || function >= context->model->plan->n_functions)
    return fail(TENON_ERROR_ARGUMENT, "tenon_prefetch: context is NULL or has no function %u", function);
  if (!context->gpu)
    return TENON_OK;
  if (__atomic_exchange_n(&context->running, 1, __ATOMIC_ACQUIRE))
    return fail(TENON_ERROR_BUSY, "tenon_prefetch: the context is running in another thread; make one context for each");
  tenon_status status = cuda::prefetch(*context->gpu, function, inputs);
  __atomic_store_n(&context->running, 0, __ATOMIC_RELEASE);
  return status;
}
