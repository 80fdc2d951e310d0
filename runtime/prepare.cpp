// Resolves a function for a context: offsets to numbers, commands to steps, launches to shares.
#include "runtime/context.h"
#include "runtime/error.h"
#include "runtime/partition.h"
#include "runtime/type.h"

namespace tenon::rt {

bool isSymbolic(const tenon_function &f) {
  bool symbolic = f.arena < 0;
  auto look = [&](const tenon_tensor *tensors, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i)
      for (uint32_t d = 0; d < tensors[i].rank; ++d)
        symbolic |= tensors[i].shape[d] < 0;
  };
  look(f.inputs, f.n_inputs);
  look(f.outputs, f.n_outputs);
  for (uint32_t i = 0; i < f.n_arguments; ++i)
    symbolic |= f.arguments[i].offset < 0;
  for (uint32_t i = 0; i < f.n_calls; ++i)
    symbolic |= f.calls[i].blocks < 0;
  for (uint32_t i = 0; i < f.n_commands; ++i)
    symbolic |= f.commands[i].bytes < 0;
  return symbolic;
}

tenon_status allocatePrepared(tenon_context &context, uint32_t number) {
  const tenon_function &f = context.model->plan->functions[number];
  Prepared &p = context.functions[number];
  p.function = &f;
  p.symbolic = isSymbolic(f);
  uint64_t segments = 0, bounds = 0, steps = 0;
  for (uint32_t i = 0; i < f.n_commands; ++i) {
    bool launch = f.commands[i].kind == TENON_COMMAND_LAUNCH;
    uint64_t calls = launch ? f.commands[i].count : 0, groups = launch && context.profile ? calls : 1;
    segments += calls * context.threads;
    bounds += groups * (context.threads + 1);
    steps += groups;
  }
  bool allocated = p.arguments.allocate(f.n_arguments) && p.segments.allocate(segments) && p.bounds.allocate(bounds) && p.steps.allocate(steps) &&
                   p.patches.allocate(f.n_arguments) && p.bindings.allocate(f.n_inputs + f.n_outputs + 2) &&
                   p.timings.allocate(context.profile ? steps : 0) && p.sizes.allocate(*context.model->plan);
  return allocated ? TENON_OK : outOfMemory();
}

// The patches of every base, one group after the other; constants need none.
static void resolveArguments(const tenon_model &model, Prepared &p) {
  const tenon_function &f = *p.function;
  uint32_t next = 0;
  int64_t offset = 0;
  auto group = [&](Patches &patches, int32_t space, int32_t index, uint64_t bytes) {
    patches = {next, next, nullptr, bytes};
    for (uint32_t i = 0; i < f.n_arguments; ++i) {
      const tenon_argument &a = f.arguments[i];
      if (a.space != space || (index >= 0 && a.index != index))
        continue;
      evaluate(a.offset, &p.sizes, offset);
      p.patches[next++] = {i, space == TENON_SPACE_STATE ? model.layouts[a.index].storage : 0, uint64_t(offset)};
    }
    patches.end = next;
  };
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < f.n_inputs; ++i)
    countBytes(f.inputs[i], &p.sizes, bytes), group(p.bindings[i], TENON_SPACE_INPUT, i, bytes);
  for (uint32_t i = 0; i < f.n_outputs; ++i)
    countBytes(f.outputs[i], &p.sizes, bytes), group(p.bindings[f.n_inputs + i], TENON_SPACE_OUTPUT, i, bytes);
  group(p.arena(), TENON_SPACE_ARENA, -1, 0);
  group(p.state(), TENON_SPACE_STATE, -1, 0);
  p.stateVersion = 0;
  for (uint32_t i = 0; i < f.n_arguments; ++i)
    if (const tenon_argument &a = f.arguments[i]; a.space == TENON_SPACE_CONSTANT) {
      evaluate(a.offset, &p.sizes, offset);
      p.arguments[i] = const_cast<char *>(static_cast<const char *>(model.plan->constants[a.index].data)) + offset;
    }
}

namespace {
struct StepMaker {
  const tenon_context &context;
  Prepared &p;
  Array<Grid> grids;
  uint32_t step = 0;
  size_t segment = 0, bound = 0;

  bool launch(const tenon_command &command, uint32_t first, uint32_t count) {
    int64_t work = 0;
    for (uint32_t i = 0; i < count; ++i) {
      const tenon_grid &c = p.function->calls[first + i];
      int64_t blocks = 0;
      evaluate(c.blocks, &p.sizes, blocks);
      grids[i] = {context.model->plan->kernels[c.kernel].cpu, p.arguments.data() + c.first_argument, blocks, c.work};
      if (__builtin_add_overflow(work, c.work, &work))
        work = INT64_MAX;
    }
    uint32_t shares = context.pool ? sharesFor(work, context.threads) : 1;
    Step &s = p.steps[step++];
    s = {TENON_COMMAND_LAUNCH, 0, 0, 0, {p.segments.data() + segment, p.bounds.data() + bound, shares}, &command, count == 1 ? &p.function->calls[first] : nullptr, 0, 0};
    bool done = partition(grids.data(), count, shares, p.segments.data() + segment, p.bounds.data() + bound);
    segment += size_t(count) * context.threads, bound += context.threads + 1;
    return done;
  }

  // The steps of commands [begin, end).
  bool make(uint32_t begin, uint32_t end) {
    const tenon_function &f = *p.function;
    for (uint32_t i = begin; i < end; ++i) {
      const tenon_command &c = f.commands[i];
      bool done = true;
      if (c.kind == TENON_COMMAND_LOOP || c.kind == TENON_COMMAND_BRANCH) {
        int64_t passes = 0;
        evaluate(c.bytes, &p.sizes, passes);
        uint32_t at = step++;
        p.steps[at] = {c.kind, c.first, 0, uint64_t(passes), {}, &c, nullptr, 0, 0};
        done = make(i + 1, i + 1 + c.count);
        p.steps[at].inside = step - at - 1;
        uint32_t after = step;
        done = done && make(i + 1 + c.count, i + 1 + c.count + c.others);
        p.steps[at].others = step - after;
        i += c.count + c.others;
      } else if (c.kind != TENON_COMMAND_LAUNCH) {
        int64_t bytes = 0;
        evaluate(c.bytes, &p.sizes, bytes);
        p.steps[step++] = {c.kind, c.first, c.count, uint64_t(bytes), {}, &c, nullptr, 0, 0};
      } else if (context.profile)
        for (uint32_t k = 0; k < c.count; ++k)
          done &= launch(c, c.first + k, 1);
      else
        done = launch(c, c.first, c.count);
      if (!done)
        return false;
    }
    return true;
  }
  bool make() { return grids.allocate(p.function->n_calls) && make(0, p.function->n_commands); }
};
} // namespace

tenon_status prepare(tenon_context &context, Prepared &p) {
  p.ready = false;
  TENON_TRY(validateSizes(*context.model->plan, context.model->layouts, *p.function, &p.sizes));
  int64_t arena = 0;
  evaluate(p.function->arena, &p.sizes, arena);
  if (uint64_t(arena) > context.arenaBytes || !context.arena) {
    char *larger = static_cast<char *>(allocateAligned(arena));
    if (!larger)
      return fail(TENON_ERROR_MEMORY, "%s: out of memory: its scratch memory is %lld bytes", p.function->name, (long long)arena);
    freeAligned(context.arena);
    context.arena = larger, context.arenaBytes = arena;
  }
  resolveArguments(*context.model, p);
  if (!StepMaker{context, p, {}}.make())
    return outOfMemory();
  p.ready = true;
  return TENON_OK;
}

} // namespace tenon::rt
