// A state: the values of a model's named tensors, in one block of memory.
#pragma once
#include "runtime/model.h"

struct tenon_state {
  tenon_model *model = nullptr;
  tenon::rt::Array<char *> own;  // each owning entry's place in the block
  tenon::rt::Array<char *> data; // where it is: there, or where the caller bound it
  char *block = nullptr;
  uint64_t version = 0; // unique among all states and bindings: contexts that saw it need not look again
  char *at(uint32_t entry) const { return data[model->layouts[entry].storage]; }
  ~tenon_state();
};

namespace tenon::rt {

/// Copies between the row-major tensor outside and the layout inside.
void copyIn(const tenon_entry_layout &layout, void *inside, const void *tensor);
void copyOut(const tenon_entry_layout &layout, const void *inside, void *tensor);

} // namespace tenon::rt
