// A run: inputs up, the graph (or its commands one by one), outputs and the status word down.
#include "runtime/cuda/context.h"
#include "runtime/cuda/state.h"
#include <stdio.h>

namespace tenon::rt::cuda {

static bool allThere(const Array<Piece> &pieces, const void *const *hosts) {
  for (uint32_t i = 0; i < pieces.size(); ++i)
    if (!hosts[i] && pieces[i].bytes)
      return false;
  return true;
}

// From here on the driver failed between two steps of the state. It does not say which kernels ran, and most of its failures end all use of the GPU.
[[gnu::cold]] static tenon_status lost(const Context &c, const Prepared &p, tenon_state *state, Result result) {
  if (state)
    state->lost = true;
  c.device->driver->streamSynchronize(c.stream); // nothing is on its way to the caller's memory any more
  return fail(TENON_ERROR_DEVICE, "%s: GPU %d (%s) failed in the middle of it: %s%s", p.function->name, c.device->ordinal, c.device->name,
              explain(*c.device->driver, result).text, state ? "; the state on it is lost" : "");
}

// The number of the command that failed, counted from 1. Kernels do nothing until the word is zero again.
[[gnu::cold]] static tenon_status reportCheck(const Context &c, const Prepared &p, tenon_state *state, uint32_t number) {
  const Driver &driver = *c.device->driver;
  Result result = driver.setAsync(c.status(), 0, 4, c.stream);
  result = result ? result : driver.streamSynchronize(c.stream);
  if (result)
    return lost(c, p, state, result);
  if (number > p.function->n_commands || p.function->commands[number - 1].kind != TENON_COMMAND_CHECK)
    return fail(TENON_ERROR_FORMAT, "%s: its code for GPUs is damaged: it reports a failed check %u", p.function->name, number);
  return checkFailed(p.function->commands[number - 1]);
}

// No kernel ran: the state is as it was, unless the driver says that it is of no use any more.
[[gnu::cold]] static tenon_status notStarted(const Context &c, const Prepared &p, tenon_state *state, const char *why, Result result) {
  if (result != 1 && result != 2) // INVALID_VALUE, OUT_OF_MEMORY
    return lost(c, p, state, result);
  char what[256];
  snprintf(what, sizeof what, "%s: %s", p.function->name, why);
  c.device->driver->streamSynchronize(c.stream); // what was copied has left our memory
  return failed(*c.device->driver, what, result);
}

static tenon_status start(Context &c, Prepared &p, tenon_state *state, const void *const *inputs, void *const *outputs) {
  const tenon_function &f = *p.function;
  if (!p.ready)
    return fail(TENON_ERROR_ARGUMENT, "%s: its sizes are symbolic and not bound: use tenon_call or tenon_context_bind", f.name);
  if ((f.n_inputs && !inputs) || (f.n_outputs && !outputs) || !allThere(p.inputs, inputs) || !allThere(p.outputs, outputs))
    return missing(f, inputs, outputs);
  Current current(*c.device);
  TENON_TRY(current.check());
  TENON_TRY(capture(c, p, state));
  uint64_t begin = c.profile ? now() : 0;
  uint32_t status = 0;
  Result result = 0;
  if (!takePrefetched(c, p, inputs, result))
    result = uploadInputs(c, p, inputs);
  if (result)
    return notStarted(c, p, state, "its inputs cannot be copied", result);
  bool started = false;
  result = !p.replayed ? launchCommands(c, p, started) : p.nodes ? c.device->driver->graphLaunch(p.graph, c.stream) : 0;
  if (result && !started)
    return notStarted(c, p, state, "it cannot be launched", result);
  result = result ? result : downloadOutputs(c, p, outputs, status);
  if (result)
    return lost(c, p, state, result);
  if (c.profile)
    ++p.whole.count, p.whole.nanoseconds += now() - begin;
  return status ? reportCheck(c, p, state, status) : TENON_OK;
}

tenon_status run(Context &c, tenon_state *state, uint32_t function, const void *const *inputs, void *const *outputs) {
  Prepared &p = c.functions[function];
  tenon_status status = start(c, p, state, inputs, outputs);
  if (status)
    forgetPrefetched(c, p); // the caller may fill its buffers anew
  return status;
}

} // namespace tenon::rt::cuda
