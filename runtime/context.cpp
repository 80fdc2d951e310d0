// Makes and frees contexts.
#include "runtime/context.h"
#include "runtime/cuda/context.h"
#include "runtime/error.h"

using namespace tenon::rt;

static tenon_status resolve(tenon_context &context) {
  const tenon_plan &plan = *context.model->plan;
  for (uint32_t i = 0; i < plan.n_kernels; ++i)
    if (!plan.kernels[i].cpu)
      return fail(TENON_ERROR_DEVICE, "the artifact has no code for a CPU (kernel %s): set tenon_options.device to a GPU", plan.kernels[i].name);
  context.functions = static_cast<Prepared *>(allocateAligned(sizeof(Prepared) * plan.n_functions));
  if (!context.functions)
    return outOfMemory();
  for (uint32_t i = 0; i < plan.n_functions; ++i)
    new (&context.functions[i]) Prepared;
  int64_t largest = 0; // of the arenas known now: one block serves all functions
  for (uint32_t i = 0; i < plan.n_functions; ++i) {
    TENON_TRY(allocatePrepared(context, i));
    largest = plan.functions[i].arena > largest ? plan.functions[i].arena : largest;
  }
  context.arena = static_cast<char *>(allocateAligned(largest));
  context.arenaBytes = largest;
  if (!context.arena)
    return fail(TENON_ERROR_MEMORY, "out of memory: the functions' scratch memory is %lld bytes", (long long)largest);
  for (uint32_t i = 0; i < plan.n_functions; ++i)
    if (!context.functions[i].symbolic)
      TENON_TRY(prepare(context, context.functions[i]));
  return TENON_OK;
}

tenon_status tenon_context_create(tenon_model *model, const tenon_options *options, tenon_context **context) {
  if (!model || !context)
    return fail(TENON_ERROR_ARGUMENT, "tenon_context_create: model or context is NULL");
  *context = nullptr;
  if (options && options->threads > 256)
    return fail(TENON_ERROR_ARGUMENT, "tenon_context_create: %u threads; at most 256 are possible", options->threads);
  tenon_context *made = create<tenon_context>();
  if (!made)
    return outOfMemory();
  model->retain();
  made->model = model;
  made->profile = options && options->profile;
  if (options && options->device) {
    if (tenon_status status = cuda::createContext(*model, options->device - 1, made->profile, made->gpu))
      return destroy(made), status;
    *context = made;
    return TENON_OK;
  }
  made->threads = options && options->threads ? options->threads : defaultThreads();
  tenon_status status = made->threads > 1 && !(made->pool = acquirePool(made->threads)) ? outOfMemory() : resolve(*made);
  if (status != TENON_OK)
    return destroy(made), status;
  *context = made;
  return TENON_OK;
}

tenon_context::~tenon_context() {
  cuda::destroyContext(gpu);
  for (uint32_t i = 0; functions && i < model->plan->n_functions; ++i)
    functions[i].~Prepared();
  freeAligned(functions);
  freeAligned(arena);
  releasePool(pool);
  tenon_model_free(model);
}

void tenon_context_free(tenon_context *context) { destroy(context); }
uint32_t tenon_context_threads(const tenon_context *context) { return context ? context->threads : 0; }
