// Makes states, reads and writes their entries.
#include "runtime/state.h"
#include "runtime/cuda/state.h"
#include <string.h>

using namespace tenon::rt;

static uint64_t nextVersion() {
  static uint64_t counter;
  return __atomic_add_fetch(&counter, 1, __ATOMIC_RELAXED);
}

// Entries one after the other, each on its own cache lines.
static tenon_status allocate(tenon_state &state) {
  const Array<tenon_entry_layout> &layouts = state.layouts();
  uint32_t count = layouts.size();
  if (!state.own.allocate(count) || !state.data.allocate(count))
    return outOfMemory();
  uint64_t total = 0;
  auto place = [&](uint64_t bytes) {
    uint64_t offset = total;
    bool overflow = bytes > SIZE_MAX / 2 || __builtin_add_overflow(total, roomInState(bytes), &total);
    return overflow ? UINT64_MAX : offset;
  };
  Array<uint64_t> offsets;
  if (!offsets.allocate(count))
    return outOfMemory();
  for (uint32_t i = 0; i < count; ++i)
    if (layouts[i].storage == i && (offsets[i] = place(layouts[i].stored)) == UINT64_MAX)
      return outOfMemory();
  if (state.gpu)
    TENON_TRY(cuda::allocateState(*state.model, *state.gpu, total, state.block));
  else if (!(state.block = static_cast<char *>(allocateAligned(total))))
    return fail(TENON_ERROR_MEMORY, "out of memory: the state needs %llu bytes", (unsigned long long)total);
  for (uint32_t i = 0; i < count; ++i)
    state.own[i] = state.data[i] = state.block + offsets[i];
  return TENON_OK;
}

tenon_status tenon_state_create(tenon_model *model, tenon_state **state) { return tenon_state_create_on(model, 0, state); }

tenon_status tenon_state_create_on(tenon_model *model, uint32_t device, tenon_state **state) {
  if (!model || !state)
    return fail(TENON_ERROR_ARGUMENT, "tenon_state_create: model or state is NULL");
  *state = nullptr;
  tenon_state *made = create<tenon_state>();
  if (!made)
    return outOfMemory();
  model->retain();
  made->model = model;
  made->version = nextVersion();
  tenon_status status = [&] {
    if (device)
      TENON_TRY(cuda::openState(*model, device - 1, made->gpu));
    TENON_TRY(allocate(*made));
    const tenon_plan &plan = device ? *model->cuda->plan : *model->plan;
    for (uint32_t i = 0; i < plan.n_state; ++i)
      if (plan.state[i].initial && made->layouts()[i].storage == i)
        TENON_TRY(writeEntry(*made, i, plan.state[i].initial));
    return TENON_OK;
  }();
  if (status != TENON_OK)
    return destroy(made), status;
  *state = made;
  return TENON_OK;
}

tenon_status tenon::rt::writeEntry(tenon_state &state, uint32_t entry, const void *tensor) {
  if (state.gpu)
    return cuda::writeEntry(state, entry, tensor);
  return copyIn(state.layouts()[entry], state.at(entry), tensor), TENON_OK;
}
tenon_status tenon::rt::readEntry(const tenon_state &state, uint32_t entry, void *tensor) {
  if (state.gpu)
    return cuda::readEntry(state, entry, tensor);
  return copyOut(state.layouts()[entry], state.at(entry), tensor), TENON_OK;
}

tenon_state::~tenon_state() {
  if (gpu)
    cuda::closeState(gpu);
  else
    freeAligned(block);
  tenon_model_free(model);
}

void tenon_state_free(tenon_state *state) { destroy(state); }

tenon_status tenon_state_find(const tenon_model *model, const char *name, uint32_t *entry) {
  if (!model || !name || !entry)
    return fail(TENON_ERROR_ARGUMENT, "tenon_state_find: model, name or entry is NULL");
  uint32_t low = 0, high = model->plan->n_state;
  while (low < high) {
    uint32_t middle = (low + high) / 2, i = model->byName[middle];
    int order = strcmp(name, model->plan->state[i].tensor.name);
    if (order == 0)
      return *entry = i, TENON_OK;
    (order < 0 ? high : low) = order < 0 ? middle : middle + 1;
  }
  // Its neighbour in the alphabet is often what was meant.
  uint32_t near = low < model->plan->n_state ? low : low - 1;
  if (model->plan->n_state == 0)
    return fail(TENON_ERROR_ARGUMENT, "there is no state called %s: the model has no state", name);
  return fail(TENON_ERROR_ARGUMENT, "there is no state called %s among %u; the nearest is %s", name, model->plan->n_state,
              model->plan->state[model->byName[near]].tensor.name);
}

static tenon_status access(const char *call, const tenon_state *state, const char *name, const void *data, size_t bytes, uint32_t &entry) {
  if (!state || !name)
    return fail(TENON_ERROR_ARGUMENT, "%s: state or name is NULL", call);
  TENON_TRY(tenon_state_find(state->model, name, &entry));
  uint64_t expected = state->model->layouts[entry].bytes;
  if (bytes != expected)
    return fail(TENON_ERROR_ARGUMENT, "%s: %s is %s of %llu bytes, got %zu bytes", call, name, state->model->texts[entry],
                (unsigned long long)expected, bytes);
  if (!data && bytes)
    return fail(TENON_ERROR_ARGUMENT, "%s: data for %s is NULL", call, name);
  return TENON_OK;
}

tenon_status tenon_state_get(const tenon_state *state, const char *name, void *data, size_t bytes) {
  uint32_t entry;
  TENON_TRY(access("tenon_state_get", state, name, data, bytes, entry));
  return readEntry(*state, entry, data);
}

tenon_status tenon_state_set(tenon_state *state, const char *name, const void *data, size_t bytes) {
  uint32_t entry;
  TENON_TRY(access("tenon_state_set", state, name, data, bytes, entry));
  return writeEntry(*state, entry, data);
}

tenon_status tenon_state_bind(tenon_state *state, uint32_t entry, void *data) {
  if (!state || entry >= state->model->plan->n_state)
    return fail(TENON_ERROR_ARGUMENT, "tenon_state_bind: state is NULL or has no entry %u", entry);
  const char *name = state->model->plan->state[entry].tensor.name;
  const tenon_entry_layout &layout = state->layouts()[entry];
  uint32_t storage = layout.storage;
  if (data && layout.panel)
    return fail(TENON_ERROR_ARGUMENT, "tenon_state_bind: %s is stored in panels of %d rows; use tenon_state_set", name, layout.panel);
  if (reinterpret_cast<uintptr_t>(data) % 64)
    return fail(TENON_ERROR_ARGUMENT, "tenon_state_bind: memory for %s is not aligned to 64 bytes", name);
  if (data && state->gpu)
    TENON_TRY(cuda::checkBinding(*state->gpu, name, data, layout.bytes));
  char *place = data ? static_cast<char *>(data) : state->own[storage];
  if (state->data[storage] == place)
    return TENON_OK;
  state->data[storage] = place;
  state->version = nextVersion();
  return TENON_OK;
}

void *tenon_state_data(tenon_state *state, uint32_t entry) {
  if (!state || entry >= state->model->plan->n_state || state->layouts()[entry].panel)
    return nullptr;
  return state->at(entry);
}
