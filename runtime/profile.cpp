// What a profiled context measured: a row for each call of a launch, and one for each other command.
#include "runtime/context.h"
#include "runtime/cuda/context.h"
#include "runtime/error.h"

using namespace tenon::rt;

static const char *orEmpty(const char *text) { return text ? text : ""; }

static void fillRow(const tenon_plan &plan, uint32_t function, const tenon_command &c, const tenon_grid *call, Timing timing, tenon_profile *profile) {
  static const char *const names[] = {"launch", "copy", "fill", "check", "loop", "branch"};
  *profile = {function, names[c.kind], orEmpty(c.message), orEmpty(c.locations), timing.count, timing.nanoseconds};
  if (!call)
    return;
  const tenon_kernel &k = plan.kernels[call->kernel];
  profile->name = k.name, profile->source = orEmpty(k.source);
  profile->locations = orEmpty(call->locations && *call->locations ? call->locations : k.locations);
}

static size_t rowsOf(const tenon_context &context, uint32_t function) {
  return context.gpu ? context.gpu->functions[function].timings.size() : context.functions[function].steps.size();
}

static void fillRow(const tenon_context &context, uint32_t function, size_t row, tenon_profile *profile) {
  if (context.gpu) {
    const cuda::Prepared &p = context.gpu->functions[function];
    uint32_t i = p.function->n_commands - 1;
    while (p.rows[i] > row || (p.function->commands[i].kind == TENON_COMMAND_LAUNCH && !p.function->commands[i].count))
      --i;
    const tenon_command &c = p.function->commands[i];
    const tenon_grid *call = c.kind == TENON_COMMAND_LAUNCH ? &p.function->calls[c.first + (row - p.rows[i])] : nullptr;
    return fillRow(context.gpu->plan(), function, c, call, p.timings[row], profile);
  }
  const Prepared &p = context.functions[function];
  const Step &s = p.steps[row];
  if (!s.command) // symbolic, never bound
    return void(*profile = {function, "", "", "", 0, 0});
  fillRow(*context.model->plan, function, *s.command, s.call, p.timings[row], profile);
}

size_t tenon_profile_count(const tenon_context *context) {
  size_t rows = 0;
  for (uint32_t i = 0; context && context->profile && i < context->model->plan->n_functions; ++i)
    rows += rowsOf(*context, i);
  return rows;
}

tenon_status tenon_profile_get(const tenon_context *context, size_t row, tenon_profile *profile) {
  size_t wanted = row;
  for (uint32_t i = 0; context && profile && context->profile && i < context->model->plan->n_functions; ++i) {
    if (row < rowsOf(*context, i))
      return fillRow(*context, i, row, profile), TENON_OK;
    row -= rowsOf(*context, i);
  }
  return fail(TENON_ERROR_ARGUMENT, "tenon_profile_get: there is no row %zu, or the context was made without profile", wanted);
}

tenon_status tenon_profile_function(const tenon_context *context, uint32_t function, uint64_t *count, uint64_t *nanoseconds) {
  if (!context || !count || !nanoseconds || function >= context->model->plan->n_functions)
    return fail(TENON_ERROR_ARGUMENT, "tenon_profile_function: there is no function %u, or an argument is NULL", function);
  const Timing &whole = context->gpu ? context->gpu->functions[function].whole : context->functions[function].whole;
  *count = whole.count, *nanoseconds = whole.nanoseconds;
  return TENON_OK;
}
