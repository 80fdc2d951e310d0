// The plan for GPUs beside the artifact's own: over the same state, with functions of the same names, inputs and outputs.
#include "runtime/image.h"
#include "runtime/model.h"
#include "runtime/type.h"
#include <string.h>

namespace tenon::rt {

namespace {
struct Agreement {
  const char *path;
  const tenon_plan &a, &b;

  // Equal numbers, or expressions of one form over symbols of one name.
  bool sameSize(tenon_size x, tenon_size y, int depth = 0) const {
    if (x >= 0 || y >= 0 || depth > 32)
      return x == y;
    const tenon_expr &e = a.expressions[-1 - x], &f = b.expressions[-1 - y];
    if (e.op != f.op)
      return false;
    if (e.op == TENON_EXPR_SYMBOL)
      return !strcmp(a.symbols[e.a], b.symbols[f.a]);
    return sameSize(e.a, f.a, depth + 1) && sameSize(e.b, f.b, depth + 1);
  }
  bool sameTensor(const tenon_tensor &x, const tenon_tensor &y) const {
    bool same = !strcmp(x.name, y.name) && typeOf(x.dtype) == typeOf(y.dtype) && x.rank == y.rank;
    for (uint32_t d = 0; same && d < x.rank; ++d)
      same = sameSize(x.shape[d], y.shape[d]);
    return same;
  }
  bool sameTensors(const tenon_tensor *x, const tenon_tensor *y, uint32_t count, uint32_t others) const {
    bool same = count == others;
    for (uint32_t i = 0; same && i < count; ++i)
      same = sameTensor(x[i], y[i]);
    return same;
  }

  tenon_status check() const {
    auto differs = [&](const char *what, const char *name) {
      return fail(TENON_ERROR_FORMAT, "%s: its plan for GPUs is damaged: %s %s differs from that of the plan for CPUs", path, what, name);
    };
    if (a.n_state != b.n_state || a.n_functions != b.n_functions)
      return differs("the number of", a.n_state != b.n_state ? "state entries" : "functions");
    for (uint32_t i = 0; i < a.n_state; ++i)
      if (!sameTensor(a.state[i].tensor, b.state[i].tensor) || a.state[i].alias != b.state[i].alias)
        return differs("state", a.state[i].tensor.name);
    for (uint32_t i = 0; i < a.n_functions; ++i) {
      const tenon_function &f = a.functions[i], &g = b.functions[i];
      if (strcmp(f.name, g.name) || !sameTensors(f.inputs, g.inputs, f.n_inputs, g.n_inputs) || !sameTensors(f.outputs, g.outputs, f.n_outputs, g.n_outputs))
        return differs("function", f.name);
    }
    return TENON_OK;
  }
};
} // namespace

tenon_status validateCuda(const char *path, const tenon_plan &plan, const tenon_cuda *cuda) {
  Image image(cuda);
  if (!image.holds(cuda, 1, sizeof *cuda, alignof(tenon_cuda)) || 
      (cuda->n_images && !image.holds(cuda->images, cuda->n_images, sizeof(tenon_image), alignof(tenon_image))) || !image.holds(cuda->plan, 1, sizeof(tenon_plan), alignof(tenon_plan)))
    return fail(TENON_ERROR_FORMAT, "%s: its code for GPUs is damaged: a table lies outside of the file", path);
  for (uint32_t i = 0; i < cuda->n_images; ++i) {
    const tenon_image &m = cuda->images[i];
    if (m.kind > TENON_IMAGE_CUBIN || m.arch % 1000 < 10 || m.arch >= 2000 || !m.bytes || !image.holds(m.data, 1, m.bytes))
      return fail(TENON_ERROR_FORMAT, "%s: its code for GPUs is damaged: image %u of kind %u for %u lies outside of the file", path, i, m.kind, m.arch);
    if (m.kind == TENON_IMAGE_PTX && static_cast<const char *>(m.data)[m.bytes - 1]) // the driver reads up to it
      return fail(TENON_ERROR_FORMAT, "%s: its code for GPUs is damaged: the text of image %u does not end with a zero", path, i);
  }
  TENON_TRY(validate(path, cuda->plan, Target::cuda));
  return Agreement{path, plan, *cuda->plan}.check();
}

} // namespace tenon::rt
