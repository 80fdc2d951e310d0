// What a profiled context measured.
#include "runtime/context.h"
#include "runtime/error.h"

using namespace tenon::rt;

size_t tenon_profile_count(const tenon_context *context) {
  size_t rows = 0;
  for (uint32_t i = 0; context && context->profile && i < context->model->plan->n_functions; ++i)
    rows += context->functions[i].steps.size();
  return rows;
}

tenon_status tenon_profile_get(const tenon_context *context, size_t row, tenon_profile *profile) {
  size_t wanted = row;
  for (uint32_t i = 0; context && profile && context->profile && i < context->model->plan->n_functions; ++i) {
    const Prepared &p = context->functions[i];
    if (row >= p.steps.size()) {
      row -= p.steps.size();
      continue;
    }
    const Step &s = p.steps[row];
    if (!s.command) { // symbolic, never bound
      *profile = {i, "", "", "", 0, 0};
      return TENON_OK;
    }
    static const char *const names[] = {"launch", "copy", "fill", "check", "loop", "branch"};
    auto orEmpty = [](const char *text) { return text ? text : ""; };
    *profile = {i, names[s.kind], orEmpty(s.command->message), orEmpty(s.command->locations), p.timings[row].count, p.timings[row].nanoseconds};
    if (s.call) {
      const tenon_kernel &k = context->model->plan->kernels[s.call->kernel];
      profile->name = k.name, profile->source = orEmpty(k.source);
      profile->locations = orEmpty(s.call->locations && *s.call->locations ? s.call->locations : k.locations);
    }
    return TENON_OK;
  }
  return fail(TENON_ERROR_ARGUMENT, "tenon_profile_get: there is no row %zu, or the context was made without profile", wanted);
}

tenon_status tenon_profile_function(const tenon_context *context, uint32_t function, uint64_t *count, uint64_t *nanoseconds) {
  if (!context || !count || !nanoseconds || function >= context->model->plan->n_functions)
    return fail(TENON_ERROR_ARGUMENT, "tenon_profile_function: there is no function %u, or an argument is NULL", function);
  *count = context->functions[function].whole.count;
  *nanoseconds = context->functions[function].whole.nanoseconds;
  return TENON_OK;
}
