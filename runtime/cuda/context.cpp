// Makes and frees contexts on GPUs.
#include "runtime/cuda/context.h"
#include <pthread.h>

namespace tenon::rt::cuda {

// The largest memory that the functions with numbers for sizes need: one block serves all.
static tenon_status prepareAll(Context &c) {
  const tenon_plan &plan = c.plan();
  uint64_t parameters = 0;
  for (uint32_t i = 0; i < plan.n_kernels; ++i)
    parameters = plan.kernels[i].n_arguments > parameters ? plan.kernels[i].n_arguments : parameters;
  c.functions = static_cast<Prepared *>(allocateAligned(sizeof(Prepared) * plan.n_functions));
  if (!c.functions || !c.parameters.allocate(parameters + 4))
    return outOfMemory();
  for (uint32_t i = 0; i < plan.n_functions; ++i)
    new (&c.functions[i]) Prepared;
  for (uint32_t i = 0; i < plan.n_functions; ++i) {
    const tenon_function &f = plan.functions[i];
    Prepared &p = c.functions[i];
    c.mostInputs = f.n_inputs > c.mostInputs ? f.n_inputs : c.mostInputs;
    p.function = &f, p.symbolic = isSymbolic(f);
    if (!p.inputs.allocate(f.n_inputs) || !p.outputs.allocate(f.n_outputs) || !p.arguments.allocate(f.n_arguments) || !p.rows.allocate(f.n_commands) || !p.sizes.allocate(plan))
      return outOfMemory();
    uint32_t rows = 0;
    for (uint32_t k = 0; k < f.n_commands; ++k) {
      p.rows[k] = rows;
      rows += f.commands[k].kind == TENON_COMMAND_LAUNCH ? f.commands[k].count : 1;
    }
    if (c.profile && !p.timings.allocate(rows))
      return outOfMemory();
  }
  // The largest first, so that the block is not made over and over.
  Prepared *largest = nullptr;
  for (uint32_t i = 0; i < plan.n_functions; ++i)
    if (Prepared &p = c.functions[i]; !p.symbolic)
      largest = !largest || p.function->arena > largest->function->arena ? &p : largest;
  if (largest)
    TENON_TRY(prepare(c, *largest));
  for (uint32_t i = 0; i < plan.n_functions; ++i)
    if (Prepared &p = c.functions[i]; !p.symbolic && &p != largest)
      TENON_TRY(prepare(c, p));
  return TENON_OK;
}

static tenon_status make(Context &c, uint32_t ordinal) {
  if (!c.model->cuda)
    return fail(TENON_ERROR_DEVICE, "CUDA: the artifact has no code for GPUs: compile it with --target=cuda");
  Device *device;
  TENON_TRY(openDevice(ordinal, device));
  c.device = device;
  const Driver &driver = *device->driver;
  Current current(*device);
  TENON_TRY(current.check());
  TENON_CUDA(driver, "a stream cannot be made", streamCreate(&c.stream, 1)); // NON_BLOCKING: nobody else's work is waited for
  for (Event *&event : c.events)
    TENON_CUDA(driver, "an event cannot be made", eventCreate(&event, c.profile ? 0 : 2)); // DISABLE_TIMING
  TENON_TRY(load(*c.model, *device, c.loaded));
  return prepareAll(c);
}

tenon_status createContext(tenon_model &model, uint32_t ordinal, bool profile, Context *&context) {
  Context *made = create<Context>();
  if (!made)
    return outOfMemory();
  made->model = &model, made->profile = profile;
  if (tenon_status status = withNeeds(model, make(*made, ordinal)))
    return destroy(made), status;
  context = made;
  return TENON_OK;
}

void destroyContext(Context *context) { destroy(context); }

Context::~Context() {
  if (!device)
    return;
  Current current(*device);
  const Driver &driver = *device->driver;
  for (uint32_t i = 0; functions && i < plan().n_functions; ++i) {
    if (functions[i].graph)
      driver.executableDestroy(functions[i].graph);
    functions[i].~Prepared();
  }
  freeAligned(functions);
  if (pinned)
    driver.releaseHost(pinned);
  for (Fed &f : fed) {
    if (f.pinned)
      driver.releaseHost(f.pinned);
    if (f.done)
      driver.eventDestroy(f.done);
  }
  if (copies)
    driver.streamDestroy(copies);
  for (Event *event : events)
    if (event)
      driver.eventDestroy(event);
  if (stream)
    driver.streamDestroy(stream);
}

} // namespace tenon::rt::cuda
