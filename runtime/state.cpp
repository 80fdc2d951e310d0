// Makes states, reads and writes their entries.
#include "runtime/state.h"
#include <string.h>

using namespace tenon::rt;

static uint64_t nextVersion() {
  static uint64_t counter;
  return __atomic_add_fetch(&counter, 1, __ATOMIC_RELAXED);
}

// Entries one after the other, each on its own cache lines.
static tenon_status allocate(tenon_state &state) {
  const tenon_model &model = *state.model;
  uint32_t count = model.plan->n_state;
  if (!state.own.allocate(count) || !state.data.allocate(count))
    return outOfMemory();
  uint64_t total = 0;
  auto place = [&](uint64_t bytes) {
    uint64_t offset = total;
    bool overflow = bytes > SIZE_MAX / 2 || __builtin_add_overflow(total, (bytes + 127) / 64 * 64, &total);
    return overflow ? UINT64_MAX : offset;
  };
  Array<uint64_t> offsets;
  if (!offsets.allocate(count))
    return outOfMemory();
  for (uint32_t i = 0; i < count; ++i)
    if (model.layouts[i].storage == i && (offsets[i] = place(model.layouts[i].stored)) == UINT64_MAX)
      return outOfMemory();
  if (!(state.block = static_cast<char *>(allocateAligned(total))))
    return fail(TENON_ERROR_MEMORY, "out of memory: the state needs %llu bytes", (unsigned long long)total);
  for (uint32_t i = 0; i < count; ++i)
    state.own[i] = state.data[i] = state.block + offsets[i];
  return TENON_OK;
}

tenon_status tenon_state_create(tenon_model *model, tenon_state **state) {
  if (!model || !state)
    return fail(TENON_ERROR_ARGUMENT, "tenon_state_create: model or state is NULL");
  *state = nullptr;
  tenon_state *made = create<tenon_state>();
  if (!made)
    return outOfMemory();
  model->retain();
  made->model = model;
  made->version = nextVersion();
  if (tenon_status status = allocate(*made))
    return destroy(made), status;
  for (uint32_t i = 0; i < model->plan->n_state; ++i)
    if (model->plan->state[i].initial && model->layouts[i].storage == i)
      copyIn(model->layouts[i], made->data[i], model->plan->state[i].initial);
  *state = made;
  return TENON_OK;
}

tenon_state::~tenon_state() {
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
  copyOut(state->model->layouts[entry], state->at(entry), data);
  return TENON_OK;
}

tenon_status tenon_state_set(tenon_state *state, const char *name, const void *data, size_t bytes) {
  uint32_t entry;
  TENON_TRY(access("tenon_state_set", state, name, data, bytes, entry));
  copyIn(state->model->layouts[entry], state->at(entry), data);
  return TENON_OK;
}

tenon_status tenon_state_bind(tenon_state *state, uint32_t entry, void *data) {
  if (!state || entry >= state->model->plan->n_state)
    return fail(TENON_ERROR_ARGUMENT, "tenon_state_bind: state is NULL or has no entry %u", entry);
  const char *name = state->model->plan->state[entry].tensor.name;
  uint32_t storage = state->model->layouts[entry].storage;
  if (data && state->model->layouts[entry].panel)
    return fail(TENON_ERROR_ARGUMENT, "tenon_state_bind: %s is stored in panels of %d rows; use tenon_state_set", name, state->model->layouts[entry].panel);
  if (reinterpret_cast<uintptr_t>(data) % 64)
    return fail(TENON_ERROR_ARGUMENT, "tenon_state_bind: memory for %s is not aligned to 64 bytes", name);
  char *place = data ? static_cast<char *>(data) : state->own[storage];
  if (state->data[storage] == place)
    return TENON_OK;
  state->data[storage] = place;
  state->version = nextVersion();
  return TENON_OK;
}

void *tenon_state_data(tenon_state *state, uint32_t entry) {
  if (!state || entry >= state->model->plan->n_state || state->model->layouts[entry].panel)
    return nullptr;
  return state->at(entry);
}
