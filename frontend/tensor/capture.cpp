// Notes of a recording, and undoing it.
#include "frontend/tensor/capture.h"

namespace tenon {
namespace detail {

Capture *current_recording() {
  auto *trace = current_capture();
  return trace ? trace->recording : nullptr;
}

void note_change(Trace &trace, const ImplPtr &slot) {
  if (!trace.recording || slot->trace.get() == &trace)
    return;
  auto &r = *trace.recording;
  if (r.change_of.try_emplace(slot.get(), uint32_t(r.changes.size())).second)
    r.changes.push_back({slot, slot->storage, slot->trace, slot->value, slot->requires_grad, slot->leaf});
}

void note_grad(const ImplPtr &leaf, bool reset) {
  auto *r = current_recording();
  if (!r)
    return;
  auto [at, fresh] = r->grad_of.try_emplace(leaf.get(), uint32_t(r->grads.size()));
  if (fresh)
    r->grads.push_back({leaf, leaf->grad, reset});
  else if (auto &note = r->grads[at->second]; !leaf->grad.defined() && note.grad.defined())
    note.reset = true; // through mutable_grad()
}

void Capture::undo() {
  for (auto &c : changes) {
    c.slot->unlink();
    c.slot->trace = c.trace;
    c.slot->value = c.value;
    c.slot->storage = c.storage;
    c.slot->requires_grad = c.requires_grad;
    c.slot->leaf = c.leaf;
    ++c.slot->version;
  }
  for (auto &g : grads)
    g.leaf->grad = g.grad;
}

} // namespace detail

namespace record {

using namespace detail;

bool is_capturing() { return current_capture() != nullptr; }

void guard(std::shared_ptr<const bool> flag, const char *what) {
  if (auto *r = current_recording()) {
    for (auto &f : r->flags)
      if (f.flag == flag)
        return;
    bool now = *flag;
    r->flags.push_back({std::move(flag), now, what});
  }
}

OutsideCapture::OutsideCapture() : capture_(current_capture()) { set_current_capture(nullptr); }
OutsideCapture::~OutsideCapture() { set_current_capture(static_cast<Trace *>(capture_)); }

} // namespace record
} // namespace tenon
