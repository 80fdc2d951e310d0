// Opens and closes models.
#include "runtime/model.h"
#include "runtime/cuda/device.h"

using namespace tenon::rt;

tenon_status tenon_model_load(const char *path, tenon_model **model) {
  if (!path || !model)
    return fail(TENON_ERROR_ARGUMENT, "tenon_model_load: path or model is NULL");
  *model = nullptr;
  tenon_model *made = create<tenon_model>();
  if (!made)
    return outOfMemory();
  tenon_status status = [&] {
    TENON_TRY(made->artifact.open(path));
    TENON_TRY(validate(path, made->artifact.plan, made->artifact.cuda ? Target::either : Target::cpu));
    made->plan = made->artifact.plan;
    TENON_TRY(layOutState(path, *made->plan, made->layouts));
    TENON_TRY(sortState(path, *made));
    for (uint32_t i = 0; i < made->plan->n_functions; ++i)
      TENON_TRY(validateSizes(*made->plan, made->layouts, made->plan->functions[i], nullptr));
    if (const tenon_cuda *cuda = made->artifact.cuda) {
      TENON_TRY(validateCuda(path, *made->plan, cuda));
      made->cuda = cuda;
      TENON_TRY(layOutState(path, *cuda->plan, made->cudaLayouts));
      for (uint32_t i = 0; i < cuda->plan->n_functions; ++i)
        TENON_TRY(validateSizes(*cuda->plan, made->cudaLayouts, cuda->plan->functions[i], nullptr));
    }
    return describe(*made);
  }();
  if (status != TENON_OK)
    return destroy(made), status;
  *model = made;
  return TENON_OK;
}

void tenon_model_free(tenon_model *model) {
  if (model && __atomic_sub_fetch(&model->references, 1, __ATOMIC_ACQ_REL) == 0)
    destroy(model);
}

tenon_model::~tenon_model() {
  cuda::unload(*this);
  for (char *text : texts)
    free(text);
}
