// The checked call: names, types and shapes first, then the fast path.
#include "runtime/context.h"
#include "runtime/cuda/context.h"
#include "runtime/error.h"
#include "runtime/text.h"
#include "runtime/type.h"

using namespace tenon::rt;

static tenon_status checkOutputs(const tenon_plan &plan, const tenon_function &f, const Sizes &sizes, const tenon_array *outputs, size_t count) {
  if (count != f.n_outputs || (count && !outputs))
    return fail(TENON_ERROR_ARGUMENT, "%s: expected %u outputs, got %zu", f.name, f.n_outputs, outputs ? count : 0);
  for (uint32_t i = 0; i < count; ++i) {
    const tenon_tensor &t = f.outputs[i];
    bool same = outputs[i].type == typeOf(t.dtype) && outputs[i].rank == t.rank && (!t.rank || outputs[i].shape);
    for (uint32_t d = 0; same && d < t.rank; ++d) {
      int64_t size;
      same = evaluate(t.shape[d], &sizes, size) && size == outputs[i].shape[d];
    }
    if (same)
      continue;
    Text expected, came;
    describeTensor(plan, t, expected);
    came.add("%s[", tenon_type_name(outputs[i].type));
    for (uint32_t d = 0; d < outputs[i].rank && d < TENON_MAX_RANK && outputs[i].shape; ++d)
      came.add("%s%lld", d ? "," : "", (long long)outputs[i].shape[d]);
    return fail(TENON_ERROR_ARGUMENT, "%s: output %s is %s, got %s]", f.name, t.name, expected.c_str(), came.c_str());
  }
  return TENON_OK;
}

tenon_status tenon_context_bind(tenon_context *context, uint32_t function, const tenon_array *inputs, size_t count) {
  if (!context || function >= context->model->plan->n_functions)
    return fail(TENON_ERROR_ARGUMENT, "tenon_context_bind: context is NULL or has no function %u", function);
  return context->gpu ? cuda::bindSizes(*context->gpu, function, inputs, count) : bindSizes(*context, function, inputs, count);
}

tenon_status tenon_call(tenon_context *context, tenon_state *state, const char *name, const tenon_array *inputs, size_t n_inputs, tenon_array *outputs,
                        size_t n_outputs) {
  if (!context || !name)
    return fail(TENON_ERROR_ARGUMENT, "tenon_call: context or name is NULL");
  uint32_t function;
  TENON_TRY(tenon_function_match(context->model, name, inputs, n_inputs, &function));
  if (context->gpu) {
    TENON_TRY(cuda::bindSizes(*context->gpu, function, inputs, n_inputs));
    const cuda::Prepared &p = context->gpu->functions[function];
    TENON_TRY(checkOutputs(context->gpu->plan(), *p.function, p.sizes, outputs, n_outputs));
  } else {
    TENON_TRY(bindSizes(*context, function, inputs, n_inputs));
    const Prepared &p = context->functions[function];
    TENON_TRY(checkOutputs(*context->model->plan, *p.function, p.sizes, outputs, n_outputs));
  }
  void *few[32];
  Array<void *> many;
  if (n_inputs + n_outputs > 32 && !many.allocate(n_inputs + n_outputs))
    return outOfMemory();
  void **addresses = n_inputs + n_outputs > 32 ? many.data() : few;
  for (size_t i = 0; i < n_inputs; ++i)
    addresses[i] = inputs[i].data;
  for (size_t i = 0; i < n_outputs; ++i)
    addresses[n_inputs + i] = outputs[i].data;
  return tenon_run(context, state, function, addresses, addresses + n_inputs);
}
