// The description calls of tenon.h: the plan's tables, one entry at a time.
#include "runtime/error.h"
#include "runtime/model.h"
#include "runtime/type.h"

using namespace tenon::rt;

static void fillTensor(const tenon_tensor &t, const char *text, const Sizes *sizes, tenon_tensor_info *info) {
  *info = {};
  info->name = t.name, info->text = text, info->type = typeOf(t.dtype), info->rank = t.rank;
  for (uint32_t d = 0; d < t.rank; ++d) {
    int64_t size;
    info->shape[d] = evaluate(t.shape[d], sizes, size) ? size : -1;
  }
  uint64_t bytes;
  info->bytes = countBytes(t, sizes, bytes) ? int64_t(bytes) : -1;
}

static const char *orEmpty(const char *s) { return s ? s : ""; }
static int64_t orSymbolic(tenon_size size) { return size >= 0 ? size : -1; }

static tenon_status noSuch(const char *call, uint32_t number) { return fail(TENON_ERROR_ARGUMENT, "%s: there is no number %u, or an argument is NULL", call, number); }

tenon_status tenon_model_describe(const tenon_model *model, tenon_model_info *info) {
  if (!model || !info)
    return fail(TENON_ERROR_ARGUMENT, "tenon_model_describe: model or info is NULL");
  const tenon_plan &p = *model->plan;
  *info = {orEmpty(p.compiler), orEmpty(p.target), p.n_functions, p.n_state, p.n_kernels, model->artifact.bytes, 0, 0};
  for (uint32_t i = 0; i < p.n_state; ++i)
    info->state_bytes += model->layouts[i].storage == i ? model->layouts[i].stored : 0;
  for (uint32_t i = 0; i < p.n_constants; ++i)
    info->constant_bytes += p.constants[i].bytes;
  return TENON_OK;
}

tenon_status tenon_function_describe(const tenon_model *model, uint32_t function, tenon_function_info *info) {
  if (!model || !info || function >= model->plan->n_functions)
    return noSuch("tenon_function_describe", function);
  const tenon_function &f = model->plan->functions[function];
  *info = {f.name, model->functionText(function), f.n_inputs, f.n_outputs, 0, f.n_calls, orSymbolic(f.arena)};
  for (uint32_t i = 0; i < f.n_commands; ++i)
    info->launches += f.commands[i].kind == TENON_COMMAND_LAUNCH;
  return TENON_OK;
}

tenon_status tenon_input_describe(const tenon_model *model, uint32_t function, uint32_t input, tenon_tensor_info *info) {
  if (!model || !info || function >= model->plan->n_functions || input >= model->plan->functions[function].n_inputs)
    return noSuch("tenon_input_describe", input);
  fillTensor(model->plan->functions[function].inputs[input], model->texts[model->tensorText[function] + input], nullptr, info);
  return TENON_OK;
}

static const char *outputText(const tenon_model &model, uint32_t function, uint32_t output) {
  return model.texts[model.tensorText[function] + model.plan->functions[function].n_inputs + output];
}

tenon_status tenon_output_describe(const tenon_model *model, uint32_t function, uint32_t output, tenon_tensor_info *info) {
  if (!model || !info || function >= model->plan->n_functions || output >= model->plan->functions[function].n_outputs)
    return noSuch("tenon_output_describe", output);
  fillTensor(model->plan->functions[function].outputs[output], outputText(*model, function, output), nullptr, info);
  return TENON_OK;
}

tenon_status tenon_output_resolve(const tenon_model *model, uint32_t function, const tenon_array *inputs, size_t n_inputs, uint32_t output,
                                  tenon_tensor_info *info) {
  TENON_TRY(tenon_output_describe(model, function, output, info));
  Sizes sizes;
  if (!sizes.allocate(*model->plan))
    return outOfMemory();
  TENON_TRY(matchFunction(*model->plan, function, inputs, n_inputs, sizes));
  fillTensor(model->plan->functions[function].outputs[output], outputText(*model, function, output), &sizes, info);
  return TENON_OK;
}

tenon_status tenon_state_describe(const tenon_model *model, uint32_t entry, tenon_state_info *info) {
  if (!model || !info || entry >= model->plan->n_state)
    return noSuch("tenon_state_describe", entry);
  const tenon_state_entry &e = model->plan->state[entry];
  fillTensor(e.tensor, model->texts[entry], nullptr, &info->tensor);
  info->panel = model->layouts[entry].panel, info->alias = e.alias;
  return TENON_OK;
}

tenon_status tenon_call_describe(const tenon_model *model, uint32_t function, uint32_t call, tenon_call_info *info) {
  if (!model || !info || function >= model->plan->n_functions || call >= model->plan->functions[function].n_calls)
    return noSuch("tenon_call_describe", call);
  const tenon_function &f = model->plan->functions[function];
  const tenon_grid &c = f.calls[call];
  const tenon_kernel &k = model->plan->kernels[c.kernel];
  *info = {k.name, orEmpty(k.source), orEmpty(c.locations && *c.locations ? c.locations : k.locations), c.kernel, 0, orSymbolic(c.blocks), c.work};
  for (uint32_t i = 0; i < f.n_commands; ++i) {
    const tenon_command &command = f.commands[i];
    if (command.kind != TENON_COMMAND_LAUNCH)
      continue;
    if (call >= command.first && call - command.first < command.count)
      return TENON_OK;
    ++info->launch;
  }
  return TENON_OK;
}
