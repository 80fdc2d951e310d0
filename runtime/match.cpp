// Which variant of a function takes these inputs, and what to say when none does.
#include "runtime/context.h"
#include "runtime/error.h"
#include "runtime/text.h"
#include "runtime/type.h"
#include <string.h>

namespace tenon::rt {

static bool matches(const tenon_plan &plan, const tenon_function &f, const tenon_array *inputs, size_t count, Sizes &sizes) {
  if (count != f.n_inputs)
    return false;
  for (int64_t &s : sizes.symbols)
    s = unbound;
  bool later = false; // sizes that can be compared only once all symbols are known
  for (uint32_t i = 0; i < count; ++i) {
    const tenon_tensor &t = f.inputs[i];
    if (inputs[i].type != typeOf(t.dtype) || inputs[i].rank != t.rank)
      return false;
    for (uint32_t d = 0; d < t.rank; ++d) {
      int64_t size = inputs[i].shape[d], symbol = symbolOf(plan, t.shape[d]);
      if (size < 0 || (t.shape[d] >= 0 && t.shape[d] != size))
        return false;
      later |= t.shape[d] < 0;
      if (symbol < 0)
        continue;
      if (sizes.symbols[symbol] != unbound && sizes.symbols[symbol] != size)
        return false;
      sizes.symbols[symbol] = size;
    }
  }
  sizes.evaluate(plan);
  int64_t size;
  for (uint32_t i = 0; later && i < count; ++i)
    for (uint32_t d = 0; d < f.inputs[i].rank; ++d)
      if (!evaluate(f.inputs[i].shape[d], &sizes, size) || size != inputs[i].shape[d])
        return false;
  return true;
}

static void describeArray(const tenon_array &a, Text &text) {
  text.add("%s[", tenon_type_name(a.type));
  for (uint32_t d = 0; d < a.rank; ++d)
    text.add("%s%lld", d ? "," : "", (long long)a.shape[d]);
  text.add("]");
}

static void describeVariants(const tenon_plan &plan, const char *name, Text &text) {
  uint32_t listed = 0, more = 0;
  for (uint32_t i = 0; i < plan.n_functions; ++i) {
    const tenon_function &f = plan.functions[i];
    if (strcmp(f.name, name))
      continue;
    if (listed >= 12 && ++more)
      continue;
    text.add("%s(", listed++ ? ", " : "");
    for (uint32_t k = 0; k < f.n_inputs; ++k) {
      text.add("%s%s ", k ? ", " : "", f.inputs[k].name);
      describeTensor(plan, f.inputs[k], text);
    }
    text.add(")");
  }
  if (more)
    text.add(" and %u more", more);
}

static tenon_status noMatch(const tenon_plan &plan, const char *name, const tenon_array *inputs, size_t count) {
  Text came, variants;
  for (size_t i = 0; i < count; ++i) {
    came.add(i ? ", " : "");
    describeArray(inputs[i], came);
  }
  describeVariants(plan, name, variants);
  return fail(TENON_ERROR_ARGUMENT, "%s: got (%s), the artifact has %s", name, came.c_str(), variants.c_str());
}

// Numbers that are no shape at all must not be read further.
static tenon_status checkArrays(const char *name, const tenon_array *inputs, size_t count) {
  if (count && !inputs)
    return fail(TENON_ERROR_ARGUMENT, "%s: the inputs are NULL", name);
  for (size_t i = 0; i < count; ++i)
    if (inputs[i].rank > TENON_MAX_RANK || (inputs[i].rank && !inputs[i].shape))
      return fail(TENON_ERROR_ARGUMENT, "%s: input %zu has rank %u, at most %d is possible, or its shape is NULL", name, i, inputs[i].rank, TENON_MAX_RANK);
  return TENON_OK;
}

tenon_status matchFunction(const tenon_plan &plan, uint32_t function, const tenon_array *inputs, size_t count, Sizes &sizes) {
  const tenon_function &f = plan.functions[function];
  TENON_TRY(checkArrays(f.name, inputs, count));
  return matches(plan, f, inputs, count, sizes) ? TENON_OK : noMatch(plan, f.name, inputs, count);
}

tenon_status bindSizes(tenon_context &context, uint32_t function, const tenon_array *inputs, size_t count) {
  Prepared &p = context.functions[function];
  const tenon_plan &plan = *context.model->plan;
  if (!p.symbolic)
    return matchFunction(plan, function, inputs, count, p.sizes);
  Sizes sizes;
  if (!sizes.allocate(plan))
    return outOfMemory();
  TENON_TRY(matchFunction(plan, function, inputs, count, sizes));
  size_t bytes = plan.n_symbols * sizeof(int64_t);
  if (p.ready && !memcmp(p.sizes.symbols.data(), sizes.symbols.data(), bytes))
    return TENON_OK;
  memcpy(p.sizes.symbols.data(), sizes.symbols.data(), bytes);
  p.sizes.evaluate(plan);
  return prepare(context, p);
}

} // namespace tenon::rt

using namespace tenon::rt;

tenon_status tenon_function_find(const tenon_model *model, const char *name, uint32_t *function) {
  if (!model || !name || !function)
    return fail(TENON_ERROR_ARGUMENT, "tenon_function_find: model, name or function is NULL");
  const tenon_plan &plan = *model->plan;
  for (uint32_t i = 0; i < plan.n_functions; ++i)
    if (!strcmp(plan.functions[i].name, name))
      return *function = i, TENON_OK;
  Text names;
  for (uint32_t i = 0; i < plan.n_functions; ++i) {
    bool first = true;
    for (uint32_t k = 0; k < i && first; ++k)
      first = strcmp(plan.functions[i].name, plan.functions[k].name);
    if (first)
      names.add("%s%s", names.size() ? ", " : "", plan.functions[i].name);
  }
  return fail(TENON_ERROR_ARGUMENT, "there is no function called %s; the artifact has %s", name, plan.n_functions ? names.c_str() : "none");
}

tenon_status tenon_function_match(const tenon_model *model, const char *name, const tenon_array *inputs, size_t count, uint32_t *function) {
  uint32_t first;
  TENON_TRY(tenon_function_find(model, name, &first));
  if (!function)
    return fail(TENON_ERROR_ARGUMENT, "tenon_function_match: function is NULL");
  TENON_TRY(checkArrays(name, inputs, count));
  const tenon_plan &plan = *model->plan;
  Sizes sizes;
  if (!sizes.allocate(plan))
    return outOfMemory();
  for (uint32_t i = first; i < plan.n_functions; ++i)
    if (!strcmp(plan.functions[i].name, name) && matches(plan, plan.functions[i], inputs, count, sizes))
      return *function = i, TENON_OK;
  return noMatch(plan, name, inputs, count);
}
