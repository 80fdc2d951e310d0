// States on GPUs: what the CPU's copies do, through the driver.
#include "runtime/cuda/state.h"

namespace tenon::rt::cuda {

tenon_status openState(const tenon_model &model, uint32_t ordinal, StateMemory *&memory) {
  if (!model.cuda)
    return fail(TENON_ERROR_DEVICE, "CUDA: the artifact has no code for GPUs: compile it with --target=cuda");
  Device *device;
  TENON_TRY(openDevice(ordinal, device));
  const tenon_image *image;
  TENON_TRY(chooseImage(*model.cuda, *device, image));
  StateMemory *made = create<StateMemory>();
  if (!made)
    return outOfMemory();
  made->device = device;
  memory = made;
  return TENON_OK;
}

void closeState(StateMemory *memory) { destroy(memory); }

tenon_status allocateState(const tenon_model &model, StateMemory &m, uint64_t bytes, char *&block) {
  Current current(*m.device);
  TENON_TRY(current.check());
  TENON_TRY(withNeeds(model, m.memory.allocate(*m.device, bytes, "the state")));
  block = reinterpret_cast<char *>(m.memory.address());
  const Driver &driver = *m.device->driver;
  TENON_CUDA(driver, "the state cannot be cleared", setAsync(m.memory.address(), 0, m.memory.bytes(), nullptr));
  TENON_CUDA(driver, "the state cannot be cleared", streamSynchronize(nullptr));
  return TENON_OK;
}

tenon_status lostState(const StateMemory &m) {
  return fail(TENON_ERROR_DEVICE, "CUDA: the state was lost when GPU %d (%s) failed in the middle of a step: make another, and load what was saved", m.device->ordinal, m.device->name);
}

tenon_status writeEntry(tenon_state &state, uint32_t entry, const void *tensor) {
  const tenon_entry_layout &l = state.layouts()[entry];
  const StateMemory &m = *state.gpu;
  if (state.lost)
    return lostState(m);
  Array<char> panels;
  if (l.panel) {
    if (!panels.allocate(l.stored))
      return outOfMemory();
    copyIn(l, panels.data(), tensor);
    tensor = panels.data();
  }
  Current current(*m.device);
  TENON_TRY(current.check());
  if (l.stored)
    TENON_CUDA(*m.device->driver, "a state entry cannot be written", upload(reinterpret_cast<Address>(state.at(entry)), tensor, l.stored));
  // From pageable memory the call comes back before the bytes have arrived, and streams of runs do not wait for them.
  TENON_CUDA(*m.device->driver, "a state entry cannot be written", streamSynchronize(nullptr));
  return TENON_OK;
}

tenon_status readEntry(const tenon_state &state, uint32_t entry, void *tensor) {
  const tenon_entry_layout &l = state.layouts()[entry];
  const StateMemory &m = *state.gpu;
  if (state.lost)
    return lostState(m);
  Array<char> panels;
  if (l.panel && !panels.allocate(l.stored))
    return outOfMemory();
  Current current(*m.device);
  TENON_TRY(current.check());
  if (l.stored)
    TENON_CUDA(*m.device->driver, "a state entry cannot be read", download(l.panel ? panels.data() : tensor, reinterpret_cast<Address>(state.at(entry)), l.stored));
  if (l.panel)
    copyOut(l, panels.data(), tensor);
  return TENON_OK;
}

tenon_status checkBinding(const StateMemory &m, const char *name, const void *data, uint64_t bytes) {
  const Driver &driver = *m.device->driver;
  Current current(*m.device);
  TENON_TRY(current.check());
  Address address = reinterpret_cast<Address>(data), begin = 0;
  unsigned kind = 0;
  int ordinal = -1;
  if (driver.pointerAttribute(&kind, 2, address) || kind != 2) // MEMORY_TYPE: DEVICE
    return fail(TENON_ERROR_ARGUMENT, "tenon_state_bind: the state is on GPU %d, the memory for %s is not a GPU's", m.device->ordinal, name);
  if (driver.pointerAttribute(&ordinal, 9, address) || ordinal != m.device->handle) // DEVICE_ORDINAL
    return fail(TENON_ERROR_ARGUMENT, "tenon_state_bind: the state is on GPU %d, the memory for %s on GPU %d", m.device->ordinal, name, ordinal);
  size_t size = 0;
  TENON_CUDA(driver, "an address cannot be looked up", addressRange(&begin, &size, address));
  if (address - begin > size || bytes > size - (address - begin))
    return fail(TENON_ERROR_ARGUMENT, "tenon_state_bind: %s needs %llu bytes, the memory has %llu", name, (unsigned long long)bytes, (unsigned long long)(size - (address - begin)));
  return TENON_OK;
}

} // namespace tenon::rt::cuda
