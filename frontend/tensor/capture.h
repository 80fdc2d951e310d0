// What a compiled function notes while its body is recorded: what it depends on, and how to undo what was written.
#pragma once
#include "frontend/tensor/trace.h"

namespace tenon::detail {

struct Capture {
  /// A slot that is older than the recording, as it was before its first write.
  struct Change {
    ImplPtr slot;
    StoragePtr storage;
    std::shared_ptr<Trace> trace;
    Number value;
    bool requires_grad, leaf;
  };
  /// A .grad as it was before.
  struct GradChange {
    ImplPtr leaf;
    Tensor grad;
    bool reset = false; // set to none inside before anything was added to it: what it was before does not matter
  };
  struct Flag {
    std::shared_ptr<const bool> flag;
    bool expected;
    std::string what;
  };
  std::vector<Change> changes;
  std::vector<GradChange> grads;
  std::vector<Flag> flags;
  llvm::DenseMap<const TensorImpl *, uint32_t> change_of, grad_of;
  // The generator: what was read at the start, and how far it has moved.
  Tensor seed, counter;
  int64_t drawn = 0;

  void undo();
};

/// Before a slot is written, or its .grad replaced.
void note_change(Trace &trace, const ImplPtr &slot);
void note_grad(const ImplPtr &leaf, bool reset = false);
/// Ends the drawing of random numbers: the generator moves on by what was drawn (random.cpp).
void finish_draws(Capture &recording, Location loc);
/// Of the recording of this thread; null in define-by-run.
Capture *current_recording();

} // namespace tenon::detail
