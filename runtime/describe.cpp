// A model in words: the text of every tensor and function, made once when it is opened.
#include "runtime/model.h"
#include "runtime/text.h"
#include "runtime/type.h"

namespace tenon::rt {

// A symbol by its name, a larger expression with its operators.
static void describeSize(const tenon_plan &plan, tenon_size size, Text &text, int depth = 0) {
  if (size >= 0)
    return text.add("%lld", (long long)size);
  const tenon_expr &e = plan.expressions[-1 - size];
  if (e.op == TENON_EXPR_SYMBOL)
    return text.add("%s", plan.symbols[e.a]);
  if (depth > 4)
    return text.add("...");
  static const char *const operators[] = {"", "+", "-", "*", " ceildiv ", " floordiv ", " min ", " max "};
  text.add("(");
  describeSize(plan, e.a, text, depth + 1);
  text.add("%s", operators[e.op]);
  describeSize(plan, e.b, text, depth + 1);
  text.add(")");
}

void describeTensor(const tenon_plan &plan, const tenon_tensor &tensor, Text &text) {
  text.add("%s[", tenon_type_name(typeOf(tensor.dtype)));
  for (uint32_t d = 0; d < tensor.rank; ++d) {
    text.add(d ? "," : "");
    describeSize(plan, tensor.shape[d], text);
  }
  text.add("]");
}

static void describeTensors(const tenon_plan &plan, const tenon_tensor *tensors, uint32_t count, Text &text) {
  text.add("(");
  for (uint32_t i = 0; i < count; ++i) {
    text.add("%s%s ", i ? ", " : "", tensors[i].name);
    describeTensor(plan, tensors[i], text);
  }
  text.add(")");
}

tenon_status describe(tenon_model &model) {
  const tenon_plan &plan = *model.plan;
  size_t count = plan.n_state + plan.n_functions;
  for (uint32_t i = 0; i < plan.n_functions; ++i)
    count += plan.functions[i].n_inputs + plan.functions[i].n_outputs;
  if (!model.texts.allocate(count) || !model.tensorText.allocate(plan.n_functions))
    return outOfMemory();
  size_t next = 0;
  auto keep = [&](Text &text) { return (model.texts[next++] = text.release()) != nullptr; };
  auto keepTensor = [&](const tenon_tensor &t) {
    Text text;
    describeTensor(plan, t, text);
    return keep(text);
  };
  bool kept = true;
  for (uint32_t i = 0; i < plan.n_state; ++i)
    kept &= keepTensor(plan.state[i].tensor);
  for (uint32_t i = 0; i < plan.n_functions; ++i) {
    const tenon_function &f = plan.functions[i];
    model.tensorText[i] = next;
    for (uint32_t k = 0; k < f.n_inputs; ++k)
      kept &= keepTensor(f.inputs[k]);
    for (uint32_t k = 0; k < f.n_outputs; ++k)
      kept &= keepTensor(f.outputs[k]);
  }
  for (uint32_t i = 0; i < plan.n_functions; ++i) {
    const tenon_function &f = plan.functions[i];
    Text text;
    text.add("%s", f.name);
    describeTensors(plan, f.inputs, f.n_inputs, text);
    text.add(" -> ");
    describeTensors(plan, f.outputs, f.n_outputs, text);
    kept &= keep(text);
  }
  return kept ? TENON_OK : outOfMemory();
}

} // namespace tenon::rt
