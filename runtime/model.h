// A model: an opened artifact, counted by whoever uses it.
#pragma once
#include "runtime/artifact.h"
#include "runtime/expression.h"
#include "runtime/memory.h"

/// What the runtime works out about a state entry when the model is opened.
struct tenon_entry_layout {
  tenon_type type;
  uint32_t storage;        // the entry that owns the memory: itself, or the one it is an alias of
  uint64_t elements, bytes; // of the tensor
  uint64_t rows, columns;  // of the panels, if any
  uint64_t stored;         // bytes inside: with the padding of panels
  int32_t panel;           // the owner's
};

namespace tenon::rt::cuda {
struct Loaded;
}
namespace tenon::rt {
/// What an entry takes of a state's block: it has cache lines of its own.
inline uint64_t roomInState(uint64_t stored) { return (stored + 127) / 64 * 64; }
}

struct tenon_model {
  tenon::rt::Artifact artifact;
  const tenon_plan *plan = nullptr; // artifact.plan, once it is checked
  uint32_t references = 1;
  tenon::rt::Array<tenon_entry_layout> layouts; // of state
  // Code for GPUs, once it is checked: its plan's layouts, and what is loaded on devices.
  const tenon_cuda *cuda = nullptr;
  tenon::rt::Array<tenon_entry_layout> cudaLayouts;
  tenon::rt::cuda::Loaded *loaded = nullptr;
  tenon::rt::Array<uint32_t> byName;            // state entries in the order of their names
  // Descriptions as text, made when the model is opened: one for each tensor (state, then each function's inputs and outputs), one for
  // each function.
  tenon::rt::Array<char *> texts;
  tenon::rt::Array<uint32_t> tensorText; // function -> its first tensor's text
  ~tenon_model();

  void retain() { __atomic_add_fetch(&references, 1, __ATOMIC_RELAXED); }
  const char *functionText(uint32_t function) const { return texts[texts.size() - plan->n_functions + function]; }
};

namespace tenon::rt {

/// What a plan is for: its kernels are code in the library, or functions of images, or (`either`) nothing where there is another plan.
enum class Target { cpu, cuda, either };
/// Everything that the plan says, checked: pointers lie in the library, indices in their tables.
tenon_status validate(const char *path, const tenon_plan *plan, Target target);
/// The same for code for GPUs: its images, its plan, and that this one is over the state and functions of the artifact's own.
tenon_status validateCuda(const char *path, const tenon_plan &plan, const tenon_cuda *cuda);
/// The layouts of a plan's state.
tenon_status layOutState(const char *path, const tenon_plan &plan, Array<tenon_entry_layout> &layouts);
/// Fills byName.
tenon_status sortState(const char *path, tenon_model &model);
/// Checks the offsets of a function's arguments, its grids and its copies: those that are numbers, and with `sizes` all of them.
tenon_status validateSizes(const tenon_plan &plan, const Array<tenon_entry_layout> &layouts, const tenon_function &function, const Sizes *sizes);
/// Fills texts.
tenon_status describe(tenon_model &model);

class Text;
/// Writes "float32[batch,784]".
void describeTensor(const tenon_plan &plan, const tenon_tensor &tensor, Text &text);
/// Elements of a tensor whose sizes have values; false if one has none, or there are too many to address.
bool countElements(const tenon_tensor &tensor, const Sizes *sizes, uint64_t &elements);
bool countBytes(const tenon_tensor &tensor, const Sizes *sizes, uint64_t &bytes);

/// Binds the symbols in `sizes` (allocated) to the shapes of these inputs, which the function must take.
tenon_status matchFunction(const tenon_plan &plan, uint32_t function, const tenon_array *inputs, size_t count, Sizes &sizes);

} // namespace tenon::rt
