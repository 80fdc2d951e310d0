// A state: the values of a model's named tensors, in one block of memory.
#pragma once
#include "runtime/model.h"

namespace tenon::rt::cuda {
struct StateMemory;
}

struct tenon_state {
  tenon_model *model = nullptr;
  tenon::rt::Array<char *> own;  // each owning entry's place in the block
  tenon::rt::Array<char *> data; // where it is: there, or where the caller bound it
  char *block = nullptr;
  tenon::rt::cuda::StateMemory *gpu = nullptr; // where it is on a GPU: addresses in own and data are the GPU's
  bool lost = false;                                // that GPU failed while it was written
  uint64_t version = 0; // unique among all states and bindings: contexts that saw it need not look again
  const tenon::rt::Array<tenon_entry_layout> &layouts() const { return gpu ? model->cudaLayouts : model->layouts; }
  char *at(uint32_t entry) const { return data[layouts()[entry].storage]; }
  ~tenon_state();
};

namespace tenon::rt {

/// Copies between the row-major tensor outside and the layout inside.
void copyIn(const tenon_entry_layout &layout, void *inside, const void *tensor);
void copyOut(const tenon_entry_layout &layout, const void *inside, void *tensor);

/// The same for an entry of a state, on whatever device it is.
tenon_status writeEntry(tenon_state &state, uint32_t entry, const void *tensor);
tenon_status readEntry(const tenon_state &state, uint32_t entry, void *tensor);

} // namespace tenon::rt
