// Resolves a function for the sizes of a call: where its inputs and outputs lie, how much memory it takes.
#include "runtime/cuda/context.h"
#include <stdio.h>
#include <string.h>

namespace tenon::rt::cuda {

static tenon_status place(const tenon_tensor *tensors, Array<Piece> &pieces, const Sizes *sizes, uint64_t &total) {
  for (uint32_t i = 0; i < pieces.size(); ++i) {
    uint64_t bytes = 0;
    countBytes(tensors[i], sizes, bytes);
    pieces[i] = {total, bytes, nullptr, false};
    if (__builtin_add_overflow(total, rounded(bytes), &total))
      return outOfMemory();
  }
  return TENON_OK;
}

// One block, as large as the largest need of each part so far. Who had addresses in the old one captures again.
static tenon_status reserve(Context &c, const Prepared &p) {
  auto larger = [](uint64_t a, uint64_t b) { return a > b ? a : b; };
  uint64_t outputs = larger(c.outputRoom, rounded(p.outputBytes)), inputs = larger(c.inputRoom, rounded(p.inputBytes)), total;
  uint64_t arena = larger(c.arenaRoom, rounded(p.arenaBytes));
  if (__builtin_add_overflow(outputs, inputs, &total) || __builtin_add_overflow(total, arena, &total))
    return outOfMemory();
  const Driver &driver = *c.device->driver;
  uint64_t chunk = larger(outputs, inputs) < largestChunk ? larger(outputs, inputs) : largestChunk;
  if (chunk > c.chunk) {
    if (c.pinned)
      TENON_CUDA(driver, "pinned memory cannot be given back", releaseHost(c.pinned));
    c.pinned = nullptr, c.chunk = 0;
    void *pinned;
    TENON_CUDA(driver, "pinned memory for inputs and outputs cannot be allocated", allocateHost(&pinned, 2 * chunk, 0));
    c.pinned = static_cast<char *>(pinned), c.chunk = chunk;
  }
  if (c.memory.bytes() && outputs == c.outputRoom && inputs == c.inputRoom && arena == c.arenaRoom)
    return TENON_OK;
  char what[256];
  snprintf(what, sizeof what, "%s: inputs, outputs and scratch memory", p.function->name);
  tenon_status status = c.memory.allocate(*c.device, total, what);
  if (status != TENON_OK && !c.memory.bytes())
    c.outputRoom = c.inputRoom = c.arenaRoom = 0, ++c.memoryVersion;
  TENON_TRY(status);
  ++c.memoryVersion;
  TENON_CUDA(driver, "memory cannot be cleared", setAsync(c.memory.address(), 0, statusBytes, c.stream));
  TENON_CUDA(driver, "memory cannot be cleared", streamSynchronize(c.stream));
  c.outputRoom = outputs, c.inputRoom = inputs, c.arenaRoom = arena;
  return TENON_OK;
}

// Grids that a device can be asked for.
static tenon_status checkGrids(const Prepared &p) {
  for (uint32_t i = 0; i < p.function->n_calls; ++i) {
    int64_t blocks = 0;
    evaluate(p.function->calls[i].blocks, &p.sizes, blocks);
    if (blocks > INT32_MAX)
      return fail(TENON_ERROR_ARGUMENT, "%s: call %u has %lld blocks, a GPU runs at most %d", p.function->name, i, (long long)blocks, INT32_MAX);
  }
  return TENON_OK;
}

tenon_status prepare(Context &c, Prepared &p) {
  const tenon_function &f = *p.function;
  p.ready = false, p.memoryVersion = 0;
  for (Fed &fed : c.fed) // what was sent ahead was for other sizes
    fed.function = fed.function == &f ? nullptr : fed.function;
  TENON_TRY(validateSizes(c.plan(), c.model->cudaLayouts, f, &p.sizes));
  TENON_TRY(checkGrids(p));
  p.inputBytes = 0, p.outputBytes = statusBytes;
  TENON_TRY(place(f.inputs, p.inputs, &p.sizes, p.inputBytes));
  TENON_TRY(place(f.outputs, p.outputs, &p.sizes, p.outputBytes));
  int64_t arena = 0;
  evaluate(f.arena, &p.sizes, arena);
  p.arenaBytes = uint64_t(arena);
  TENON_TRY(reserve(c, p));
  p.ready = true;
  return TENON_OK;
}

tenon_status bindSizes(Context &c, uint32_t function, const tenon_array *inputs, size_t count) {
  Prepared &p = c.functions[function];
  const tenon_plan &plan = c.plan();
  if (!p.symbolic)
    return matchFunction(plan, function, inputs, count, p.sizes);
  Sizes sizes;
  if (!sizes.allocate(plan))
    return outOfMemory();
  TENON_TRY(matchFunction(plan, function, inputs, count, sizes));
  if (p.ready && !memcmp(p.sizes.symbols.data(), sizes.symbols.data(), plan.n_symbols * sizeof(int64_t)))
    return TENON_OK;
  memcpy(p.sizes.symbols.data(), sizes.symbols.data(), plan.n_symbols * sizeof(int64_t));
  p.sizes.evaluate(plan);
  Current current(*c.device);
  TENON_TRY(current.check());
  return prepare(c, p);
}

} // namespace tenon::rt::cuda
