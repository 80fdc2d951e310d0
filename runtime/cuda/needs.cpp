// What an artifact takes of a GPU's memory, told where there is too little.
#include "runtime/cuda/context.h"

namespace tenon::rt::cuda {

static uint64_t roomFor(const tenon_tensor *tensors, uint32_t count) {
  uint64_t total = 0;
  for (uint32_t i = 0; i < count; ++i) {
    uint64_t bytes = 0;
    countBytes(tensors[i], nullptr, bytes);
    total += rounded(bytes);
  }
  return total;
}

[[gnu::cold]] tenon_status withNeeds(const tenon_model &model, tenon_status status) {
  if (status != TENON_ERROR_MEMORY)
    return status;
  const tenon_plan &plan = *model.cuda->plan;
  uint64_t state = 0, constants = 0, inputs = 0, outputs = 0, arena = 0;
  bool symbolic = false;
  for (uint32_t i = 0; i < plan.n_state; ++i)
    state += model.cudaLayouts[i].storage == i ? roomInState(model.cudaLayouts[i].stored) : 0;
  for (uint32_t i = 0; i < plan.n_constants; ++i)
    constants += rounded(plan.constants[i].bytes);
  auto enlarge = [](uint64_t &most, uint64_t bytes) { most = bytes > most ? bytes : most; };
  for (uint32_t i = 0; i < plan.n_functions; ++i) {
    const tenon_function &f = plan.functions[i];
    symbolic |= isSymbolic(f);
    if (isSymbolic(f))
      continue;
    enlarge(inputs, roomFor(f.inputs, f.n_inputs));
    enlarge(outputs, statusBytes + roomFor(f.outputs, f.n_outputs));
    enlarge(arena, rounded(uint64_t(f.arena)));
  }
  uint64_t step = inputs + outputs + arena;
  auto n = [](uint64_t bytes) { return (unsigned long long)bytes; };
  return fail(status, "%s; in sum the artifact needs %llu: state %llu, constants %llu, inputs, outputs and scratch memory %llu%s", tenon_last_error(), n(rounded(state) + constants + step),
              n(rounded(state)), n(constants), n(step), symbolic ? " (more where sizes are symbolic)" : "");
}

} // namespace tenon::rt::cuda
