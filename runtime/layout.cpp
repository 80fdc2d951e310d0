// Where each state entry's bytes go: its size, its panels, and the entry that owns them.
#include "runtime/model.h"
#include "runtime/type.h"
#include <string.h>

namespace tenon::rt {

static bool sameShape(const tenon_tensor &a, const tenon_tensor &b) {
  return a.rank == b.rank && !memcmp(a.shape, b.shape, a.rank * sizeof *a.shape);
}

static tenon_status layOut(const char *path, const tenon_plan &plan, uint32_t i, tenon_entry_layout &l) {
  const tenon_state_entry &e = plan.state[i];
  l.storage = e.alias < 0 ? i : e.alias;
  const tenon_state_entry &owner = plan.state[l.storage];
  l.type = typeOf(e.tensor.dtype);
  if (!countElements(e.tensor, nullptr, l.elements))
    return fail(TENON_ERROR_FORMAT, "%s: state %s is too large", path, e.tensor.name);
  uint64_t width = tenon_type_bytes(l.type), owned = 0;
  l.bytes = l.stored = l.elements * width;
  l.panel = owner.panel;
  bool same = l.type == typeOf(owner.tensor.dtype) && countElements(owner.tensor, nullptr, owned) && owned == l.elements;
  if (!same || (l.panel && !sameShape(e.tensor, owner.tensor)))
    return fail(TENON_ERROR_FORMAT, "%s: state %s is an alias of %s, which has another type or shape", path, e.tensor.name, owner.tensor.name);
  if (!l.panel)
    return TENON_OK;
  l.rows = e.tensor.shape[0];
  l.columns = l.rows ? l.elements / l.rows : 0;
  uint64_t padded = (l.rows + l.panel - 1) / l.panel * l.panel;
  if (__builtin_mul_overflow(padded, l.columns * width, &l.stored))
    return fail(TENON_ERROR_FORMAT, "%s: state %s is too large", path, e.tensor.name);
  return TENON_OK;
}

tenon_status layOutState(const char *path, const tenon_plan &plan, Array<tenon_entry_layout> &layouts) {
  if (!layouts.allocate(plan.n_state))
    return outOfMemory();
  for (uint32_t i = 0; i < plan.n_state; ++i)
    TENON_TRY(layOut(path, plan, i, layouts[i]));
  return TENON_OK;
}

tenon_status sortState(const char *path, tenon_model &model) {
  const tenon_plan &plan = *model.plan;
  if (!model.byName.allocate(plan.n_state))
    return outOfMemory();
  for (uint32_t i = 0; i < plan.n_state; ++i)
    model.byName[i] = i;
  auto name = [&](uint32_t i) { return plan.state[i].tensor.name; };
  qsort_r(
      model.byName.data(), plan.n_state, sizeof(uint32_t),
      [](const void *a, const void *b, void *state) {
        auto *entries = static_cast<const tenon_state_entry *>(state);
        return strcmp(entries[*static_cast<const uint32_t *>(a)].tensor.name, entries[*static_cast<const uint32_t *>(b)].tensor.name);
      },
      const_cast<tenon_state_entry *>(plan.state));
  for (uint32_t i = 1; i < plan.n_state; ++i)
    if (!strcmp(name(model.byName[i - 1]), name(model.byName[i])))
      return fail(TENON_ERROR_FORMAT, "%s: two state entries are called %s", path, name(model.byName[i]));
  return TENON_OK;
}

} // namespace tenon::rt
