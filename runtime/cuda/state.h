// A state in a GPU's memory.
#pragma once
#include "runtime/cuda/device.h"
#include "runtime/state.h"

namespace tenon::rt::cuda {

/// One allocation, all entries.
struct StateMemory {
  const Device *device = nullptr;
  Memory memory;
};

/// Opens GPU `ordinal` for a state of this model, which must have code for it.
tenon_status openState(const tenon_model &model, uint32_t ordinal, StateMemory *&memory);
/// Zeroed; `block` is its address.
tenon_status allocateState(const tenon_model &model, StateMemory &memory, uint64_t bytes, char *&block);
void closeState(StateMemory *memory);

tenon_status writeEntry(tenon_state &state, uint32_t entry, const void *tensor);
tenon_status readEntry(const tenon_state &state, uint32_t entry, void *tensor);
/// Whether [data, data + bytes) is memory of the state's GPU.
tenon_status checkBinding(const StateMemory &memory, const char *name, const void *data, uint64_t bytes);
/// "the state was lost".
tenon_status lostState(const StateMemory &memory);

} // namespace tenon::rt::cuda
