// A state as a safetensors file.
#include "runtime/safetensors.h"
#include "runtime/state.h"
#include "runtime/text.h"
#include "runtime/type.h"
#include <string.h>

using namespace tenon::rt;

static bool copied(const tenon_state &state, uint32_t entry) { return state.gpu || state.layouts()[entry].panel; }

tenon_status tenon_state_save(const tenon_state *state, const char *path) {
  if (!state || !path)
    return fail(TENON_ERROR_ARGUMENT, "tenon_state_save: state or path is NULL");
  const tenon_model &model = *state->model;
  uint32_t entries = model.plan->n_state, count = 0, pairs = 0;
  uint64_t converted = 0;
  for (uint32_t i = 0; i < entries; ++i)
    converted += model.layouts[i].storage == i && copied(*state, i) ? model.layouts[i].bytes : 0;
  Array<tenon_named_array> arrays;
  Array<char> rowMajor; // of what is stored in panels, or not here
  Array<const char *> aliases;
  if (!arrays.allocate(entries) || !rowMajor.allocate(converted) || !aliases.allocate(2 * size_t(entries) + 1))
    return outOfMemory();
  char *next = rowMajor.data();
  for (uint32_t i = 0; i < entries; ++i) {
    const tenon_entry_layout &l = model.layouts[i];
    const tenon_tensor &t = model.plan->state[i].tensor;
    if (l.storage != i) { // stored once, as PyTorch's safetensors do it: the file's metadata says who shares
      aliases[pairs++] = t.name, aliases[pairs++] = model.plan->state[l.storage].tensor.name;
      continue;
    }
    void *data = state->data[i];
    if (copied(*state, i)) {
      TENON_TRY(readEntry(*state, i, next));
      data = next, next += l.bytes;
    }
    arrays[count++] = {t.name, {data, l.type, t.rank, t.shape}};
  }
  return writeSafetensors(path, arrays.data(), count, aliases.data());
}

namespace {
constexpr uint32_t absent = UINT32_MAX;

struct Loader {
  tenon_state &state;
  const char *path;
  SafetensorsReader file;
  Array<uint32_t> source; // entry -> the file's tensor, or absent
  Array<char> data;

  // Pairs the file's tensors with entries; what has no partner is an error that names the first few.
  tenon_status pair() {
    const tenon_model &model = *state.model;
    if (!source.allocate(model.plan->n_state))
      return outOfMemory();
    for (uint32_t &s : source)
      s = absent;
    Text extra, missing;
    unsigned extras = 0, misses = 0;
    for (uint32_t i = 0; i < file.count(); ++i) {
      uint32_t entry;
      if (tenon_state_find(&model, file.name(i), &entry) == TENON_OK)
        source[entry] = i;
      else if (++extras <= 5)
        extra.add("%s%s", extras > 1 ? ", " : "", file.name(i));
    }
    for (uint32_t i = 0; i < model.plan->n_state; ++i) {
      uint32_t &owner = source[model.layouts[i].storage];
      owner = owner == absent ? source[i] : owner; // an alias stands in for its owner
    }
    for (uint32_t i = 0; i < model.plan->n_state; ++i)
      if (source[model.layouts[i].storage] == absent && ++misses <= 5)
        missing.add("%s%s", misses > 1 ? ", " : "", model.plan->state[i].tensor.name);
    if (extras || misses)
      return fail(TENON_ERROR_ARGUMENT, "%s: does not fit the model:%s%s%s%s%s%s", path, misses ? " missing " : "", missing.c_str(),
                  misses > 5 ? " and others" : "", extras ? (misses ? "; unknown " : " unknown ") : "", extra.c_str(), extras > 5 ? " and others" : "");
    return TENON_OK;
  }

  tenon_status checkShape(uint32_t entry) const {
    const tenon_tensor &t = state.model->plan->state[entry].tensor;
    const StoredTensor &s = file.tensor(source[entry]);
    bool same = s.type == state.model->layouts[entry].type && s.rank == t.rank;
    for (uint32_t d = 0; same && d < t.rank; ++d)
      same = s.shape[d] == t.shape[d];
    if (same)
      return TENON_OK;
    Text came;
    came.add("%s[", tenon_type_name(s.type));
    for (uint32_t d = 0; d < s.rank; ++d)
      came.add("%s%lld", d ? "," : "", (long long)s.shape[d]);
    return fail(TENON_ERROR_ARGUMENT, "%s: %s is %s], the model has %s", path, t.name, came.c_str(), state.model->texts[entry]);
  }

  const char *bytes(uint32_t entry) const { return data.data() + file.tensor(source[entry]).begin; }

  tenon_status load() {
    const tenon_model &model = *state.model;
    TENON_TRY(file.open(path));
    TENON_TRY(pair());
    for (uint32_t i = 0; i < model.plan->n_state; ++i)
      if (source[i] != absent)
        TENON_TRY(checkShape(i));
    if (!data.allocate(file.dataBytes()))
      return outOfMemory();
    TENON_TRY(file.read(data.data(), 0, file.dataBytes()));
    for (uint32_t i = 0; i < model.plan->n_state; ++i) {
      uint32_t owner = model.layouts[i].storage;
      if (source[i] != absent && owner != i && memcmp(bytes(i), bytes(owner), model.layouts[i].bytes))
        return fail(TENON_ERROR_ARGUMENT, "%s: %s and %s share their storage, but their values differ", path, model.plan->state[i].tensor.name,
                    model.plan->state[owner].tensor.name);
    }
    for (uint32_t i = 0; i < model.plan->n_state; ++i) // nothing but a GPU can fail from here on
      if (model.layouts[i].storage == i)
        TENON_TRY(writeEntry(state, i, bytes(i)));
    return TENON_OK;
  }
};
} // namespace

tenon_status tenon_state_load(tenon_state *state, const char *path) {
  if (!state || !path)
    return fail(TENON_ERROR_ARGUMENT, "tenon_state_load: state or path is NULL");
  return Loader{*state, path, {}, {}, {}}.load();
}
