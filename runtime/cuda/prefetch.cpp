// Inputs of a later run, on their way while another runs: pinned memory, a stream of their own, and a place on the device until that run takes them.
// There are two such places, so that one can be filled while the other waits for its run.
#include "runtime/cuda/context.h"
#include <stdio.h>
#include <string.h>

namespace tenon::rt::cuda {

static tenon_status reserve(Context &c, Fed &fed, const Prepared &p) {
  const Driver &driver = *c.device->driver;
  if (!c.copies)
    TENON_CUDA(driver, "a stream cannot be made", streamCreate(&c.copies, 1)); // NON_BLOCKING
  if (!fed.done)
    TENON_CUDA(driver, "an event cannot be made", eventCreate(&fed.done, 2)); // DISABLE_TIMING
  if (!fed.hosts.size() && !fed.hosts.allocate(c.mostInputs))
    return outOfMemory();
  if (fed.memory.bytes() >= p.inputBytes && fed.pinnedBytes >= p.inputBytes && fed.memory.bytes())
    return TENON_OK;
  char what[256];
  snprintf(what, sizeof what, "%s: inputs of a run ahead", p.function->name);
  TENON_TRY(fed.memory.allocate(*c.device, p.inputBytes, what));
  if (fed.pinned)
    driver.releaseHost(fed.pinned);
  void *pinned;
  fed.pinned = nullptr, fed.pinnedBytes = 0;
  TENON_CUDA(driver, "pinned memory for inputs cannot be allocated", allocateHost(&pinned, fed.memory.bytes(), 0));
  fed.pinned = static_cast<char *>(pinned), fed.pinnedBytes = fed.memory.bytes();
  return TENON_OK;
}

static Result begin(Context &c, Fed &fed, Prepared &p) {
  const Driver &driver = *c.device->driver;
  uint64_t low = UINT64_MAX, high = 0;
  for (const Piece &piece : p.inputs)
    if (piece.staged) {
      memcpy(fed.pinned + piece.offset, piece.host, piece.bytes);
      low = piece.offset < low ? piece.offset : low, high = piece.offset + piece.bytes;
    }
  if (low < high)
    if (Result r = driver.uploadAsync(fed.memory.address() + low, fed.pinned + low, high - low, c.copies))
      return r;
  for (const Piece &piece : p.inputs)
    if (piece.bytes && !piece.staged)
      if (Result r = driver.copyAsync(fed.memory.address() + piece.offset, reinterpret_cast<Address>(piece.host), piece.bytes, c.copies))
        return r;
  return driver.eventRecord(fed.done, c.copies);
}

tenon_status prefetch(Context &c, uint32_t function, const void *const *inputs) {
  Prepared &p = c.functions[function];
  const tenon_function &f = *p.function;
  if (!p.ready)
    return fail(TENON_ERROR_ARGUMENT, "%s: its sizes are symbolic and not bound: use tenon_context_bind", f.name);
  for (uint32_t i = 0; i < f.n_inputs; ++i)
    if (p.inputs[i].bytes && (!inputs || !inputs[i]))
      return fail(TENON_ERROR_ARGUMENT, "%s: input %s is NULL", f.name, f.inputs[i].name);
  Current current(*c.device);
  TENON_TRY(current.check());
  bool second = c.fed[0].function && (!c.fed[1].function || c.fed[1].number < c.fed[0].number); // a free place, or the older one
  Fed &chosen = c.fed[second];
  chosen.function = nullptr;
  if (chosen.number) // its pinned memory has been read
    TENON_CUDA(*c.device->driver, "inputs cannot be waited for", eventSynchronize(chosen.done));
  TENON_TRY(reserve(c, chosen, p));
  sortPieces(c, p.inputs, inputs);
  if (Result result = begin(c, chosen, p)) {
    c.device->driver->streamSynchronize(c.copies); // what has begun reads the caller's memory, and ours
    return failed(*c.device->driver, "inputs cannot be copied", result);
  }
  chosen.number = ++c.fedCount, chosen.function = &f, chosen.bytes = p.inputBytes;
  for (uint32_t i = 0; i < f.n_inputs; ++i)
    chosen.hosts[i] = inputs[i];
  return TENON_OK;
}

void forgetPrefetched(Context &c, const Prepared &p) {
  for (Fed &fed : c.fed)
    if (fed.function == p.function)
      fed.function = nullptr;
}

bool takePrefetched(Context &c, Prepared &p, const void *const *inputs, Result &result) {
  Fed *found = nullptr;
  for (Fed &fed : c.fed)
    if (fed.function == p.function && fed.bytes == p.inputBytes && p.inputBytes && !memcmp(fed.hosts.data(), inputs, p.inputs.size() * sizeof *inputs))
      found = !found || fed.number < found->number ? &fed : found;
  if (!found)
    return false;
  const Driver &driver = *c.device->driver;
  result = driver.streamWait(c.stream, found->done, 0);
  result = result ? result : driver.copyAsync(c.inputs(), found->memory.address(), p.inputBytes, c.stream);
  found->function = nullptr;
  return true;
}

} // namespace tenon::rt::cuda
